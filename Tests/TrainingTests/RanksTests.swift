// Several ranks, here threads, train as one process does.

import Checkpoints
import Collectives
import NeuralNetwork
import Optimization
import Synchronization
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct RanksTests {
  /// Blocks, which announce their gradients, between layers that do not.
  private struct Model: Module {
    let first: Linear
    let blocks: [DenseBlock]
    let last: Linear
    var members: Members {
      ("first", first)
      ("blocks", blocks)
      ("last", last)
    }

    init() {
      var random = Random(seed: 5)
      first = Linear(4, 8, &random)
      blocks = (0..<3).map { _ in
        DenseBlock(width: 8, heads: 2, layers: 3, &random)
      }
      last = Linear(8, 4, &random)
    }

    /// The mean squared error for x [B, T, 4], [].
    func loss(_ x: Tensor) -> Tensor {
      let y = blocks.reduce(first(x)) { $1($0) }  // [B, T, 8]
      return meanSquaredError(last(y), x.reversed(axis: 1))
    }
  }

  private struct Outcome: Sendable {
    let losses: [Float]
    let weights: [[Float]]
  }

  /// Twelve steps with batches of 12 sequences, on each of `count` ranks. Adam would make much of
  /// the rounding in a gradient that is 0, that of the bias of keys.
  private static func train(_ count: Int) -> [Outcome] {
    Lockstep.run(count) { ranks in
      let model = Model()
      let trainer = Trainer(
        "x", model, Descent(model, momentum: 0.9), steps: 12, seed: 7, rate: .constant(0.1),
        ranks: ranks)
      trainer.gradientLimit = 1
      trainer.terminal = Screen().terminal()
      trainer.average = MovingAverage(model, decay: 0.5)
      var losses: [Float] = []
      try? trainer.run { _, random in
        let batch = trainer.share(of: .normal([12, 5, 4], &random))  // [b, T, 4]
        let loss = model.loss(batch)
        loss.backward()
        losses.append(loss.item)
        return Metrics(loss: loss.item)
      }
      return Outcome(losses: losses, weights: model.tensors.map(\.tensor.scalars))
    }
  }

  @Test(arguments: [2, 3, 4])
  func `n ranks learn what one learns from the whole batch`(count: Int) throws {
    let one = Self.train(1)[0]
    let all = Self.train(count)
    for step in one.losses.indices {
      let mean = all.reduce(0) { $0 + $1.losses[step] } / Float(count)
      #expect(abs(mean - one.losses[step]) < 2e-5 * one.losses[step])
    }
    for rank in all {
      #expect(rank.weights == all[0].weights, "all ranks have the same bits")
      for (got, want) in zip(rank.weights, one.weights) {
        #expect(difference(got, want, atol: 2e-5, rtol: 1e-3) == nil)
      }
    }
    // Other batches would lead elsewhere.
    #expect(one.losses[11] < one.losses[0])
  }

  @Test func `gradients of a low rank, with what they leave out, lead near the same loss`() throws {
    let folder = try TemporaryFolder()
    func losses(_ compression: RunOptions.Compression?) -> [[Float]] {
      Lockstep.run(2) { [path = folder.path] ranks in
        let model = Model()
        let trainer = Trainer(
          "x", model, Adam(model, rate: 0), steps: 60, seed: 7, rate: .constant(1e-2), ranks: ranks)
        trainer.terminal = Screen().terminal()
        trainer.folder = TrainingFolder(
          "\(path)/\(compression?.rank ?? 0)-\(ranks.rank)", ModelCard(kind: "x", config: [1]),
          every: 1000, resume: false, options: RunOptions([:], compression: compression))
        var losses: [Float] = []
        try? trainer.run { _, random in
          let loss = model.loss(trainer.share(of: .normal([12, 5, 4], &random)))
          loss.backward()
          losses.append(loss.item)
          return Metrics(loss: loss.item)
        }
        return losses
      }
    }
    let (whole, low) = (losses(nil), losses(.init(.warmStarted, rank: 2)))
    for (whole, low) in zip(whole, low) {
      #expect(low.count == 60 && low != whole)
      let (end, wanted): (Float, Float) = (
        low.suffix(10).reduce(0, +), whole.suffix(10).reduce(0, +)
      )
      #expect(end < wanted * 1.1)
    }
  }

  @Test func `two runs on two ranks have the same bits`() {
    #expect(Self.train(2).map(\.weights) == Self.train(2).map(\.weights))
  }

  @Test func `blocks announce their gradients, whole, from the last to the first`() {
    let model = Model()
    let announced = Mutex<[[[Float]]]>([])
    let hook = GradientHook { block in
      announced.withLock { $0.append(block.parameters.map { $0.tensor.gradient!.scalars }) }
    }
    var random = Random(seed: 1)
    withGradientHook(hook) { model.loss(.normal([2, 5, 4], &random)).backward() }
    let gradients = announced.withLock { $0 }
    #expect(gradients.count == 3)
    for (block, early) in zip(model.blocks.reversed(), gradients) {
      #expect(block.parameters.map { $0.tensor.gradient!.scalars } == early)
    }
    // The hook changes no gradient.
    let plain = Model()
    random = Random(seed: 1)
    plain.loss(.normal([2, 5, 4], &random)).backward()
    for (a, b) in zip(model.parameters, plain.parameters) {
      #expect(a.tensor.gradient!.scalars == b.tensor.gradient!.scalars, "\(a.name)")
    }
  }
}
