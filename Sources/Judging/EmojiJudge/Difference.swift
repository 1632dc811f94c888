// What a picture differs from its ground by, and what a thing adds to it.

import EmojiWorld
import Images

/// What a picture differs from its ground by.
struct Difference: Sendable {
  let size: Int
  /// The ground's colour, 0 … 1.
  let ground: SIMD3<Float>
  private var pixels: [SIMD3<Float>]

  init(_ picture: Image, _ ground: EmojiScene.Ground) {
    let size = picture.width
    self.size = size
    let colour = ground.vector
    self.ground = colour
    pixels = (0..<size * size).map { picture.colour($0 % size, $0 / size) - colour }
  }

  subscript(x: Int, y: Int) -> SIMD3<Float> { pixels[y * size + x] }

  /// The same, each pixel mixed with its neighbours: ¼, ½, ¼ in both directions.
  var softened: Difference {
    var result = self
    result.pixels = softening(pixels, width: size)
    return result
  }

  /// For each pixel of a softened layer, and one pixel around it, what it adds to the ground, what is
  /// seen there, and its opacity. The picture is softened already.
  func forEach(
    in layer: EmojiLayer,
    _ body: (_ adds: SIMD3<Float>, _ seen: SIMD3<Float>, _ alpha: Float) -> Void
  ) {
    let width = layer.width + 2
    var adds = [SIMD4<Float>](repeating: .zero, count: width * (layer.height + 2))
    for row in 0..<layer.height {
      for column in 0..<layer.width {
        let at = 4 * (row * layer.width + column)
        let own = SIMD3(layer.pixels[at], layer.pixels[at + 1], layer.pixels[at + 2])
        let alpha = layer.pixels[at + 3]
        adds[(row + 1) * width + column + 1] = SIMD4(own - alpha * ground, alpha)
      }
    }
    adds = softening(adds, width: width)
    for row in 0..<layer.height + 2 {
      for column in 0..<width {
        let (x, y) = (layer.left + column - 1, layer.top + row - 1)
        guard (0..<size).contains(x), (0..<size).contains(y) else { continue }
        let own = adds[row * width + column]
        body(SIMD3(own.x, own.y, own.z), self[x, y], own.w)
      }
    }
  }

  /// Takes a layer away, so that the bare ground is left where it was.
  mutating func remove(_ layer: EmojiLayer) {
    for row in 0..<layer.height {
      for column in 0..<layer.width {
        let alpha = layer.pixels[4 * (row * layer.width + column) + 3]
        pixels[(layer.top + row) * size + layer.left + column] *= 1 - alpha
      }
    }
  }

  /// The ground that most pixels are like.
  static func ground(of picture: Image) -> EmojiScene.Ground {
    func distance(_ ground: EmojiScene.Ground) -> Float {
      let colour = ground.vector
      return (0..<picture.width * picture.height).reduce(0) { sum, i in
        let difference = picture.colour(i % picture.width, i / picture.width) - colour
        // Whatever is far from it is a thing, or another ground.
        return sum + min((difference * difference).sum(), 0.03)
      }
    }
    return EmojiScene.Ground.allCases.min { distance($0) < distance($1) } ?? .white
  }
}

extension EmojiScene.Ground {
  /// Red, green and blue, 0 … 1.
  var vector: SIMD3<Float> {
    SIMD3(Float(colour.0), Float(colour.1), Float(colour.2)) / 255
  }
}

extension Image {
  /// Red, green and blue, 0 … 1.
  fileprivate func colour(_ x: Int, _ y: Int) -> SIMD3<Float> {
    let colour = self[x, y]
    return SIMD3(Float(colour.0), Float(colour.1), Float(colour.2)) / 255
  }
}

/// Rows of vectors, each mixed with its neighbours: ¼, ½, ¼ along rows and columns. Beyond the edge is
/// nothing.
private func softening<Pixel: SIMD>(_ pixels: [Pixel], width: Int) -> [Pixel]
where Pixel.Scalar == Float {
  func mixed(_ pixels: [Pixel], step: Int, isInside: (Int, Int) -> Bool) -> [Pixel] {
    pixels.indices.map { i in
      let before = isInside(i, i - step) ? pixels[i - step] : .zero
      let after = isInside(i, i + step) ? pixels[i + step] : .zero
      return 0.5 * pixels[i] + 0.25 * (before + after)
    }
  }
  let rows = mixed(pixels, step: 1) { i, j in j >= 0 && j / width == i / width }
  return mixed(rows, step: width) { _, j in pixels.indices.contains(j) }
}
