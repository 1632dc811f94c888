// Ranks that keep slices of the state learn what ranks learn that keep all of it.

import Checkpoints
import Collectives
import Kernels
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
    var members: Members {
      ("first", first)
      ("blocks", blocks)
      ("last", last)
    }

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

  private struct Outcome: Sendable {
    /// Of all steps, and of the averaged weights every fourth step.
    var losses: [Float] = []
    var evaluations: [Float] = []
    var weights: [[Float]] = []
    var said = ""
  }

  private struct Stop: Error {}

  /// What differs between runs.
  private struct Plan: Sendable {
    var isSharded = true
    var width = 18
    var layers = 3
    var limit: Float? = 0.5
    var isAveraged = true
    /// All ranks fail in this step.
    var end: Int?
    /// In this step a rank has a gradient that is not a number.
    var flaw: Int?
    var resume = false
  }

  /// Twelve steps with batches of 12 sequences on `count` ranks together. The state is saved every
  /// five steps, in `folder`.
  private static func train(
    _ count: Int, _ plan: Plan, in folder: TemporaryFolder
  ) -> [Outcome] {
    Lockstep.run(count) { [path = folder.path] ranks in
      let model = Model(width: plan.width, layers: plan.layers)
      let groups = ParameterGroup.decayingMatrices(model, decay: 0.05)
      // Adam would make much of the rounding in a gradient that is 0, that of the bias of keys.
      let trainer = Trainer(
        "x", model, Adam(groups, rate: 0, epsilon: 1e-3), steps: 12, seed: 7,
        rate: .constant(1e-2), ranks: ranks)
      let screen = Screen()
      trainer.terminal = screen.terminal()
      trainer.average = plan.isAveraged ? MovingAverage(model, decay: 0.5) : nil
      trainer.gradientLimit = plan.limit
      trainer.folder = TrainingFolder(
        ranks.rank == 0 ? path : "\(path)/rank-\(ranks.rank)", ModelCard(kind: "x", config: [1]),
        every: 5, resume: plan.resume, options: RunOptions([:], isSharded: plan.isSharded))
      var outcome = Outcome()
      do {
        try trainer.run { step, random in
          if step == plan.end { throw Stop() }
          let batch: Tensor = .normal([12, 5, 4], &random)
          let loss = model.loss(trainer.share(of: batch))
          loss.backward()
          if step == plan.flaw, ranks.rank == 0 {
            model.first.weight.gradient?.update { $0[$0.count - 1] = .nan }
          }
          outcome.losses.append(loss.item)
          if step % 4 == 3 { outcome.evaluations += evaluate(model, batch, trainer) }
          return Metrics(loss: loss.item)
        }
      } catch {
        outcome.said = "\(error)"
        return outcome
      }
      outcome.weights = (model.tensors + (trainer.average?.tensors ?? [])).map(\.tensor.scalars)
      outcome.said = screen.text
      return outcome
    }
  }

  /// What a run measures with averaged weights: a loss, and a weight that it reads itself.
  private static func evaluate(_ model: Model, _ batch: Tensor, _ trainer: Trainer) -> [Float] {
    trainer.average?.swap()
    defer { trainer.average?.swap() }
    return [
      withoutGradient { model.loss(batch).item },
      trainer.withWholeModel { model.blocks[1].feedForward.first.weight[0, 1] },
    ]
  }

  @Test(arguments: [1, 2, 3, 4])
  func `ranks with slices learn what ranks with everything learn, bit for bit`(
    count: Int
  ) throws {
    for limit in [nil, 0.5] as [Float?] {
      let sharded = Self.train(count, Plan(limit: limit), in: try TemporaryFolder())
      let plain = Self.train(
        count, Plan(isSharded: false, limit: limit), in: try TemporaryFolder())
      #expect(plain[0].losses.last! < 0.9 * plain[0].losses[0], "there is something to learn")
      for (a, b) in zip(sharded, plain) {
        #expect(a.weights == sharded[0].weights, "all ranks end with the same bits")
        #expect(difference(a.losses, b.losses, atol: 1e-5, rtol: 1e-5) == nil)
        #expect(difference(a.evaluations, b.evaluations, atol: 1e-5, rtol: 1e-5) == nil)
        for (a, b) in zip(a.weights, b.weights) {
          #expect(difference(a, b, atol: 1e-5, rtol: 1e-5) == nil)
        }
        // The norm, and so what is left of clipped gradients, is added up in another order.
        if limit == nil {
          #expect((a.losses, a.evaluations) == (b.losses, b.evaluations))
          #expect(a.weights == b.weights)
        }
      }
      let again = Self.train(count, Plan(limit: limit), in: try TemporaryFolder())
      #expect(again.map(\.losses) == sharded.map(\.losses), "the same bits twice")
      #expect(again.map(\.weights) == sharded.map(\.weights))
    }
  }

  @Test(arguments: [2, 4])
  func `ranks with slices learn what one process learns`(count: Int) throws {
    let one = Self.train(1, Plan(isSharded: false), in: try TemporaryFolder())[0]
    let ranks = Self.train(count, Plan(), in: try TemporaryFolder())
    for step in one.losses.indices {
      let mean = ranks.reduce(0) { $0 + $1.losses[step] } / Float(count)
      #expect(abs(mean - one.losses[step]) < 1e-5 * one.losses[step])
    }
    for (a, b) in zip(ranks[0].weights, one.weights) {
      #expect(difference(a, b, atol: 1e-5, rtol: 1e-5) == nil)
    }
  }

  @Test func `a sharded run goes on with other ranks, or whole`() throws {
    let wanted = Self.train(1, Plan(isSharded: false), in: try TemporaryFolder())[0]
    for (count, isSharded) in [(2, true), (1, false)] {
      let folder = try TemporaryFolder()
      let begun = Self.train(4, Plan(end: 8), in: folder)
      #expect(begun[0].losses.count == 8)
      let rest = Self.train(count, Plan(isSharded: isSharded, resume: true), in: folder)
      #expect(rest[0].losses.count == 7, "it goes on after step 5")
      for (a, b) in zip(rest[0].weights, wanted.weights) {
        #expect(difference(a, b, atol: 1e-5, rtol: 1e-5) == nil)
      }
    }
  }

  @Test func `its state is the same file, and it goes on with the same bits`() throws {
    let (sharded, plain) = (try TemporaryFolder(), try TemporaryFolder())
    _ = Self.train(2, Plan(limit: nil, end: 8), in: sharded)
    _ = Self.train(2, Plan(isSharded: false, limit: nil, end: 8), in: plain)
    let state = "training.safetensors"
    #expect(try sharded.read(state) == plain.read(state))
    let rest = Self.train(2, Plan(limit: nil, resume: true), in: plain)
    #expect(rest[0].losses.count == 7, "it goes on after step 5, where the other one has been")
    let whole = Self.train(2, Plan(limit: nil), in: try TemporaryFolder())
    #expect(rest[0].weights == whole[0].weights)
  }

  @Test func `all ranks stop at a gradient that is not finite, and name the same place`() throws {
    let plain = Self.train(2, Plan(isSharded: false, flaw: 3), in: try TemporaryFolder())[0]
    #expect(plain.said.contains("the gradient of first.weight holds nan at place 71"))
    let ranks = Self.train(4, Plan(flaw: 3), in: try TemporaryFolder())
    for rank in ranks {
      #expect(rank.losses.count == 4)
      #expect(rank.said.prefix { $0 != "." } == plain.said.prefix { $0 != "." })
    }
  }

  @Test(arguments: [8, 12])
  func `one of four ranks holds a third of what one process holds`(layers: Int) throws {
    let plan = Plan(width: 32, layers: layers, isAveraged: false)
    for rank in Self.train(4, plan, in: try TemporaryFolder()) {
      let shares = rank.said.matches(of: #/\((\d+) %\)/#).compactMap { Int($0.output.1) }
      try #require(shares.count == 2)
      #expect((25...35).contains(shares[0]), "within a step: \(rank.said)")
      #expect((18...22).contains(shares[1]), "between steps, \(shares[1]) %")
    }
  }

  @Test func `the memory of slices of others is free between steps`() async {
    await #expect(processExitsWith: .success) {
      /// The bytes of tensors at the beginning of the last step.
      func live(_ count: Int, isSharded: Bool) throws -> Int {
        let folder = try TemporaryFolder()
        return Lockstep.run(count) { [path = folder.path] ranks in
          let model = Model(width: 256, layers: 4)
          let trainer = Trainer(
            "x", model, Adam(model, rate: 0), steps: 3, seed: 7, rate: .constant(1e-2),
            ranks: ranks)
          trainer.terminal = Screen().terminal()
          trainer.folder = TrainingFolder(
            "\(path)/\(ranks.rank)", ModelCard(kind: "x", config: [1]), every: 5, resume: false,
            options: RunOptions([:], isSharded: isSharded))
          var live = 0
          try? trainer.run { _, random in
            _ = ranks.sum([0])  // all are here
            live = Memory.statistics.live
            _ = ranks.sum([0])
            let loss = model.loss(trainer.share(of: .normal([4, 5, 4], &random)))
            loss.backward()
            return Metrics(loss: loss.item)
          }
          return live
        }.max()!
      }
      let (one, four) = (
        Double(try live(1, isSharded: false)), Double(try live(4, isSharded: true))
      )
      // Four ranks hold together what one process holds, and whole weights of what is in no block.
      precondition(one > 30e6 && (0.95...1.05).contains(four / one), "\(one), \(four) bytes")
    }
  }
}
