// One seed gives one result, whatever the number of threads.

import Kernels
import NeuralNetwork
import Optimization
import TensorCore
import Testing

@Suite("Determinism", .serialized) struct DeterminismTests {
  /// A model with every kind of parallel loop: convolution, group norm, attention, products,
  /// cross-entropy, Adam.
  private struct Mixed: Module {
    let stem: Convolution2D
    let norm: GroupNorm
    let block: DenseBlock
    let head: Linear

    init(_ random: inout Random) {
      stem = Convolution2D(3, 64, kernel: 3, stride: 2, padding: 1, &random)
      norm = GroupNorm(groups: 8, channels: 64)
      block = DenseBlock(width: 64, heads: 4, layers: 1, &random)
      head = Linear(64, 10, &random)
    }

    var members: Members {
      ("stem", stem)
      ("norm", norm)
      ("block", block)
      ("head", head)
    }

    func loss(_ pictures: Tensor, _ labels: IndexTensor) -> Tensor {
      let h = norm(stem(pictures)).relu()  // [B, 8, 8, 64]
      let tokens = block(h.reshaped(h.shape[0], 64, 64), mask: .causal)  // [B, T, D]
      return crossEntropy(head(tokens.mean(axis: 1)), labels)
    }
  }

  private func train(threads: Int) -> [[UInt32]] {
    let before = Threads.count
    Threads.count = threads
    defer { Threads.count = before }
    var random = Random(seed: 5)
    let model = Mixed(&random)
    let adam = Adam(model, rate: 1e-3, decay: .decoupled(0.01))
    let pictures = Tensor.uniform([12, 16, 16, 3], 0, 1, &random)
    let labels = IndexTensor((0..<12).map { $0 % 10 })
    for _ in 0..<4 {
      model.clearGradients()
      model.loss(pictures, labels).backward()
      adam.step(
        gradientScale: clipScale(norm: gradientNorm(model.parameters), limit: 0.5))
    }
    return model.parameters.map { $0.tensor.scalars.map(\.bitPattern) }
  }

  @Test func `one thread and two give the same bits`() {
    #expect(train(threads: 1) == train(threads: 2))
  }

  @Test func `the same seed gives the same bits again`() {
    #expect(train(threads: 2) == train(threads: 2))
  }
}
