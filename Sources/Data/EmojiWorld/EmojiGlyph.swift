// A glyph of the font as a picture with see-through parts, laid over a ground at any size.

import Images
import PictureFiles

/// A rectangle of pixels that is laid over a picture.
package struct EmojiLayer: Sendable {
  /// The upper left corner in the picture.
  package let left, top: Int
  /// In pixels.
  package let width, height: Int
  /// Red, green and blue times alpha, and alpha, 0 … 1, [height, width, 4].
  package fileprivate(set) var pixels: [Float]
}

/// The picture of a thing, without the empty margin that the font leaves around it.
struct EmojiGlyph: Sendable {
  private let width, height: Int
  /// Red, green and blue times alpha, and alpha, 0 … 1, [height, width, 4].
  private let pixels: [Float]

  /// Throws an `EmojiFontError` if the font lacks the thing, or its glyph is damaged or empty.
  init(_ thing: EmojiThing, _ font: ColourFont) throws(EmojiFontError) {
    let path = font.path
    guard let png = try font.png(of: thing.character) else {
      throw .lacks(file: path, thing: "\(thing.character) (\(thing.name))")
    }
    // Width and height stand at a fixed place. A font's bitmaps are small; a hostile one's would fill
    // the memory.
    let sides = [16, 20].map { at in
      png.count < 24 ? 0 : png[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    guard sides.allSatisfy({ (1...1024).contains($0) }) else {
      throw .damaged(
        file: path, reason: "the glyph of \(thing.name) has \(sides[0])×\(sides[1]) pixels")
    }
    let samples: PNGSamples
    do {
      samples = try PNGSamples(data: png, name: thing.name)
    } catch {
      throw .damaged(file: path, reason: error.description)
    }
    let (w, values) = (samples.width, samples.values)
    let seen = (0..<w * samples.height).filter { values[4 * $0 + 3] > 2570 }  // alpha above 4 %
    guard let first = seen.first, let last = seen.last, let left = seen.map({ $0 % w }).min(),
      let right = seen.map({ $0 % w }).max()
    else { throw .damaged(file: path, reason: "the glyph for \(thing.name) is empty") }
    let (top, bottom) = (first / w, last / w)
    width = right - left + 1
    height = bottom - top + 1
    pixels = (top...bottom).flatMap { y in
      (left...right).flatMap { x -> [Float] in
        let place = 4 * (y * w + x)
        let alpha = Float(values[place + 3]) / 65535
        return (0..<3).map { Float(values[place + $0]) / 65535 * alpha } + [alpha]
      }
    }
  }

  /// Lays it over an image, its middle at (x, y) and its longer side `side` pixels long.
  func draw(on image: inout Image, x: Double, y: Double, side: Double) {
    let layer = layer(x: x, y: y, side: side, size: image.width)
    for row in 0..<layer.height {
      for column in 0..<layer.width {
        let place = 4 * (row * layer.width + column)
        let own = layer.pixels[place..<place + 4]
        let below = image[layer.left + column, layer.top + row]
        func over(_ channel: Int, _ ground: UInt8) -> UInt8 {
          let value = 255 * own[place + channel] + Float(ground) * (1 - own[place + 3])
          return UInt8(min(max(value.rounded(), 0), 255))
        }
        image[layer.left + column, layer.top + row] = (
          over(0, below.0), over(1, below.1), over(2, below.2)
        )
      }
    }
  }

  /// What it adds to an image of `size`×`size` pixels, its middle at (x, y) and its longer side `side`
  /// pixels long. A pixel of the image takes the mean of what it covers.
  func layer(x: Double, y: Double, side: Double, size: Int) -> EmojiLayer {
    let scale = side / Double(max(width, height))
    let columns = Self.covered(Double(width), x, scale, size)
    let rows = Self.covered(Double(height), y, scale, size)
    var layer = EmojiLayer(
      left: columns.first?.pixel ?? 0, top: rows.first?.pixel ?? 0, width: columns.count,
      height: rows.count, pixels: [])
    layer.pixels.reserveCapacity(4 * rows.count * columns.count)
    for (_, ys) in rows {
      for (_, xs) in columns {
        var sum = SIMD4<Float>.zero
        for (i, a) in ys {
          for (j, b) in xs {
            let place = 4 * (i * width + j)
            sum +=
              a * b
              * SIMD4(pixels[place], pixels[place + 1], pixels[place + 2], pixels[place + 3])
          }
        }
        layer.pixels += [sum.x, sum.y, sum.z, sum.w]
      }
    }
    return layer
  }

  /// For each pixel of an axis of the image that the glyph touches: the glyph's pixels under it, each
  /// with its share of the image's pixel.
  private static func covered(
    _ length: Double, _ middle: Double, _ scale: Double, _ limit: Int
  ) -> [(pixel: Int, parts: [(Int, Float)])] {
    let start = middle - length * scale / 2
    let (low, high) = (
      max(Int(start.rounded(.down)), 0), min(Int((start + length * scale).rounded(.up)), limit)
    )
    guard low < high else { return [] }
    return (low..<high).map { pixel in
      let from = max((Double(pixel) - start) / scale, 0)
      let to = min((Double(pixel + 1) - start) / scale, length)
      let parts = stride(from: from.rounded(.down), to: to, by: 1).map { i in
        (Int(i), Float((min(i + 1, to) - max(i, from)) * scale))
      }
      return (pixel, parts)
    }
  }
}
