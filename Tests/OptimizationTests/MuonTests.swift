// Muon against its definition in loops, and what orthogonalising must do to a matrix.

import NeuralNetwork
import Optimization
import TensorCore
import TestSupport
import Testing

@Suite("Muon") struct MuonTests {
  /// Five steps of a x + b x³ + c x⁵ in double precision, on a matrix in rows.
  private func orthogonalized(_ matrix: [[Double]]) -> [[Double]] {
    func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
      a.map { row in
        b[0].indices.map { j in row.indices.reduce(0) { $0 + row[$1] * b[$1][j] } }
      }
    }
    func transposed(_ a: [[Double]]) -> [[Double]] {
      a[0].indices.map { j in a.map { $0[j] } }
    }
    let norm = matrix.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    var x = matrix.map { $0.map { $0 / (norm + 1e-7) } }
    for _ in 0..<5 {
      let square = product(x, transposed(x))
      let fourth = product(square, square)
      let linear = x
      let cubic = product(square, x)
      let quintic = product(fourth, x)
      for i in x.indices {
        for j in x[i].indices {
          x[i][j] = 3.4445 * linear[i][j] - 4.7750 * cubic[i][j] + 2.0315 * quintic[i][j]
        }
      }
    }
    return x
  }

  private func rows(_ matrix: Tensor) -> [[Double]] {
    (0..<matrix.shape[0]).map { i in matrix.at(i, axis: 0).scalars.map(Double.init) }
  }

  @Test(arguments: [[1, 1], [1, 7], [7, 1], [5, 5], [12, 31], [31, 12], [40, 40], [33, 17]])
  func `matrices become what the definition says`(shape: [Int]) {
    var random = Random(seed: 3)
    let matrix: Tensor = .normal(shape, &random)
    let got = Optimization.orthogonalized(matrix)
    let want = orthogonalized(rows(matrix)).joined().map { Float($0) }
    #expect(difference(got.scalars, want, atol: 2e-5, rtol: 2e-4) == nil)
  }

  @Test func `several matrices at once are each by itself`() {
    var random = Random(seed: 4)
    let matrices: Tensor = .normal([3, 6, 9], &random)
    let got = Optimization.orthogonalized(matrices)
    for i in 0..<3 {
      let one = Optimization.orthogonalized(matrices.at(i, axis: 0))
      #expect(difference(got.at(i, axis: 0).scalars, one.scalars, atol: 1e-6, rtol: 1e-5) == nil)
    }
  }

  @Test func `singular values come near 1, and directions stay`() {
    var random = Random(seed: 5)
    // U Σ Vᵀ with singular values from 1 to 0.01.
    let sizes: [Float] = [1, 0.5, 0.3, 0.1, 0.03, 0.01]
    let u = basis(8, 6, &random)  // [8, 6]
    let v = basis(10, 6, &random)  // [10, 6]
    let matrix = matmul(u * Tensor(sizes), v, transposeB: true) * 300  // [8, 10]
    let result = Optimization.orthogonalized(matrix)  // [8, 10]
    let core = matmul(matmul(u, result, transposeA: true), v)  // [6, 6]
    for i in 0..<6 {
      for j in 0..<6 {
        let value = core[i, j]
        if i == j {
          #expect((0.65...1.25).contains(value), "singular value \(sizes[i]) becomes \(value)")
        } else {
          #expect(abs(value) < 1e-3)
        }
      }
    }
  }

  /// An orthonormal basis of a random space, [m, r], by Gram and Schmidt.
  private func basis(_ m: Int, _ r: Int, _ random: inout Random) -> Tensor {
    var columns: [[Float]] = []
    for _ in 0..<r {
      var column = Tensor.normal([m], &random).scalars
      for _ in 0..<2 {
        for other in columns {
          let part = zip(column, other).reduce(0) { $0 + $1.0 * $1.1 }
          for i in 0..<m { column[i] -= part * other[i] }
        }
      }
      let length = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
      columns.append(column.map { $0 / length })
    }
    return Tensor(shape: [r, m], columns.flatMap { $0 }).transposed(0, 1)
  }

  @Test func `zeros stay zeros`() {
    #expect(
      Optimization.orthogonalized(.zeros([3, 5])).scalars == [Float](repeating: 0, count: 15))
  }

  private struct Model: Module {
    let table = Tensor(shape: [5, 4], (0..<20).map { Float($0) / 20 }).requiringGradient()
    let inner = Tensor(shape: [4, 6], (0..<24).map { Float($0 % 7) / 7 }).requiringGradient()
    let fused = Tensor(shape: [6, 2], (0..<12).map { Float($0 % 5) / 5 }).requiringGradient()
    let gain = Tensor([1, 2, 3]).requiringGradient()
    var members: Members {
      ("table", table)
      ("layers.0.weight", inner)
      ("layers.0.query_key_value.weight", fused)
      ("layers.0.gain", gain)
    }
  }

  @Test func `a step is momentum, orthogonalised and scaled, and AdamW for all else`() throws {
    let (model, twin) = (Model(), Model())
    let muon = OptimizerChoice.muon.make(
      for: model, blocks: "layers.", joined: "query_key_value", decay: 0.1)
    let adam = OptimizerChoice.adamW.make(for: twin, blocks: "layers.", decay: 0.1)
    (muon.rate, adam.rate) = (0.01, 0.01)
    var random = Random(seed: 6)
    var mean = [Double](repeating: 0, count: 24)
    var fusedMean = [Double](repeating: 0, count: 12)
    for _ in 0..<3 {
      for (a, b) in zip(model.parameters, twin.parameters) {
        let gradient: Tensor = .normal(a.tensor.shape, &random)
        (a.tensor.gradient, b.tensor.gradient) = (gradient, gradient)
      }
      var inner = model.inner.scalars.map(Double.init)
      var fused = model.fused.scalars.map(Double.init)
      step(&inner, model.inner.gradient!, &mean, columns: 6, stack: 1)
      step(&fused, model.fused.gradient!, &fusedMean, columns: 2, stack: 3)
      muon.step(gradientScale: 0.5)
      adam.step(gradientScale: 0.5)
      #expect(
        difference(model.inner.scalars, inner.map { Float($0) }, atol: 1e-5, rtol: 1e-4) == nil)
      #expect(
        difference(model.fused.scalars, fused.map { Float($0) }, atol: 1e-5, rtol: 1e-4) == nil)
      #expect(model.table.scalars == twin.table.scalars)
      #expect(model.gain.scalars == twin.gain.scalars)
    }
    #expect(muon.steps == 3)
  }

  /// A step of rate 0.01, momentum 0.95, decay 0.1, with half of the gradient.
  private func step(
    _ weights: inout [Double], _ gradient: Tensor, _ mean: inout [Double], columns: Int, stack: Int
  ) {
    let g = gradient.scalars.map { 0.5 * Double($0) }
    var ahead: [Double] = []
    for i in g.indices {
      mean[i] = 0.95 * mean[i] + 0.05 * g[i]
      ahead.append(0.95 * mean[i] + 0.05 * g[i])
    }
    let size = weights.count / stack
    for part in 0..<stack {
      let numbers = Array(ahead[part * size..<(part + 1) * size])
      let matrix = stride(from: 0, to: size, by: columns).map { Array(numbers[$0..<$0 + columns]) }
      let larger = Double(max(matrix.count, columns)).squareRoot()
      for (i, value) in orthogonalized(matrix).joined().enumerated() {
        let place = part * size + i
        weights[place] = weights[place] * (1 - 0.01 * 0.1) - 0.01 * 0.2 * larger * value
      }
    }
  }

  @Test func `a run goes on from its saved state`() {
    func train(_ steps: Range<Int>, _ model: Model, _ optimizer: any Optimizer) {
      for step in steps {
        var random = Random(seed: UInt64(step))
        for (_, tensor) in model.parameters { tensor.gradient = .normal(tensor.shape, &random) }
        optimizer.step()
      }
    }
    func make(_ model: Model) -> any Optimizer {
      let optimizer = OptimizerChoice.muon.make(for: model, blocks: "layers.", decay: 0.1)
      optimizer.rate = 0.02
      return optimizer
    }
    let whole = Model()
    train(0..<6, whole, make(whole))
    let first = Model()
    let begun = make(first)
    train(0..<3, first, begun)
    let second = Model()
    let resumed = make(second)
    for (a, b) in zip(second.tensors, first.tensors) { a.tensor.assign(b.tensor) }
    for (a, b) in zip(resumed.state, begun.state) {
      #expect(a.name == b.name)
      a.tensor.assign(b.tensor)
    }
    resumed.steps = begun.steps
    train(3..<6, second, resumed)
    for (a, b) in zip(second.tensors, whole.tensors) {
      #expect(a.tensor.scalars == b.tensor.scalars)
    }
    #expect(Set(begun.state.map(\.name)).count == begun.state.count)
  }
}
