// Functions of single values, which keep the shape, and arithmetic with broadcasting.

import Kernels

/// A function of one value, for `map`.
public typealias ElementwiseFunction = Kernels.ElementwiseFunction

extension Tensor {
  /// eˣ of every value.
  public func exp() -> Tensor { map(.exp) }
  /// Natural logarithm of every value.
  public func log() -> Tensor { map(.log) }
  /// Square root of every value.
  public func squareRoot() -> Tensor { map(.squareRoot) }
  /// 1 / √x of every value.
  public func reciprocalSquareRoot() -> Tensor { map(.reciprocalSquareRoot) }
  /// Every value squared.
  public func square() -> Tensor { map(.square) }
  /// Absolute values.
  public func abs() -> Tensor { map(.absolute) }
  /// Every value limited to `low ... high`.
  public func clamped(_ low: Float, _ high: Float) -> Tensor { map(.clamp(low, high)) }
  /// max(x, 0)
  public func relu() -> Tensor { map(.relu) }
  /// x, or slope · x below 0.
  public func leakyRelu(_ slope: Float = 0.01) -> Tensor { map(.leakyRelu(slope)) }
  /// 1 / (1 + e⁻ˣ)
  public func sigmoid() -> Tensor { map(.sigmoid) }
  /// Hyperbolic tangent.
  public func tanh() -> Tensor { map(.tanh) }
  /// x Φ(x) with the exact normal distribution function Φ.
  public func gelu() -> Tensor { map(.gelu) }
  /// GELU by its tanh approximation.
  public func geluTanh() -> Tensor { map(.geluTanh) }
  /// x σ(1.702 x), CLIP's activation.
  public func quickGelu() -> Tensor { map(.quickGelu) }
  /// ln(1 + eˣ)
  public func softplus() -> Tensor { map(.softplus) }
  /// ln(x / (1 - x)) for x between 0 and 1.
  public func logit() -> Tensor { map(.logit) }

  /// Applies a function to every value; the shape stays.
  public func map(_ f: ElementwiseFunction) -> Tensor {
    let y = Tensor(uninitialized: shape)
    apply(f, count, pointer, y.pointer)
    let saved = f.needs == .output ? y : detached
    return y.recorded(from: self) { dy in  // dx = dy · f'(x)
      let dx = Tensor.reusing(&dy)
      applyGradient(f, dy.count, saved: saved.pointer, dy.pointer, dx.pointer)
      self.receive(dx)
    }
  }

  /// f'(x) · v, value by value: how `map(f)` of this tensor changes as it moves along v, which has its
  /// shape. It is linear in v, whose gradient it passes on; this tensor is held constant.
  public func derivative(of f: ElementwiseFunction, along v: Tensor) -> Tensor {
    precondition(v.shape == shape, "a derivative at \(shape) along \(v.shape)")
    let saved = withoutGradient { f.needs == .output ? map(f) : detached }
    let y = Tensor(uninitialized: shape)
    applyGradient(f, count, saved: saved.pointer, v.pointer, y.pointer)
    return y.recorded(from: v) { dy in  // dv = f'(x) · dy
      let dv = Tensor.reusing(&dy)
      applyGradient(f, dy.count, saved: saved.pointer, dy.pointer, dv.pointer)
      v.receive(dv)
    }
  }

  /// -x
  public static prefix func - (x: Tensor) -> Tensor { x.map(.negative) }

  /// scale · x + offset for every value; the shape stays.
  public func affine(scale: Float, offset: Float) -> Tensor {
    let y = Tensor(uninitialized: shape)
    Kernels.affine(count, pointer, scale: scale, offset: offset, y.pointer)
    return y.recorded(from: self) { dy in  // dx = scale · dy
      if scale == 1 { return self.receive(dy) }
      let dx = Tensor.reusing(&dy)
      Kernels.affine(dy.count, dy.pointer, scale: scale, offset: 0, dx.pointer)
      self.receive(dx)
    }
  }

  /// x + number
  public static func + (x: Tensor, c: Float) -> Tensor { x.affine(scale: 1, offset: c) }
  /// number + x
  public static func + (c: Float, x: Tensor) -> Tensor { x.affine(scale: 1, offset: c) }
  /// x - number
  public static func - (x: Tensor, c: Float) -> Tensor { x.affine(scale: 1, offset: -c) }
  /// number - x
  public static func - (c: Float, x: Tensor) -> Tensor { x.affine(scale: -1, offset: c) }
  /// x · number
  public static func * (x: Tensor, c: Float) -> Tensor { x.affine(scale: c, offset: 0) }
  /// number · x
  public static func * (c: Float, x: Tensor) -> Tensor { x.affine(scale: c, offset: 0) }
  /// x / number
  public static func / (x: Tensor, c: Float) -> Tensor { x.affine(scale: 1 / c, offset: 0) }
  /// number / x
  public static func / (c: Float, x: Tensor) -> Tensor { Tensor(c) / x }
}

// MARK: - Two tensors

extension Tensor {
  /// x + scale · y for tensors of one shape, in one pass.
  public func adding(_ y: Tensor, times scale: Float) -> Tensor {
    precondition(shape == y.shape, "tensors of shapes \(shape) and \(y.shape) are added")
    let sum = Tensor(uninitialized: shape)
    addScaled(count, pointer, y.pointer, scale: scale, sum.pointer)
    return sum.recorded(from: self, y) { dy in  // dx = dsum, dy = scale · dsum
      self.receive(dy)
      y.receive(dy.detached * scale)
    }
  }

  /// a + b, value by value. Axes of size 1, and missing leading axes, repeat to fit:
  /// [2, 1, 4] + [3, 1] → [2, 3, 4].
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    combined(.add, a, b).recorded(from: a, b) { dy in  // da = dy, db = dy
      a.receive(dy.summed(to: a.shape))
      b.receive(dy.summed(to: b.shape))
    }
  }

  /// a - b, value by value. The shapes repeat to fit, as in a + b.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    combined(.subtract, a, b).recorded(from: a, b) { dy in  // da = dy, db = -dy
      a.receive(dy.summed(to: a.shape))
      b.receive(-dy.summed(to: b.shape))
    }
  }

  /// a · b, value by value. The shapes repeat to fit, as in a + b.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    combined(.multiply, a, b).recorded(from: a, b) { dy in  // da = dy · b, db = dy · a
      a.receive(combined(.multiply, dy, b).summed(to: a.shape))
      b.receive(combined(.multiply, dy, a).summed(to: b.shape))
    }
  }

  /// a / b, value by value. The shapes repeat to fit, as in a + b.
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    let y = combined(.divide, a, b)
    return y.recorded(from: a, b) { dy in  // da = dy / b, db = -dy · y / b
      let da = combined(.divide, dy, b)
      a.receive(da.summed(to: a.shape))
      b.receive(combined(.multiply, da, y).affine(scale: -1, offset: 0).summed(to: b.shape))
    }
  }

  /// The numbers of a ∘ b, without history.
  private static func combined(_ operation: Arithmetic, _ a: Tensor, _ b: Tensor) -> Tensor {
    if a.shape == b.shape {
      let y = Tensor(uninitialized: a.shape)
      combine(operation, y.count, a.pointer, 1, b.pointer, 1, y.pointer)
      return y
    }
    let shape = broadcast(a.shape, b.shape)
    let y = Tensor(uninitialized: shape)
    let aStrides = a.shape.strides(repeatedTo: shape)
    let bStrides = b.shape.strides(repeatedTo: shape)
    // Trailing axes along which each side either moves or stands still throughout form one
    // line; the axes before them are counted through.
    let line = longestLine(shape, aStrides, bStrides)
    let outer = Array(shape[..<line.axis])
    let aStep = aStrides[line.axis...].last { $0 != 0 } == nil ? 0 : 1
    let bStep = bStrides[line.axis...].last { $0 != 0 } == nil ? 0 : 1
    combineLines(
      operation, lines: outer.elementCount, line.length, a.pointer, aStep, b.pointer, bStep,
      y.pointer, offsets: { forEachOffset(outer, aStrides, bStrides, in: $0, $1) })
    return y
  }

  /// The gradient of a repetition: the sum over the axes that were repeated.
  func summed(to target: [Int]) -> Tensor {
    if shape == target { return detached }
    var result = detached
    let extra = rank - target.count
    for axis in shape.indices where axis < extra || target[axis - extra] == 1 && shape[axis] != 1 {
      result = result.sum(axis: axis, keepingAxis: true)
    }
    return Tensor(storage: result.storage, shape: target)
  }
}

/// The shape that two shapes repeat to.
func broadcast(_ a: [Int], _ b: [Int]) -> [Int] {
  let rank = max(a.count, b.count)
  return (0..<rank).map { axis in
    let x = axis < rank - a.count ? 1 : a[axis - (rank - a.count)]
    let y = axis < rank - b.count ? 1 : b[axis - (rank - b.count)]
    precondition(
      x == y || x == 1 || y == 1, "shapes \(a) and \(b) do not fit: \(x) against \(y)")
    return x == 1 ? y : x
  }
}

extension [Int] {
  /// Strides of a tensor of this shape when it is repeated to `target`: 0 along new axes and
  /// along axes of size 1, where there is nowhere to step to.
  func strides(repeatedTo target: [Int]) -> [Int] {
    let own = rowMajorStrides
    let extra = target.count - count
    return target.indices.map { axis in
      axis < extra || self[axis - extra] == 1 ? 0 : own[axis - extra]
    }
  }
}

/// The first of the trailing axes that can be walked as one line, and the line's length.
private func longestLine(_ shape: [Int], _ a: [Int], _ b: [Int]) -> (axis: Int, length: Int) {
  var axis = shape.count
  var length = 1
  var aStep: Bool?
  var bStep: Bool?
  while axis > 0 {
    let next = axis - 1
    if shape[next] != 1 {
      let (aMoves, bMoves) = (a[next] != 0, b[next] != 0)
      if aStep.map({ $0 != aMoves }) ?? false || bStep.map({ $0 != bMoves }) ?? false { break }
      (aStep, bStep) = (aMoves, bMoves)
    }
    length *= shape[next]
    axis = next
  }
  return (axis, length)
}

/// Counts through some places of `shape`, with the offsets of two tensors there.
private func forEachOffset(
  _ shape: [Int], _ a: [Int], _ b: [Int], in places: Range<Int>,
  _ body: (_ index: Int, Int, Int) -> Void
) {
  var place = zip(shape, shape.rowMajorStrides).map { places.lowerBound / $1 % $0 }
  var aOffset = zip(place, a).reduce(0) { $0 + $1.0 * $1.1 }
  var bOffset = zip(place, b).reduce(0) { $0 + $1.0 * $1.1 }
  for index in places {
    body(index, aOffset, bOffset)
    for axis in shape.indices.reversed() {
      place[axis] += 1
      aOffset += a[axis]
      bOffset += b[axis]
      if place[axis] < shape[axis] { break }
      aOffset -= a[axis] * shape[axis]
      bOffset -= b[axis] * shape[axis]
      place[axis] = 0
    }
  }
}
