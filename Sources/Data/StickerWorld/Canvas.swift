// The renderer: draws gradients, shapes and stickers over each other into rows of pixels. Edges
// are smooth because a pixel's share of a shape follows from its distance to the edge.
//
// Everything that runs once per pixel is in this file, where the compiler can inline it.

import Images

/// Red, green and blue, 0 … 1.
typealias RGB = SIMD3<Float>

/// `a` with a share `t` of `b` mixed in.
@inline(__always)
func mix(_ a: RGB, _ b: RGB, _ t: Float) -> RGB { a + (b - a) * t }

/// The pixels of a square picture, and its coordinates in points, of which it is 64 wide.
struct Grid {
  let size: Int  // pixels
  let scale: Float  // pixels per point
  private let step: Float  // points per pixel

  init(size: Int) {
    self.size = size
    scale = Float(size) / 64
    step = 64 / Float(size)
  }

  /// The middle of pixel row or column `i` in points.
  func point(_ i: Int) -> Float { (Float(i) + 0.5) * step }

  /// The rows or columns of pixels that touch the points `from` … `to`.
  func pixels(_ from: Float, _ to: Float) -> Range<Int> {
    let low = max(0, min(Float(size), from * scale))
    return Int(low)..<Int(max(low, min(Float(size), to * scale + 1)))
  }

  /// The share of a pixel that lies inside an edge `distance` points away: 0 … 1.
  func coverage(_ distance: Float) -> Float { max(0, min(1, 0.5 - distance * scale)) }
}

/// A square picture that is being drawn. Lengths are in points.
struct Canvas {
  private let grid: Grid
  private var pixels: [RGB]  // [size, size]

  init(size: Int) {
    grid = Grid(size: size)
    pixels = Array(repeating: .zero, count: size * size)
  }

  /// The pixels rounded to 8 bits.
  var image: Image {
    var bytes = [UInt8](repeating: 0, count: 3 * pixels.count)
    for i in 0..<pixels.count {
      let c = pixels[i] * 255 + 0.5  // mixtures of colours in 0 … 1 stay there
      bytes[3 * i] = UInt8(c.x)
      bytes[3 * i + 1] = UInt8(c.y)
      bytes[3 * i + 2] = UInt8(c.z)
    }
    return Image(width: grid.size, height: grid.size, pixels: bytes)
  }

  // MARK: - Backgrounds

  /// Draws a gradient of colours 0xRRGGBB from height `top` to height `bottom`, and the lower colour
  /// below it.
  mutating func fill(from top: Float, _ upper: Int, to bottom: Float, _ lower: Int) {
    fill(below: { _ in top }, from: top, upper, to: bottom, lower)
  }

  /// The same, but only below the line y = `edge`(x).
  mutating func fill(
    below edge: (Float) -> Float, from top: Float, _ upper: Int, to bottom: Float, _ lower: Int
  ) {
    let edges = (0..<grid.size).map { edge(grid.point($0)) }
    for row in grid.pixels((edges.min() ?? 0) - 1, 64) {
      let y = grid.point(row)
      let colour = mix(rgb(upper), rgb(lower), max(0, min(1, (y - top) / (bottom - top))))
      for column in 0..<grid.size {
        let i = row * grid.size + column
        pixels[i] = mix(pixels[i], colour, grid.coverage(edges[column] - y))
      }
    }
  }

  /// Draws a flat shape, given in points, over the picture.
  mutating func blend(_ shape: Shape, _ colour: Int, _ opacity: Float = 1) {
    let colour = rgb(colour)
    let columns = grid.pixels(shape.box.left - 1, shape.box.right + 1)
    for row in grid.pixels(shape.box.top - 1, shape.box.bottom + 1) {
      for column in columns {
        let i = row * grid.size + column
        let distance = shape.distance(grid.point(column), grid.point(row))
        pixels[i] = mix(pixels[i], colour, opacity * grid.coverage(distance))
      }
    }
  }

  // MARK: - Stickers

  /// Draws a sticker over the picture: its shadow, its white border, then layer by layer. Each layer
  /// comes with the tones that stand for the sticker's own colour.
  mutating func stick(_ layers: [(Layer, own: Tones)], at place: Layout.Placement) {
    let border = 1.1 + 0.04 * place.radius
    let ink = 0.3 + 0.02 * place.radius
    let blur: Float = 2.5

    let frame = Frame(of: place, on: grid)

    // The distance of every pixel from the silhouette, the union of all parts, in points.
    var silhouette = [Float](repeating: .infinity, count: grid.size * grid.size)
    for (layer, _) in layers where layer.style == .part {
      let shape = layer.shape
      frame.visit(shape.box, margin: border + blur) { i, x, y in
        silhouette[i] = min(silhouette[i], shape.distance(x, y) * place.radius)
      }
    }
    castShadow(of: silhouette, border: border, blur: blur)
    for i in 0..<pixels.count {
      pixels[i] = mix(pixels[i], RGB(repeating: 1), grid.coverage(silhouette[i] - border))
    }

    for (layer, own) in layers {
      let shape = layer.shape
      let tones = layer.paint.tones(of: own)
      if layer.style == .detail {
        frame.visit(shape.box, margin: 1 / grid.scale) { i, x, y in
          let share = grid.coverage(shape.distance(x, y) * place.radius)
          pixels[i] = mix(pixels[i], tones.main, layer.opacity * share)
        }
      } else {
        let line = layer.style == .part ? ink : 0.7 * ink
        frame.visit(shape.box, margin: line + 1 / grid.scale) { i, x, y in
          let distance = shape.distance(x, y) * place.radius
          let inked = mix(pixels[i], tones.ink, grid.coverage(distance - line))
          pixels[i] = mix(inked, shade(tones, x, y, in: shape.box), grid.coverage(distance))
        }
      }
    }
  }

  /// Darkens the picture a little below and to the right of a sticker.
  private mutating func castShadow(of silhouette: [Float], border: Float, blur: Float) {
    let colour = rgb(0x1A1440)
    let right = Int(grid.scale.rounded())
    let down = Int((1.6 * grid.scale).rounded())
    for row in down..<grid.size {
      for column in right..<grid.size {
        let i = row * grid.size + column
        let distance = silhouette[i - down * grid.size - right] - border
        pixels[i] = mix(pixels[i], colour, 0.34 * max(0, min(1, 0.5 - distance / blur)))
      }
    }
  }
}

/// The tone of a part at (x, y): light falls from the upper left, as if it were slightly round.
@inline(__always)
private func shade(_ tones: Tones, _ x: Float, _ y: Float, in box: Box) -> RGB {
  let u = (2 * x - box.left - box.right) / (box.right - box.left)
  let v = (2 * y - box.top - box.bottom) / (box.bottom - box.top)
  let slope = 0.45 * u + 0.75 * v
  return slope < 0
    ? mix(tones.main, tones.light, min(1, -slope) * 0.6)
    : mix(tones.main, tones.dark, min(1, slope * slope) * 0.8)
}

/// Maps a thing, which is drawn in the unit disc, to its place on a grid.
private struct Frame {
  let grid: Grid
  let place: Layout.Placement
  let sinTilt, cosTilt: Float

  init(of place: Layout.Placement, on grid: Grid) {
    self.grid = grid
    self.place = place
    sinTilt = sine(place.tilt)
    cosTilt = sine(place.tilt + 90)
  }

  /// Calls `body` with the index of every pixel that `box` with a margin of some points may
  /// touch, and with its coordinates in the unit disc.
  @inline(__always)
  func visit(_ box: Box, margin: Float, _ body: (_ i: Int, _ x: Float, _ y: Float) -> Void) {
    // The middle and the half sides of the tilted box.
    let midX = (box.left + box.right) / 2 * place.radius
    let midY = (box.top + box.bottom) / 2 * place.radius
    let halfX = (box.right - box.left) / 2 * place.radius + margin
    let halfY = (box.bottom - box.top) / 2 * place.radius + margin
    let x = place.x + cosTilt * midX - sinTilt * midY
    let y = place.y + sinTilt * midX + cosTilt * midY
    let reachX = cosTilt * halfX + abs(sinTilt) * halfY
    let reachY = abs(sinTilt) * halfX + cosTilt * halfY

    let perRadius = 1 / place.radius
    let columns = grid.pixels(x - reachX, x + reachX)
    for row in grid.pixels(y - reachY, y + reachY) {
      let dy = (grid.point(row) - place.y) * perRadius
      for column in columns {
        let dx = (grid.point(column) - place.x) * perRadius
        body(row * grid.size + column, cosTilt * dx + sinTilt * dy, cosTilt * dy - sinTilt * dx)
      }
    }
  }
}
