import Checkpoints
import Foundation
import NeuralNetwork
import TensorCore
import TestSupport
import Training

/// Two layers with dropout between them, on data drawn anew in every step.
struct Network: Module {
  let first: Linear
  let second: Linear

  var members: Members { ["first": first, "second": second] }

  init() {
    var random = Random(seed: 5)
    first = Linear(4, 8, &random)
    second = Linear(8, 4, &random)
  }

  func loss(_ random: inout Random) -> Tensor {
    let x = Tensor.normal([6, 4], &random)
    let y = second(dropout(first(x).gelu(), 0.2, &random))
    return meanSquaredError(y, x.reversed(axis: 1))
  }
}

/// Stops a run like a crash would: no state is saved.
struct Crash: Error {}

/// What was written to a terminal.
final class Screen {
  private(set) var text = ""

  var lines: [String] { text.split(separator: "\n").map(String.init) }

  func terminal(redraws: Bool = false, colours: Bool = false, columns: Int = 80) -> Terminal {
    Terminal(
      redraws: redraws, colours: colours, columns: { columns }, write: { self.text += $0 })
  }
}

/// A run of the network in a folder.
struct Run {
  enum Kind: CaseIterable { case sgd, adam, averaged }

  let network = Network()
  let optimizer: any Optimizer
  let trainer: Trainer
  let screen = Screen()
  var plateau = HalveOnPlateau(patience: 2)

  init(
    _ kind: Kind, in folder: TemporaryFolder?, steps: Int, resume: Bool = false, seed: UInt64 = 3,
    rate: Schedule = .warmUp(steps: 5, then: .constant(0.05)), every interval: Int = 4
  ) {
    optimizer =
      kind == .sgd
      ? SGD(network, rate: 0, momentum: 0.9)
      : Adam(network, rate: 0)
    trainer = Trainer("network", network, optimizer, steps: steps, seed: seed, rate: rate)
    trainer.gradientLimit = 0.5
    trainer.terminal = screen.terminal()
    if kind == .averaged {
      trainer.average = MovingAverage(network, decay: 0.8)
      trainer.averageInterval = 3
    }
    if let folder {
      trainer.folder = TrainingFolder(
        folder.file("run"), ModelCard(kind: "network", config: [4, 8]), every: interval,
        resume: resume)
    }
  }

  /// Trains, and calls `before` before every step.
  mutating func run(before: (Int) throws -> Void = { _ in }) throws {
    let (network, optimizer) = (network, optimizer)
    try trainer.run(carrying: &plateau) { step, random, plateau in
      try before(step)
      let loss = network.loss(&random)
      loss.backward()
      plateau.report(Double(loss.item))
      optimizer.rate *= Float(plateau.factor)
      return Metrics(loss: loss.item, ["factor": Float(plateau.factor)])
    }
  }
}

extension TemporaryFolder {
  /// The state of the run in this folder.
  func state() throws -> [UInt8] { try read("run/training.safetensors") }

  /// The lines of the run's log, without the seconds.
  func log() throws -> [String] {
    String(decoding: try read("run/log.jsonl"), as: UTF8.self).split(separator: "\n").map {
      String($0).replacing(#/"seconds":[^,]*,/#, with: "")
    }
  }
}
