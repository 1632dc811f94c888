// Shapes as functions. A signed distance field gives the distance of every point of the plane from
// the shape's edge: negative inside, positive outside. One such function gives everything that a
// sticker needs: its smooth edge (|d| below half a pixel), its white border (d below the border's
// width), its shadow (a slow fade over d).
//
// Coordinates are local: a thing lives in the unit disc, x to the right, y *down*. Only
// + − × ÷ and square roots are used, which IEEE 754 rounds alike on every machine.

/// The smallest upright rectangle known to hold a shape.
struct Box {
  var left, top, right, bottom: Float

  func union(_ other: Box) -> Box {
    Box(
      left: min(left, other.left), top: min(top, other.top),
      right: max(right, other.right), bottom: max(bottom, other.bottom))
  }

  /// Whether the point lies in the rectangle or less than `margin` outside it.
  func contains(_ x: Float, _ y: Float, margin: Float) -> Bool {
    x > left - margin && x < right + margin && y > top - margin && y < bottom + margin
  }
}

/// A shape: its signed distance at a point, and the rectangle that holds it.
struct Shape: Sendable {
  let box: Box
  let distance: @Sendable (_ x: Float, _ y: Float) -> Float
}

// MARK: - Primitives

func circle(_ cx: Float, _ cy: Float, _ r: Float) -> Shape {
  Shape(box: Box(left: cx - r, top: cy - r, right: cx + r, bottom: cy + r)) { x, y in
    length(x - cx, y - cy) - r
  }
}

/// An ellipse with half axes `rx` and `ry`. Its distance has no closed form; f / |∇f| with
/// f(p) = |p / r| − 1 is right near the edge, where it matters.
func ellipse(_ cx: Float, _ cy: Float, _ rx: Float, _ ry: Float) -> Shape {
  Shape(box: Box(left: cx - rx, top: cy - ry, right: cx + rx, bottom: cy + ry)) { px, py in
    let x = px - cx
    let y = py - cy
    let f = length(x / rx, y / ry)
    let slope = length(x / (rx * rx), y / (ry * ry))
    return slope > 0 ? f * (f - 1) / slope : -min(rx, ry)
  }
}

/// A rectangle around its centre, with half sides `hx` and `hy` and round corners.
func rectangle(_ cx: Float, _ cy: Float, _ hx: Float, _ hy: Float, corner: Float = 0) -> Shape {
  Shape(box: Box(left: cx - hx, top: cy - hy, right: cx + hx, bottom: cy + hy)) { x, y in
    let dx = abs(x - cx) - hx + corner
    let dy = abs(y - cy) - hy + corner
    return length(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - corner
  }
}

/// A line from (ax, ay) to (bx, by) with round ends, 2r thick.
func capsule(_ ax: Float, _ ay: Float, _ bx: Float, _ by: Float, _ r: Float) -> Shape {
  let bounds = Box(
    left: min(ax, bx) - r, top: min(ay, by) - r, right: max(ax, bx) + r, bottom: max(ay, by) + r)
  return Shape(box: bounds) { x, y in
    distanceToSegment(x - ax, y - ay, bx - ax, by - ay).squareRoot() - r
  }
}

/// The polygon through `points`, convex or not, its corners rounded outwards by `corner`.
func polygon(_ points: [(Float, Float)], corner: Float = 0) -> Shape {
  precondition(points.count > 2, "a polygon needs 3 points, got \(points.count)")
  let p = points.map { SIMD2($0.0, $0.1) }
  let bounds = Box(
    left: p.map { $0.x }.min()! - corner, top: p.map { $0.y }.min()! - corner,
    right: p.map { $0.x }.max()! + corner, bottom: p.map { $0.y }.max()! + corner)
  return Shape(box: bounds) { x, y in
    var nearest = Float.infinity
    var inside = false
    var a = p[p.count - 1]
    for b in p {
      nearest = min(nearest, distanceToSegment(x - a.x, y - a.y, b.x - a.x, b.y - a.y))
      // A ray to the right crosses the outline an odd number of times from the inside.
      if (a.y > y) != (b.y > y), x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x {
        inside.toggle()
      }
      a = b
    }
    return (inside ? -nearest.squareRoot() : nearest.squareRoot()) - corner
  }
}

/// A crescent: the circle of radius `outer` around 0 without the circle of radius `inner`
/// around (`shift`, 0). A plain subtraction would leave false edges beyond the horns, where the
/// tip of the horn is nearest, not the edge of a circle.
func crescent(outer: Float, inner: Float, shift: Float) -> Shape {
  let tipX = (outer * outer - inner * inner + shift * shift) / (2 * shift)
  let tipY = (outer * outer - tipX * tipX).squareRoot()
  return Shape(box: Box(left: -outer, top: -outer, right: tipX, bottom: outer)) { x, signed in
    let y = abs(signed)
    // Past the tip as seen from both centres: cross products with the rays through the tip.
    let past = x * tipY - y * tipX > 0 && (x - shift) * tipY - y * (tipX - shift) > 0
    if past { return length(x - tipX, y - tipY) }
    return max(length(x, y) - outer, inner - length(x - shift, y))
  }
}

/// A smile: the lowest part of a circle's line, `angle` (below 90) degrees to either side,
/// `2r` thick.
func smile(_ cx: Float, _ cy: Float, radius: Float, angle: Float, _ r: Float) -> Shape {
  let s = sine(angle)
  let c = sine(angle + 90)
  let bounds = Box(
    left: cx - radius * s - r, top: cy + radius * c - r,
    right: cx + radius * s + r, bottom: cy + radius + r)
  return Shape(box: bounds) { px, py in
    let x = abs(px - cx)
    let y = py - cy
    let isBelow = x * c < y * s  // between the rays to the smile's ends
    return (isBelow ? abs(length(x, y) - radius) : length(x - radius * s, y - radius * c)) - r
  }
}

/// A star with its points on the circle of radius `outer`, the first one up.
func pointedStar(
  _ cx: Float, _ cy: Float, points: Int, outer: Float, inner: Float, corner: Float = 0
) -> Shape {
  let step = 180 / Float(points)
  return polygon(
    (0..<2 * points).map { i in
      let r = i % 2 == 0 ? outer - corner : inner
      return (cx + r * sine(Float(i) * step), cy - r * sine(Float(i) * step + 90))
    }, corner: corner)
}

// MARK: - Combinations

extension Shape {
  func union(_ others: Shape...) -> Shape {
    others.reduce(self) { a, b in
      Shape(box: a.box.union(b.box)) { min(a.distance($0, $1), b.distance($0, $1)) }
    }
  }

  /// The union with the crease between the two filled in over a width of about `k`.
  func melted(with other: Shape, _ k: Float) -> Shape {
    Shape(box: box.union(other.box)) { [distance] x, y in
      let a = distance(x, y)
      let b = other.distance(x, y)
      let h = max(k - abs(a - b), 0)
      return min(a, b) - h * h / (4 * k)
    }
  }

  func within(_ other: Shape) -> Shape {
    Shape(box: box) { [distance] in max(distance($0, $1), other.distance($0, $1)) }
  }

  /// The shape with `k` more all around, which rounds its corners.
  func grown(_ k: Float) -> Shape {
    let bounds = Box(
      left: box.left - k, top: box.top - k, right: box.right + k, bottom: box.bottom + k)
    return Shape(box: bounds) { [distance] in distance($0, $1) - k }
  }

  /// The shape, which must lie to the right of x = 0, together with its mirror image.
  func mirrored() -> Shape {
    let bounds = Box(left: -box.right, top: box.top, right: box.right, bottom: box.bottom)
    return Shape(box: bounds) { [distance] in distance(abs($0), $1) }
  }

  func moved(_ dx: Float, _ dy: Float) -> Shape {
    let bounds = Box(
      left: box.left + dx, top: box.top + dy, right: box.right + dx, bottom: box.bottom + dy)
    return Shape(box: bounds) { [distance] in distance($0 - dx, $1 - dy) }
  }

  func scaled(_ s: Float) -> Shape {
    let bounds = Box(
      left: box.left * s, top: box.top * s, right: box.right * s, bottom: box.bottom * s)
    return Shape(box: bounds) { [distance] in distance($0 / s, $1 / s) * s }
  }

  /// Turned clockwise around the origin.
  func turned(_ degrees: Float) -> Shape {
    let s = sine(degrees)
    let c = sine(degrees + 90)
    let corners = [
      (box.left, box.top), (box.right, box.top), (box.left, box.bottom), (box.right, box.bottom),
    ].map { (c * $0 - s * $1, s * $0 + c * $1) }
    let bounds = Box(
      left: corners.map { $0.0 }.min()!, top: corners.map { $0.1 }.min()!,
      right: corners.map { $0.0 }.max()!, bottom: corners.map { $0.1 }.max()!)
    return Shape(box: bounds) { [distance] x, y in distance(c * x + s * y, c * y - s * x) }
  }
}

// MARK: - Arithmetic

@inline(__always)
func length(_ x: Float, _ y: Float) -> Float { (x * x + y * y).squareRoot() }

/// The squared distance of (x, y) from the line between (0, 0) and (bx, by).
@inline(__always)
private func distanceToSegment(_ x: Float, _ y: Float, _ bx: Float, _ by: Float) -> Float {
  let t = max(0, min(1, (x * bx + y * by) / (bx * bx + by * by)))
  let dx = x - t * bx
  let dy = y - t * by
  return dx * dx + dy * dy
}

/// The sine of an angle in degrees. The C library's sine differs in the last bit from machine
/// to machine; this series is the same everywhere.
func sine(_ degrees: Float) -> Float {
  var turn = Double(degrees) / 360
  turn -= turn.rounded()  // -½ … ½
  // Fold into -¼ … ¼, where the series is exact to 1e-9.
  if turn > 0.25 { turn = 0.5 - turn } else if turn < -0.25 { turn = -0.5 - turn }
  let x = turn * 2 * Double.pi
  let s = x * x
  let tail = 1 - s / 72 * (1 - s / 110 * (1 - s / 156))
  let series = 1 - s / 6 * (1 - s / 20 * (1 - s / 42 * tail))
  return Float(x * series)
}
