// Matrix products and the linear layer.

import Kernels
import Vectors

/// a · b over the last two axes; leading axes repeat to fit.
///
/// [..., M, K] · [..., K, N] → [..., M, N]. With its transpose flag set, an operand is stored as
/// [..., K, M] or [..., N, K]. Factors are rounded to the precision of the moment (`withPrecision`),
/// here and in the backward pass.
public func matmul(
  _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false
) -> Tensor {
  let plan = ProductPlan(a.shape, b.shape, transposeA, transposeB)
  let y = Tensor(uninitialized: plan.shape)
  let precision = Precision.current
  plan.multiply(a, b, into: y, precision)
  return y.recorded(from: a, b) { dy in
    let dy = dy.detached
    func matmul(_ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false)
      -> Tensor
    {
      withPrecision(precision) {
        TensorCore.matmul(a, b, transposeA: transposeA, transposeB: transposeB)
      }
    }
    // With A = aᵀ when transposed: dA = dY Bᵀ and dB = Aᵀ dY.
    if a.requiresGradient {
      let da =
        transposeA
        ? matmul(b.detached, dy, transposeA: transposeB, transposeB: true)
        : matmul(dy, b.detached, transposeB: !transposeB)
      a.receive(da.summed(to: a.shape))
    }
    if b.requiresGradient {
      let db =
        transposeB
        ? matmul(dy, a.detached, transposeA: true, transposeB: transposeA)
        : matmul(a.detached, dy, transposeA: !transposeA)
      b.receive(db.summed(to: b.shape))
    }
  }
}

/// The sizes of a batched product, and which matrices of each operand meet.
private struct ProductPlan {
  let m: Int
  let n: Int
  let k: Int
  let shape: [Int]
  private let transposeA: Bool
  private let transposeB: Bool
  private let batch: [Int]
  private let aStrides: [Int]
  private let bStrides: [Int]

  init(_ a: [Int], _ b: [Int], _ transposeA: Bool, _ transposeB: Bool) {
    precondition(
      a.count >= 2 && b.count >= 2, "matmul needs matrices, got shapes \(a) and \(b)")
    let (aRows, aColumns) = (a[a.count - 2], a[a.count - 1])
    let (bRows, bColumns) = (b[b.count - 2], b[b.count - 1])
    m = transposeA ? aColumns : aRows
    k = transposeA ? aRows : aColumns
    n = transposeB ? bRows : bColumns
    precondition(
      k == (transposeB ? bColumns : bRows),
      "matmul: shapes \(a)\(transposeA ? "ᵀ" : "") and \(b)\(transposeB ? "ᵀ" : "") do not fit")
    let (aBatch, bBatch) = (Array(a.dropLast(2)), Array(b.dropLast(2)))
    batch = broadcast(aBatch, bBatch)
    aStrides = aBatch.strides(repeatedTo: batch).map { $0 * aRows * aColumns }
    bStrides = bBatch.strides(repeatedTo: batch).map { $0 * bRows * bColumns }
    shape = batch + [m, n]
    self.transposeA = transposeA
    self.transposeB = transposeB
  }

  func multiply(_ a: Tensor, _ b: Tensor, into y: Tensor, _ precision: Precision) {
    if y.count == 0 { return }
    // Rows of a are rows of one big matrix when b is the same for all of them.
    if !transposeA && bStrides.allSatisfy({ $0 == 0 }) && a.count == m * k * batch.elementCount {
      product(m * batch.elementCount, a.pointer, b.pointer, y.pointer, precision)
      return
    }
    // Many small products share the threads one by one; few big ones each use all threads.
    parallelFor(batch.elementCount) { index in
      var rest = index
      var (aOffset, bOffset) = (0, 0)
      for axis in batch.indices.reversed() {
        aOffset += rest % batch[axis] * aStrides[axis]
        bOffset += rest % batch[axis] * bStrides[axis]
        rest /= batch[axis]
      }
      product(m, a.pointer + aOffset, b.pointer + bOffset, y.pointer + index * m * n, precision)
    }
  }

  private func product(
    _ m: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, _ precision: Precision
  ) {
    let left =
      transposeA ? MatrixView(a, rowStride: 1, columnStride: m) : MatrixView(a, rowStride: k)
    let right =
      transposeB ? MatrixView(b, rowStride: 1, columnStride: k) : MatrixView(b, rowStride: n)
    Kernels.multiply(
      m: m, n: n, k: k, left, right, into: y, stride: n, start: .zero, precision: precision)
  }
}

/// x Wᵀ + b, plus `residual` if there is one: [..., K] → [..., N].
///
/// `weight` is [N, K] as in PyTorch, `bias` [N], `residual` [..., N]. Factors are rounded to the
/// precision of the moment (`withPrecision`), here and in the backward pass.
public func linear(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, adding residual: Tensor? = nil
) -> Tensor {
  let (n, k) = (weight.shape[0], weight.shape[weight.rank - 1])
  precondition(
    weight.rank == 2 && x.rank >= 1 && x.shape[x.rank - 1] == k,
    "linear: input \(x.shape) does not fit weight \(weight.shape)")
  precondition(
    bias.map { $0.shape == [n] } ?? true, "linear: bias \(bias!.shape) is not [\(n)]")
  let rows = x.shape.dropLast().reduce(1, *)
  let y = Tensor(uninitialized: x.shape.dropLast() + [n])
  precondition(
    residual.map { $0.shape == y.shape } ?? true,
    "linear: residual \(residual!.shape) is not \(y.shape)")
  let precision = Precision.current
  linearForward(rows, x, weight, bias, residual, into: y, precision)
  return y.recorded(from: [x, weight] + [bias, residual].compactMap { $0 }) { dy in
    linearBackward(rows, x, weight, bias, dy, precision)
    if let residual { residual.receive(dy.detached) }
  }
}

private func linearForward(
  _ rows: Int, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ residual: Tensor?,
  into y: Tensor, _ precision: Precision
) {
  let (n, k) = (weight.shape[0], weight.shape[1])
  let padded = bias.map { wholePanels($0) }
  Kernels.multiply(
    m: rows, n: n, k: k, MatrixView(x.pointer, rowStride: k),
    MatrixView(weight.pointer, rowStride: 1, columnStride: k), into: y.pointer, stride: n,
    start: Start(bias: padded?.pointer, matrix: residual?.pointer), precision: precision)
  withExtendedLifetime((padded, residual)) {}
}

/// dx = dy W, dW = dyᵀ x, db = Σ dy over rows.
private func linearBackward(
  _ rows: Int, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ dy: Tensor,
  _ precision: Precision
) {
  let (n, k) = (weight.shape[0], weight.shape[1])
  if weight.requiresGradient {
    receiveProduct(
      weight, m: n, n: k, k: rows, MatrixView(dy.pointer, rowStride: 1, columnStride: n),
      MatrixView(x.pointer, rowStride: k), precision)
  }
  if let bias, bias.requiresGradient {
    let db = Tensor(uninitialized: bias.shape)
    sumAxis(outer: 1, n: rows, inner: n, dy.pointer, db.pointer)
    bias.receive(db)
  }
  if x.requiresGradient {
    receiveProduct(
      x, m: rows, n: k, k: n, MatrixView(dy.pointer, rowStride: n),
      MatrixView(weight.pointer, rowStride: k), precision)
  }
}

/// Adds a · b to the gradient of `input`, in place if it has one already.
private func receiveProduct(
  _ input: Tensor, m: Int, n: Int, k: Int, _ a: MatrixView, _ b: MatrixView,
  _ precision: Precision
) {
  if let sum = input.gradientToAddTo {
    Kernels.multiply(
      m: m, n: n, k: k, a, b, into: sum.pointer, stride: n,
      start: Start(bias: nil, matrix: sum.pointer), precision: precision)
    return
  }
  let product = Tensor(uninitialized: input.shape)
  Kernels.multiply(
    m: m, n: n, k: k, a, b, into: product.pointer, stride: n, start: .zero, precision: precision)
  input.receive(product)
}

/// A weight [N, K] copied once into the order that products read it in, for many products
/// with few rows: decoding one token at a time spends more on that copy than on the product.
public struct PackedWeight: @unchecked Sendable {
  private let panels: Tensor
  private let bias: Tensor?
  /// Width of the results.
  public let outputs: Int
  /// Width of the inputs.
  public let inputs: Int

  /// Packs a weight [N, K], with a bias [N] if there is one.
  public init(_ weight: Tensor, _ bias: Tensor? = nil) {
    precondition(
      weight.rank == 2 && bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "a packed weight is [N, K] with a bias [N], got \(weight.shape) and \(bias?.shape ?? [])")
    (outputs, inputs) = (weight.shape[0], weight.shape[1])
    panels = Tensor(uninitialized: [panelCount(k: inputs, n: outputs)])
    packPanels(
      MatrixView(weight.pointer, rowStride: 1, columnStride: inputs), k: inputs, n: outputs,
      into: panels.pointer)
    self.bias = bias.map { wholePanels($0) }
  }

  /// x Wᵀ + b without history: [..., K] → [..., N].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    precondition(
      x.rank >= 1 && x.shape[x.rank - 1] == inputs,
      "a packed weight [\(outputs), \(inputs)] does not fit input \(x.shape)")
    let y = Tensor(uninitialized: x.shape.dropLast() + [outputs])
    multiply(
      m: x.shape.dropLast().reduce(1, *), n: outputs, k: inputs,
      MatrixView(x.pointer, rowStride: inputs), panels: panels.pointer, into: y.pointer,
      stride: outputs, start: Start(bias: bias?.pointer))
    return y
  }
}
