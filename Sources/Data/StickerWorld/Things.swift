// The things without a life of their own, layer by layer from back to front. Every thing is drawn
// in the unit disc, y down: (0, −1) is its top, (1, 0) its right-hand edge.

extension Colour {
  /// The colour in the light, itself, in the shade, and as a line of ink.
  var tones: Tones {
    switch self {
    case .red: Tones(0xFF7A6A, 0xEE2F3C, 0xB81840, 0x6A0A30)
    case .orange: Tones(0xFFB658, 0xFF8516, 0xE2620C, 0x86300A)
    case .yellow: Tones(0xFFF38E, 0xFFDC30, 0xEDB51A, 0x8A5C08)
    case .green: Tones(0x92E06A, 0x3CB550, 0x1A8258, 0x0A4A40)
    case .blue: Tones(0x70B8FF, 0x2C76EA, 0x2048B4, 0x14246C)
    case .purple: Tones(0xC090FA, 0x8E4AD6, 0x602CA4, 0x341464)
    case .pink: Tones(0xFFC0DA, 0xFF84B8, 0xE44E94, 0x8A2058)
    case .white: Tones(0xFFFFFF, 0xFAFBFF, 0xB8C8EA, 0x44538A)
    }
  }
}

extension Thing {
  /// The layers of the thing, from back to front.
  var layers: [Layer] { Self.drawings[index] }

  private static let drawings: [[Layer]] = allCases.map { thing in
    switch thing {
    case .star: Drawing.star
    case .heart: Drawing.heart
    case .moon: Drawing.moon
    case .house: Drawing.house
    case .tree: Drawing.tree
    case .fish: Drawing.fish
    case .mushroom: Drawing.mushroom
    case .flower: Drawing.flower
    case .boat: Drawing.boat
    case .rocket: Drawing.rocket
    case .ball: Drawing.ball
    case .cat: Drawing.cat
    case .penguin: Drawing.penguin
    case .ghost: Drawing.ghost
    }
  }
}

/// The layers of every thing.
enum Drawing {
  static let star =
    [
      part(pointedStar(0, 0.06, points: 5, outer: 1.04, inner: 0.46, corner: 0.14), .own),
      detail(capsule(-0.1, -0.5, -0.02, -0.66, 0.05), .shine, opacity: 0.7),
    ] + face(y: 0.06, eyes: 0.22, size: 0.1, cheeks: 0.43)

  static let heart = [
    part(
      circle(0.44, -0.28, 0.44).mirrored()
        .union(
          polygon([
            (0, 0.8), (0.755, 0.028), (0.44, -0.28), (0, -0.3), (-0.44, -0.28), (-0.755, 0.028),
          ])
        ).grown(0.1), .own),
    detail(ellipse(0, 0, 0.2, 0.11).turned(-35).moved(-0.52, -0.42), .shine, opacity: 0.75),
    detail(circle(-0.74, -0.16, 0.065), .shine, opacity: 0.65),
  ]

  static let moon = [
    part(crescent(outer: 0.98, inner: 0.76, shift: 0.56).turned(-24).moved(0.12, 0), .own),
    inset(circle(-0.14, -0.72, 0.1), .shaded),
    inset(circle(-0.1, 0.66, 0.13), .shaded),
    detail(smile(-0.6, -0.16, radius: 0.16, angle: 75, 0.05), .ink),
    detail(smile(-0.38, 0.14, radius: 0.11, angle: 65, 0.04), .ink),
    detail(circle(-0.62, 0.2, 0.12), .blush),
  ]

  static let house = [
    part(rectangle(0.5, -0.56, 0.14, 0.3), .shaded),
    part(rectangle(0, 0.36, 0.68, 0.54, corner: 0.06), .own),
    part(polygon([(0, -0.84), (0.88, -0.08), (-0.88, -0.08)], corner: 0.1), .shaded),
    inset(circle(0, -0.38, 0.15), .lamp),
    inset(rectangle(-0.28, 0.54, 0.2, 0.36, corner: 0.14), .wood),
    detail(circle(-0.17, 0.58, 0.05), .lamp),
    inset(rectangle(0.3, 0.36, 0.22, 0.22, corner: 0.04), .lamp),
    detail(rectangle(0.3, 0.36, 0.03, 0.22), .wood),
    detail(rectangle(0.3, 0.36, 0.22, 0.03), .wood),
  ]

  static let tree = [
    part(rectangle(0, 0.82, 0.17, 0.2, corner: 0.03), .wood),
    part(polygon([(0, -0.1), (0.74, 0.58), (-0.74, 0.58)], corner: 0.1), .own),
    part(polygon([(0, -0.5), (0.62, 0.14), (-0.62, 0.14)], corner: 0.1), .own),
    part(polygon([(0, -0.92), (0.48, -0.28), (-0.48, -0.28)], corner: 0.1), .own),
  ]

  static let fish = [
    part(
      polygon([(0.36, 0), (0.88, -0.48), (0.74, 0), (0.88, 0.48)], corner: 0.09), .shaded),
    part(polygon([(-0.36, -0.36), (0.14, -0.7), (0.34, -0.28)], corner: 0.08), .shaded),
    part(ellipse(-0.16, 0.04, 0.78, 0.55), .own),
    detail(ellipse(-0.14, 0.36, 0.46, 0.16), .tinted, opacity: 0.8),
    inset(
      polygon([(0.02, 0.06), (0.28, -0.12), (0.24, 0.06), (0.28, 0.26)], corner: 0.05), .shaded),
    inset(circle(-0.5, -0.1, 0.18), .white),
    detail(circle(-0.54, -0.09, 0.11), .black),
    detail(circle(-0.58, -0.14, 0.045), .white),
    detail(smile(-0.74, 0.16, radius: 0.12, angle: 60, 0.035), .ink),
    detail(circle(-0.4, 0.22, 0.09), .blush),
  ]

  static let mushroom =
    [
      part(
        polygon([(-0.2, 0.0), (0.2, 0.0), (0.28, 0.74), (-0.28, 0.74)], corner: 0.18), .cream),
      part(
        ellipse(0, 0.02, 0.98, 0.94).within(rectangle(0, -0.44, 1, 0.54, corner: 0.08)), .own),
      detail(ellipse(0.06, -0.56, 0.24, 0.18), .contrast),
      detail(ellipse(-0.54, -0.24, 0.18, 0.17), .contrast),
      detail(ellipse(0.62, -0.2, 0.16, 0.15), .contrast),
      detail(ellipse(0.06, -0.08, 0.12, 0.08), .contrast),
    ] + face(y: 0.42, eyes: 0.16, size: 0.085, cheeks: 0.32)

  static let flower =
    [
      part(capsule(0, 0.2, 0, 0.94, 0.07), .leaf),
      part(ellipse(0.3, 0, 0.3, 0.13).turned(-25).moved(0, 0.86), .leaf),
      part(ellipse(-0.3, 0, 0.28, 0.12).turned(25).moved(0, 0.92), .leaf),
    ]
    + (0..<6).map { i in
      part(ellipse(0, -0.45, 0.27, 0.3).turned(Float(i) * 60).moved(0, -0.28), .own)
    }
    + [part(circle(0, -0.28, 0.37), .gold)]
    + face(y: -0.34, eyes: 0.15, size: 0.09, cheeks: nil)

  static let boat = [
    part(capsule(0, -0.9, 0, 0.4, 0.05), .wood),
    part(polygon([(0.14, -0.76), (0.7, 0.18), (0.14, 0.18)], corner: 0.06), .cream),
    part(polygon([(-0.14, -0.5), (-0.14, 0.18), (-0.56, 0.18)], corner: 0.06), .own),
    part(
      polygon([(-0.86, 0.42), (0.86, 0.42), (0.52, 0.84), (-0.52, 0.84)], corner: 0.08), .own),
    detail(rectangle(0, 0.54, 0.76, 0.05), .contrast),
  ]

  static let rocket = [
    part(polygon([(0.17, 0.66), (0, 0.96), (-0.17, 0.66)], corner: 0.08), .flame),
    part(
      polygon([(0.36, 0.08), (0.74, 0.46), (0.68, 0.76), (0.3, 0.56)], corner: 0.06).mirrored(),
      .shaded),
    part(
      circle(-0.64, 0.08, 1.18).within(circle(0.64, 0.08, 1.18))
        .within(rectangle(0, -0.34, 1, 1)), .own),
    inset(circle(0, -0.18, 0.22), .glass),
    detail(circle(-0.07, -0.25, 0.065), .shine),
  ]

  static let ball =
    [part(circle(0, 0, 0.92), .own)]
    + (0..<3).map { i in
      let spread = { (turn: Float) -> (Float, Float) in
        (-0.18 + 2 * sine(turn), -0.26 - 2 * sine(turn + 90))
      }
      let from = Float(i) * 120 + 15
      return inset(
        polygon([(-0.18, -0.26), spread(from), spread(from + 60)]).within(circle(0, 0, 0.92)),
        .contrast)
    }
    + [
      inset(circle(-0.18, -0.26, 0.16), .own),
      detail(ellipse(0, 0, 0.2, 0.1).turned(-40).moved(-0.5, -0.56), .shine, opacity: 0.7),
    ]
}
