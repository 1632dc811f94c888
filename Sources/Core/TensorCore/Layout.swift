// Operations that move numbers without changing them. All but `reshaped` copy; the gradient
// of a copy copies back.

import Kernels

extension Tensor {
  /// The same numbers in the same order under another shape. One of `sizes` may be -1, for
  /// whatever is left: [2, 3, 4] → `reshaped([4, -1])` → [4, 6]. Nothing is copied.
  public func reshaped(_ sizes: [Int]) -> Tensor {
    var sizes = sizes
    if let open = sizes.firstIndex(of: -1) {
      let known = sizes.reduce(-1, *)
      precondition(
        known > 0 && count % known == 0, "shape \(shape) does not divide into \(sizes)")
      sizes[open] = count / known
    }
    precondition(
      sizes.elementCount == count && !sizes.contains { $0 < 0 },
      "shape \(shape) has \(count) values, shape \(sizes) has \(sizes.elementCount)")
    let original = shape
    return Tensor(storage: storage, shape: sizes).recorded(from: self) { dy in
      self.receive(Tensor(storage: dy.storage, shape: original))
    }
  }

  /// The same numbers under another shape; see `reshaped(_: [Int])`.
  public func reshaped(_ sizes: Int...) -> Tensor { reshaped(sizes) }

  /// All numbers along one axis: [...] → [count].
  public var flattened: Tensor { reshaped([count]) }

  /// The axes in another order: axis i of the result is axis `order[i]` of this tensor.
  /// [B, C, H, W] → `permuted(0, 2, 3, 1)` → [B, H, W, C].
  public func permuted(_ order: Int...) -> Tensor { permuted(order) }

  /// The axes in another order: [n₀, n₁, ...] → [n of `order[0]`, n of `order[1]`, ...].
  public func permuted(_ order: [Int]) -> Tensor {
    precondition(
      order.sorted() == Array(0..<rank), "\(order) is no order of the axes of shape \(shape)")
    let strides = shape.rowMajorStrides
    let y = Tensor(uninitialized: order.map { shape[$0] })
    copyStrided(
      y.shape, pointer, order.map { strides[$0] }, y.pointer, y.shape.rowMajorStrides)
    return y.recorded(from: self) { dy in
      self.receive(dy.detached.permuted((0..<order.count).map { order.firstIndex(of: $0)! }))
    }
  }

  /// Two axes exchanged: [..., a, ..., b, ...] → [..., b, ..., a, ...]. Negative axes count from
  /// the end.
  public func transposed(_ a: Int, _ b: Int) -> Tensor {
    var order = Array(0..<rank)
    order.swapAt(resolve(a), resolve(b))
    return permuted(order)
  }

  /// [B, C, H, W] → [B, H, W, C], the order in which convolutions run.
  public var channelsLast: Tensor {
    precondition(rank == 4, "channelsLast is for [B, C, H, W], this tensor has shape \(shape)")
    return permuted(0, 2, 3, 1)
  }

  /// [B, H, W, C] → [B, C, H, W], the order of files and interfaces.
  public var channelsFirst: Tensor {
    precondition(rank == 4, "channelsFirst is for [B, H, W, C], this tensor has shape \(shape)")
    return permuted(0, 3, 1, 2)
  }

  /// Every `step`-th place of `range` along an axis: [..., n, ...] → [..., m, ...] with
  /// m = ⌈range.count / step⌉.
  public func sliced(axis: Int, _ range: Range<Int>, step: Int = 1) -> Tensor {
    let axis = resolve(axis)
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[axis] && step > 0,
      "slice \(range) by \(step) does not lie in axis \(axis) of shape \(shape)")
    var size = shape
    size[axis] = (range.count + step - 1) / step
    return view(size, offset: range.lowerBound, axis: axis, step: step)
  }

  /// The part at one place of an axis, which disappears: [..., n, ...] → [..., ...]. Negative
  /// places count from the end.
  public func at(_ place: Int, axis: Int) -> Tensor {
    let axis = resolve(axis)
    let resolved = place < 0 ? place + shape[axis] : place
    var size = shape
    size.remove(at: axis)
    return sliced(axis: axis, resolved..<resolved + 1).reshaped(size)
  }

  /// The order along an axis reversed; the shape stays.
  public func reversed(axis: Int) -> Tensor {
    let axis = resolve(axis)
    return view(shape, offset: max(0, shape[axis] - 1), axis: axis, step: -1)
  }

  /// A box of this tensor: `offset` and `step` along one axis, everything along the others.
  private func view(_ size: [Int], offset: Int, axis: Int, step: Int) -> Tensor {
    var strides = shape.rowMajorStrides
    let start = offset * strides[axis]
    strides[axis] *= step
    let y = Tensor(uninitialized: size)
    copyStrided(size, pointer + start, strides, y.pointer, size.rowMajorStrides)
    return y.recorded(from: self) { [strides] dy in  // the rest of dx is 0
      let dx = Tensor.zeros(self.shape)
      copyStrided(size, dy.pointer, size.rowMajorStrides, dx.pointer + start, strides)
      self.receive(dx)
    }
  }

  /// Axes of size 1, and missing leading axes, repeated to the shape `target`:
  /// [3, 1] → `expanded([2, 3, 4])` → [2, 3, 4].
  public func expanded(_ target: [Int]) -> Tensor {
    precondition(
      broadcast(shape, target) == target, "shape \(shape) does not repeat to \(target)")
    let y = Tensor(uninitialized: target)
    copyStrided(
      target, pointer, shape.strides(repeatedTo: target), y.pointer, target.rowMajorStrides)
    return y.recorded(from: self) { dy in self.receive(dy.summed(to: self.shape)) }
  }

  /// This tensor where `mask` is 0 and `value` where it is 1. Both repeat to a common shape.
  public func filled(where mask: Mask, with value: Float) -> Tensor {
    select(mask, Tensor(value), self)
  }
}

/// Tensors one after the other along an existing axis, the other sizes being equal:
/// [..., n₁, ...], [..., n₂, ...], … → [..., n₁ + n₂ + …, ...].
public func concatenate(_ parts: [Tensor], axis: Int) -> Tensor {
  precondition(!parts.isEmpty, "concatenate needs at least one tensor")
  let axis = parts[0].resolve(axis)
  var size = parts[0].shape
  for part in parts.dropFirst() {
    var other = part.shape
    precondition(
      other.count == size.count, "cannot concatenate shapes \(parts.map { $0.shape }): ranks differ"
    )
    size[axis] += other[axis]
    other[axis] = size[axis]
    precondition(other == size, "cannot concatenate shapes \(parts.map { $0.shape }) along \(axis)")
  }
  let (outer, n, inner) = (
    size[..<axis].reduce(1, *), size[axis], size[(axis + 1)...].reduce(1, *)
  )
  let y = Tensor(uninitialized: size)
  var offset = 0
  for part in parts {
    let run = part.shape[axis] * inner
    copyStrided([outer, run], part.pointer, [run, 1], y.pointer + offset, [n * inner, 1])
    offset += run
  }
  return y.recorded(from: parts) { dy in
    var offset = 0
    for part in parts {
      let run = part.shape[axis] * inner
      if part.requiresGradient {
        let dx = Tensor(uninitialized: part.shape)
        copyStrided([outer, run], dy.pointer + offset, [n * inner, 1], dx.pointer, [run, 1])
        part.receive(dx)
      }
      offset += run
    }
  }
}

/// m tensors of one shape along a new axis: [...] each → [..., m, ...].
public func stack(_ parts: [Tensor], axis: Int) -> Tensor {
  precondition(!parts.isEmpty, "stack needs at least one tensor")
  var size = parts[0].shape
  precondition(
    axis >= 0 && axis <= size.count, "a new axis \(axis) does not fit shape \(size)")
  size.insert(1, at: axis)
  return concatenate(parts.map { $0.reshaped(size) }, axis: axis)
}

/// Yes or no for every place of a shape.
public struct Mask: Equatable, Sendable {
  /// The sizes of the axes, for instance [Tq, Tk] for the keys that queries may attend to.
  public let shape: [Int]
  /// 1 for yes, 0 for no, row by row.
  public let bytes: [UInt8]

  /// A mask of `shape` from its values, 1 or 0 each, row by row.
  public init(shape: [Int], _ bytes: [UInt8]) {
    precondition(
      shape.elementCount == bytes.count,
      "a mask of shape \(shape) has \(shape.elementCount) values, got \(bytes.count)")
    self.shape = shape
    self.bytes = bytes
  }

  /// 1 and 0 as numbers.
  var tensor: Tensor { Tensor(shape: shape, bytes.map { $0 == 0 ? 0 : 1 }) }
}

/// a where the mask is 1, b elsewhere. All three repeat to a common shape, that of the result.
public func select(_ mask: Mask, _ a: Tensor, _ b: Tensor) -> Tensor {
  let shape = broadcast(broadcast(a.shape, b.shape), mask.shape)
  let choice = mask.tensor.expanded(shape)
  let (left, right) = (a.detached.expanded(shape), b.detached.expanded(shape))
  let y = Tensor(uninitialized: shape)
  for i in 0..<y.count {
    y.pointer[i] = choice.pointer[i] != 0 ? left.pointer[i] : right.pointer[i]
  }
  return y.recorded(from: a, b) { dy in
    a.receive((dy.detached * choice).summed(to: a.shape))
    b.receive((dy.detached * (1 - choice)).summed(to: b.shape))
  }
}
