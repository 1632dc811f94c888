// From a scene and its layout to a picture.

import Images

extension Scene {
  /// The scene as a picture of `size`×`size` pixels, 8 … 256. A pure function: the same scene,
  /// layout and size give the same bytes on every machine.
  public func render(_ layout: Layout, size: Int = 64) -> Image {
    precondition((8...256).contains(size), "sizes are 8 … 256 pixels, got \(size)")
    precondition(
      layout.placements.count == stickers.count,
      "\(stickers.count) stickers need as many placements, got \(layout.placements.count)")
    var canvas = Canvas(size: size)
    canvas.paint(layout.background, details: layout.details)
    for (sticker, placement) in zip(stickers, layout.placements) {
      canvas.stick(layers(of: sticker), at: placement)
    }
    return canvas.image
  }

  /// The layers of a sticker and of what it wears, each with the tones of its own colour.
  private func layers(of sticker: Sticker) -> [(Layer, own: Tones)] {
    let body = sticker.thing.layers.map { ($0, own: sticker.colour.tones) }
    guard case .single(_, _, _, let accessory?) = arrangement else { return body }
    return body
      + accessory.kind.layers(on: sticker.thing).map { ($0, own: accessory.colour.tones) }
  }
}
