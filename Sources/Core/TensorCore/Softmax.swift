// Softmax, log-softmax and the losses built on them.

import Kernels

extension Tensor {
  /// eˣ / Σ eˣ along an axis; the shape stays.
  public func softmax(axis: Int = -1) -> Tensor {
    alongLastAxis(axis) { x in
      let (rows, n, _) = x.split(at: x.rank - 1)
      let y = Tensor(uninitialized: x.shape)
      Kernels.softmax(rows: rows, n: n, x.pointer, y.pointer)
      return y.recorded(from: x) { dy in  // dx = y · (dy - Σ dy · y)
        let dx = Tensor.reusing(&dy)
        softmaxGradient(rows: rows, n: n, y.pointer, dy.pointer, dx.pointer)
        x.receive(dx)
      }
    }
  }

  /// x - ln Σ eˣ, the logarithm of `softmax`, along an axis; the shape stays.
  public func logSoftmax(axis: Int = -1) -> Tensor {
    alongLastAxis(axis) { x in
      let (rows, n, _) = x.split(at: x.rank - 1)
      let y = Tensor(uninitialized: x.shape)
      Kernels.logSoftmax(rows: rows, n: n, x.pointer, y.pointer)
      return y.recorded(from: x) { dy in  // dx = dy - eʸ · Σ dy
        let dx = Tensor.reusing(&dy)
        logSoftmaxGradient(rows: rows, n: n, y.pointer, dy.pointer, dx.pointer)
        x.receive(dx)
      }
    }
  }

  private func alongLastAxis(_ axis: Int, _ operation: (Tensor) -> Tensor) -> Tensor {
    let axis = resolve(axis)
    if axis == rank - 1 { return operation(self) }
    return operation(transposed(axis, rank - 1)).transposed(axis, rank - 1)
  }

  /// x / max(‖x‖, ε) along the last axis; the shape stays.
  public func normalized(epsilon: Float = 1e-12) -> Tensor {
    // Clamped before the root, whose derivative at 0 is infinite: a row of zeros has gradient dy/ε.
    let square = square().sum(axis: -1, keepingAxis: true)
    return self / square.clamped(epsilon * epsilon, .infinity).squareRoot()
  }
}

/// How per-row losses become one.
public enum LossReduction: Sendable {
  /// Their mean over rows that count: shape [].
  case mean
  /// Their sum: shape [].
  case sum
  /// No reduction: shape [rows].
  case none
}

/// Cross-entropy of logits [rows, K] against labels [rows], -ln softmax(x)[label]:
/// [], or [rows] without reduction.
///
/// A negative label takes its row out of the loss and of the mean.
public func crossEntropy(
  _ logits: Tensor, _ labels: IndexTensor, reduction: LossReduction = .mean
) -> Tensor {
  precondition(
    logits.rank == 2 && labels.shape == [logits.shape[0]],
    "crossEntropy: logits \(logits.shape) and labels \(labels.shape) are not [rows, K] and [rows]")
  let (rows, n) = (logits.shape[0], logits.shape[1])
  precondition(
    labels.values.allSatisfy { $0 < n }, "crossEntropy: a label is not below K = \(n)")
  let losses = Tensor(uninitialized: [rows])
  let (tops, logTotals) = (Tensor(uninitialized: [rows]), Tensor(uninitialized: [rows]))
  Kernels.crossEntropy(
    rows: rows, n: n, logits.pointer, labels: labels.values,
    losses: losses.pointer, tops: tops.pointer, logTotals: logTotals.pointer)
  let counted = labels.values.lazy.filter { $0 >= 0 }.count
  let share: Float = reduction == .mean ? 1 / Float(max(counted, 1)) : 1
  let y = reduction == .none ? losses : Tensor(Float(Kernels.sum(rows, losses.pointer)) * share)
  return y.recorded(from: logits) { dy in  // dx = (softmax(x) - target) · dy
    let scale = dy.detached * share
    let dx = Tensor(uninitialized: logits.shape)
    crossEntropyGradient(
      rows: rows, n: n, logits.pointer, labels: labels.values,
      tops: tops.pointer, logTotals: logTotals.pointer, scale: scale.pointer,
      scaleStep: reduction == .none ? 1 : 0,
      dx.pointer)
    withExtendedLifetime(scale) { logits.receive(dx) }
  }
}

/// Mean of -y ln σ(x) - (1 - y) ln(1 - σ(x)) for logits x and targets y in 0 … 1, both of one
/// shape: [...], [...] → [].
public func binaryCrossEntropy(logits x: Tensor, _ y: Tensor) -> Tensor {
  (x.softplus() - x * y).mean()
}

/// Mean of (x - y)²: [...], [...] → [].
public func meanSquaredError(_ x: Tensor, _ y: Tensor) -> Tensor { (x - y).square().mean() }
