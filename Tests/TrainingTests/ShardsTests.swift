// Ranks that keep slices of the state learn what ranks learn that keep all of it.

import Checkpoints
import Collectives
import NeuralNetwork
import Optimization
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct ShardsTests {
  private struct Model: Module {
    let first: Linear
    let blocks: [DenseBlock]
    let last: Linear
    var members: Members { ["first": first, "blocks": blocks, "last": last] }

    init(width: Int, layers: Int) {
      var random = Random(seed: 5)
      first = Linear(4, width, &random)
      blocks = (0..<layers).map { _ in
        DenseBlock(width: width, heads: 2, layers: layers, &random)
      }
      last = Linear(width, 4, &random)
    }

    /// The mean squared error for x [B, T, 4], [].
    func loss(_ x: Tensor) -> Tensor {
      let y = blocks.reduce(first(x)) { $1($0) }  // [B, T, D]
      return meanSquaredError(last(y), x.reversed(axis: 1))
    }
  }

  private struct Outcome: Sendable, Equatable {
    /// Of all steps, and of the averaged weights every fourth step.
    var losses: [Float] = []
    var evaluations: [Float] = []
    var weights: [[Float]] = []
    var said = ""
  }

  private struct Stop: Error {}

  /// Twelve steps with batches of 12 sequences on each of `count` ranks. The state is saved every five
  /// steps, in `folder`; all ranks fail in step `end`.
  private static func train(
    _ count: Int, isSharded: Bool, in folder: TemporaryFolder, width: Int = 9, layers: Int = 3,
    end: Int? = nil, resume: Bool = false
  ) -> [Outcome] {
    Lockstep.run(count) { [path = folder.path] ranks in
      let model = Model(width: width * 2, layers: layers)
      let average = MovingAverage(model, decay: 0.5)
      let groups = ParameterGroup.decayingMatrices(model, decay: 0.05)
      // Adam would make much of the rounding in a gradient that is 0, that of the bias of keys.
      let trainer = Trainer(
        "x", model, Adam(groups, rate: 0, epsilon: 1e-3), steps: 12, seed: 7,
        rate: .constant(1e-2), ranks: ranks)
      let screen = Screen()
      trainer.terminal = screen.terminal()
      trainer.average = average
      trainer.gradientLimit = 0.5
      trainer.folder = TrainingFolder(
        ranks.rank == 0 ? path : "\(path)/rank-\(ranks.rank)", ModelCard(kind: "x", config: [1]),
        every: 5, resume: resume, options: RunOptions([:], isSharded: isSharded))
      var outcome = Outcome()
      try? trainer.run { step, random in
        if step == end { throw Stop() }
        let batch: Tensor = .normal([12, 5, 4], &random)
        let loss = model.loss(trainer.share(of: batch))
        loss.backward()
        outcome.losses.append(loss.item)
        if step % 4 == 3 {
          average.swap()
          outcome.evaluations.append(withoutGradient { model.loss(batch).item })
          trainer.withWholeModel {
            outcome.evaluations.append(model.blocks[1].feedForward.first.weight.sum().item)
          }
          average.swap()
        }
        return Metrics(loss: loss.item)
      }
      if end != nil { return outcome }
      outcome.weights = (model.tensors + average.tensors).map(\.tensor.scalars)
      outcome.said = screen.text
      return outcome
    }
  }

  private static func expectClose(_ a: Outcome, _ b: Outcome) {
    #expect(difference(a.losses, b.losses, atol: 1e-5, rtol: 1e-5) == nil)
    #expect(difference(a.evaluations, b.evaluations, atol: 2e-4, rtol: 1e-4) == nil)
    #expect(a.weights.count == b.weights.count)
    for (a, b) in zip(a.weights, b.weights) {
      #expect(difference(a, b, atol: 1e-4, rtol: 1e-3) == nil)
    }
  }

  @Test(arguments: [2, 3, 4])
  func `ranks with slices learn what ranks with everything learn`(count: Int) throws {
    let sharded = Self.train(count, isSharded: true, in: try TemporaryFolder())
    let plain = Self.train(count, isSharded: false, in: try TemporaryFolder())
    #expect(plain[0].losses.last! < 0.9 * plain[0].losses[0], "there is something to learn")
    for (a, b) in zip(sharded, plain) {
      Self.expectClose(a, b)
      #expect(a.weights == sharded[0].weights, "all ranks end with the same bits")
    }
    let again = Self.train(count, isSharded: true, in: try TemporaryFolder())
    #expect(again.map(\.weights) == sharded.map(\.weights))
  }

  @Test func `a sharded run goes on with other ranks, or whole`() throws {
    let wanted = Self.train(1, isSharded: false, in: try TemporaryFolder())[0]
    for (count, isSharded) in [(2, true), (1, false)] {
      let folder = try TemporaryFolder()
      let begun = Self.train(4, isSharded: true, in: folder, end: 8)
      #expect(begun[0].losses.count == 8)
      let rest = Self.train(count, isSharded: isSharded, in: folder, resume: true)
      #expect(rest[0].losses.count == 7, "it goes on after step 5")
      for (a, b) in zip(rest[0].weights, wanted.weights) {
        #expect(difference(a, b, atol: 1e-4, rtol: 1e-3) == nil)
      }
    }
  }

  @Test func `one of four ranks holds about a third of what one process holds`() throws {
    let ranks = Self.train(4, isSharded: true, in: try TemporaryFolder(), width: 16, layers: 12)
    for rank in ranks {
      let share = try #require(rank.said.firstMatch(of: #/averages, (\d+) % of/#)?.output.1)
      #expect((25...35).contains(Int(share)!), "\(share) %")
    }
  }
}
