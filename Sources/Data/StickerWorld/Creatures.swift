// The creatures, which may wear accessories, and the accessories.

/// Two eyes with a glint `eyes` to the left and right of the middle, a smile between them, and
/// cheeks `cheeks` from the middle.
func face(y: Float, eyes: Float, size: Float, cheeks: Float?) -> [Layer] {
  let cheek = cheeks.map { detail(circle($0, y + 1.6 * size, 1.05 * size).mirrored(), .blush) }
  return (cheek.map { [$0] } ?? []) + [
    detail(ellipse(eyes, y, size, 1.25 * size).mirrored(), .black),
    detail(circle(-eyes - 0.3 * size, y - 0.45 * size, 0.42 * size), .shine),
    detail(circle(eyes - 0.3 * size, y - 0.45 * size, 0.42 * size), .shine),
    detail(smile(0, y + 0.9 * size, radius: 0.9 * size, angle: 75, 0.35 * size), .black),
  ]
}

extension Drawing {
  static let cat =
    [
      part(polygon([(0.26, -0.44), (0.7, -0.84), (0.8, 0.0)], corner: 0.08).mirrored(), .own),
      detail(polygon([(0.44, -0.42), (0.66, -0.64), (0.7, -0.3)], corner: 0.05).mirrored(), .rose),
      part(ellipse(0, 0.16, 0.92, 0.7), .own),
      detail(capsule(0, -0.5, 0, -0.28, 0.055), .shaded),
      detail(capsule(0.22, -0.46, 0.2, -0.3, 0.05).mirrored(), .shaded),
      detail(ellipse(0, 0.42, 0.34, 0.24), .tinted, opacity: 0.85),
      detail(circle(0.6, 0.34, 0.13).mirrored(), .blush),
      detail(ellipse(0.38, 0.08, 0.125, 0.16).mirrored(), .black),
      detail(circle(-0.42, 0.01, 0.05), .shine),
      detail(circle(0.34, 0.01, 0.05), .shine),
      detail(ellipse(0, 0.28, 0.09, 0.065), .rose),
      detail(smile(0.1, 0.38, radius: 0.1, angle: 80, 0.035).mirrored(), .black),
      detail(capsule(0.72, 0.3, 1.0, 0.22, 0.025).mirrored(), .ink),
      detail(capsule(0.72, 0.42, 1.0, 0.46, 0.025).mirrored(), .ink),
    ]

  static let penguin =
    [
      part(ellipse(0.3, 0.9, 0.24, 0.12).mirrored(), .beak),
      part(ellipse(0, 0, 0.18, 0.44).turned(22).moved(-0.66, 0.22), .shaded),
      part(ellipse(0, 0, 0.18, 0.44).turned(-22).moved(0.66, 0.22), .shaded),
      part(ellipse(0, -0.02, 0.68, 0.92), .own),
      detail(
        ellipse(0, 0.36, 0.48, 0.5).melted(with: circle(0.22, -0.26, 0.25).mirrored(), 0.1),
        .contrast),
      detail(ellipse(0.22, -0.3, 0.1, 0.125).mirrored(), .black),
      detail(circle(-0.25, -0.34, 0.045), .shine),
      detail(circle(0.19, -0.34, 0.045), .shine),
      detail(circle(0.38, -0.08, 0.1).mirrored(), .rose),
      inset(polygon([(-0.12, -0.16), (0.12, -0.16), (0, 0.02)], corner: 0.05), .beak),
    ]

  static let ghost =
    [
      part(ellipse(0.7, 0.18, 0.2, 0.14).mirrored(), .own),
      part(
        circle(0, -0.28, 0.66).union(
          rectangle(0, 0.2, 0.66, 0.5), circle(0.46, 0.68, 0.2).mirrored(), circle(0, 0.68, 0.2)),
        .own),
      detail(ellipse(0.25, -0.26, 0.11, 0.16).mirrored(), .black),
      detail(circle(-0.29, -0.32, 0.05), .shine),
      detail(circle(0.21, -0.32, 0.05), .shine),
      detail(circle(0.44, 0.0, 0.12).mirrored(), .blush),
      detail(ellipse(0, 0.06, 0.1, 0.12), .black),
    ]

  static let hat = [
    part(polygon([(-0.5, 0), (-0.6, -1.1), (0.6, -1.1), (0.5, 0)], corner: 0.08), .own),
    detail(polygon([(-0.55, -0.06), (-0.57, -0.34), (0.57, -0.34), (0.55, -0.06)]), .shaded),
    part(rectangle(0, 0.02, 1.0, 0.16, corner: 0.16), .own),
  ]

  static let bow = [
    part(polygon([(0.1, 0), (0.82, -0.5), (0.82, 0.5)], corner: 0.16).mirrored(), .own),
    part(circle(0, 0, 0.28), .shaded),
  ]
}

extension Accessory.Kind {
  /// The layers of the accessory on the head of `thing`.
  func layers(on thing: Thing) -> [Layer] {
    // The top of the head, and how large the accessory is there.
    let (x, y, scale): (Float, Float, Float) =
      switch (thing, self) {
      case (.cat, .hat): (0, -0.42, 0.56)
      case (.penguin, .hat), (.ghost, .hat): (0, -0.75, 0.54)
      case (_, .hat): (0, -0.7, 0.5)
      case (.cat, .bow): (0.62, -0.5, 0.42)
      case (_, .bow): (0.4, -0.72, 0.42)
      }
    return (self == .hat ? Drawing.hat : Drawing.bow).map { layer in
      var layer = layer
      layer.shape = layer.shape.scaled(scale).moved(x, y)
      return layer
    }
  }
}
