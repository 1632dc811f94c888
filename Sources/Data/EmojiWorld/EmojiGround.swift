// What stands behind the things: two colours that blend into one another.

import Images

extension EmojiScene.Ground {
  /// Its colours at the top and at the bottom.
  package var colours: (above: Image.Color, below: Image.Color) {
    switch self {
    case .white: ((255, 255, 255), (238, 238, 240))
    case .pink: ((255, 214, 226), (250, 178, 202))
    case .yellow: ((255, 240, 170), (250, 214, 110))
    case .sky: ((110, 180, 245), (206, 232, 252))
    case .grass: ((176, 222, 120), (96, 168, 72))
    case .night: ((14, 16, 46), (52, 46, 104))
    }
  }

  /// The ground as a picture of `size`×`size` pixels.
  func image(size: Int) -> Image {
    var image = Image(width: size, height: size)
    let (a, b) = colours
    for y in 0..<size {
      let t = (Float(y) + 0.5) / Float(size)
      func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
        UInt8((Float(a) + t * (Float(b) - Float(a))).rounded())
      }
      let colour = (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
      for x in 0..<size { image[x, y] = colour }
    }
    return image
  }
}
