// Sums, means, variances and maxima over axes.

import Kernels

extension Tensor {
  /// The sum of all values: [...] → []. The sums of 4,096 values each, in Float, are added in Double.
  public func sum() -> Tensor {
    let y = Tensor(uninitialized: [])
    y.pointer[0] = Float(Kernels.sum(count, pointer))
    return y.recorded(from: self) { dy in  // dx = dy everywhere
      self.receive(Tensor(repeating: dy.pointer[0], shape: self.shape))
    }
  }

  /// The mean of all values, 0 if there are none: [...] → [].
  public func mean() -> Tensor { sum() * (1 / Float(max(count, 1))) }

  /// The sum over one axis, which disappears or stays with size 1:
  /// [..., n, ...] → [..., ...] or [..., 1, ...].
  ///
  /// The last axis is summed as by `sum()`, others in Float, in blocks of 128 values whose sums are
  /// added up in Float. A million equal numbers keep five digits at least, and without blocks two.
  public func sum(axis: Int, keepingAxis: Bool = false) -> Tensor {
    let axis = resolve(axis)
    let (outer, n, inner) = split(at: axis)
    let y = Tensor(uninitialized: reduced([axis], keepingAxis))
    sumAxis(outer: outer, n: n, inner: inner, pointer, y.pointer)
    return y.recorded(from: self) { dy in  // dx = dy along the axis
      self.receive(dy.spread(outer, n, inner, shape: self.shape))
    }
  }

  /// The sum over several axes, which disappear or stay with size 1:
  /// [B, H, W, C] → `sum(axes: [1, 2])` → [B, C].
  public func sum(axes: [Int], keepingAxes: Bool = false) -> Tensor {
    let axes = axes.map(resolve)
    return axes.reduce(self) { $0.sum(axis: $1, keepingAxis: true) }
      .reshaped(reduced(axes, keepingAxes))
  }

  /// The mean over one axis, which disappears or stays with size 1:
  /// [..., n, ...] → [..., ...] or [..., 1, ...].
  public func mean(axis: Int, keepingAxis: Bool = false) -> Tensor {
    sum(axis: axis, keepingAxis: keepingAxis) * (1 / Float(max(shape[resolve(axis)], 1)))
  }

  /// The mean over several axes, which disappear or stay with size 1:
  /// [B, H, W, C] → `mean(axes: [1, 2])` → [B, C].
  public func mean(axes: [Int], keepingAxes: Bool = false) -> Tensor {
    let n = axes.map(resolve).reduce(1) { $0 * shape[$1] }
    return sum(axes: axes, keepingAxes: keepingAxes) * (1 / Float(max(n, 1)))
  }

  /// The variance over one axis, which disappears or stays with size 1:
  /// [..., n, ...] → [..., ...] or [..., 1, ...]. The sum of squares is divided by n, or by n - 1
  /// when `unbiased`.
  public func variance(axis: Int, unbiased: Bool = false, keepingAxis: Bool = false) -> Tensor {
    let n = Float(shape[resolve(axis)] - (unbiased ? 1 : 0))
    let centred = self - mean(axis: axis, keepingAxis: true)
    return centred.square().sum(axis: axis, keepingAxis: keepingAxis) * (1 / n)
  }

  /// The largest value along an axis, which disappears or stays with size 1:
  /// [..., n, ...] → [..., ...] or [..., 1, ...]. Its gradient goes to the first place that has it.
  public func maximum(axis: Int, keepingAxis: Bool = false) -> Tensor {
    maximumAndPlaces(axis: axis, keepingAxis: keepingAxis).values
  }

  /// The first place of the largest value along an axis, which disappears:
  /// [..., n, ...] → [..., ...] of 0 ..< n.
  public func argmax(axis: Int) -> IndexTensor {
    maximumAndPlaces(axis: axis, keepingAxis: false).places
  }

  /// The largest of all values: [...] → []. Values that share the maximum share its gradient.
  public func maximum() -> Tensor {
    precondition(count > 0, "the maximum of no values does not exist (shape \(shape))")
    let top = detached.flattened.maximum(axis: 0).reshaped([])
    return top.recorded(from: self) { dy in
      let value = top.pointer[0]
      let ties = (0..<self.count).lazy.filter {
        self.pointer[$0] == value || value.isNaN && self.pointer[$0].isNaN
      }
      let dx = Tensor.zeros(self.shape)
      let share = dy.pointer[0] / Float(ties.count)
      for place in ties { dx.pointer[place] = share }
      self.receive(dx)
    }
  }

  private func maximumAndPlaces(axis: Int, keepingAxis: Bool) -> (
    values: Tensor, places: IndexTensor
  ) {
    let axis = resolve(axis)
    let (outer, n, inner) = split(at: axis)
    precondition(n > 0, "the maximum over axis \(axis) of shape \(shape) has no values")
    precondition(n <= Int(Int32.max), "places are counted in 32 bits, and axis \(axis) has \(n)")
    let y = Tensor(uninitialized: reduced([axis], keepingAxis))
    var places = [Int32](repeating: 0, count: y.count)
    places.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress {
        maximumAxis(outer: outer, n: n, inner: inner, pointer, y.pointer, base)
      }
    }
    let found = places
    let result = y.recorded(from: self) { dy in  // dx = dy at the place of the maximum
      let dx = Tensor.zeros(self.shape)
      for o in 0..<outer {
        for i in 0..<inner {
          let place = (o * n + Int(found[o * inner + i])) * inner + i
          dx.pointer[place] = dy.pointer[o * inner + i]
        }
      }
      self.receive(dx)
    }
    return (result, IndexTensor(shape: reduced([axis], keepingAxis), places))
  }

  /// ln Σ eˣ along the last axis, which disappears: [..., n] → [...].
  public func logSumExp() -> Tensor {
    let (rows, n, _) = split(at: resolve(-1))
    let y = Tensor(uninitialized: reduced([rank - 1], false))
    Kernels.logSumExp(rows: rows, n: n, pointer, y.pointer)
    return y.recorded(from: self) { dy in  // dx = dy · softmax(x)
      let column = y.shape + [1]
      let weights = (self.detached - y.detached.reshaped(column)).exp()
      self.receive(weights * dy.detached.reshaped(column))
    }
  }

  /// This tensor [outer, 1, inner] repeated n times along the middle axis.
  private func spread(_ outer: Int, _ n: Int, _ inner: Int, shape: [Int]) -> Tensor {
    let y = Tensor(uninitialized: shape)
    copyStrided([outer, n, inner], pointer, [inner, 0, 1], y.pointer, [n * inner, inner, 1])
    return y
  }

  private func reduced(_ axes: [Int], _ keeping: Bool) -> [Int] {
    shape.indices.compactMap { axes.contains($0) ? (keeping ? 1 : nil) : shape[$0] }
  }
}
