import Checkpoints
import Foundation
import NeuralNetwork
import Optimization
import TensorCore
import TestSupport
import Training

/// Two layers, trained on data drawn anew in every step.
struct Network: Module {
  let first: Linear
  let second: Linear

  var members: Members {
    ("first", first)
    ("second", second)
  }

  init() {
    var random = Random(seed: 5)
    first = Linear(4, 8, &random)
    second = Linear(8, 4, &random)
  }

  func loss(_ random: inout Random) -> Tensor {
    let x = Tensor.normal([6, 4], &random)
    let y = second(first(x).gelu())
    return meanSquaredError(y, x.reversed(axis: 1))
  }
}

/// Gradient descent with momentum, the simplest optimiser that has a state.
final class Descent: Optimizer {
  let groups: [ParameterGroup]
  var rate: Float = 0
  var steps = 0
  let state: [(name: String, tensor: Tensor)]
  private let momentum: Float

  init(_ module: some Module, momentum: Float = 0) {
    groups = [ParameterGroup(module.parameters)]
    state = module.parameters.map { ("momentum.\($0)", .zeros($1.shape)) }
    self.momentum = momentum
  }

  private init(_ groups: [ParameterGroup], momentum: Float) {
    self.groups = groups
    state = groups[0].parameters.map { ("momentum.\($0)", .zeros($1.shape)) }
    self.momentum = momentum
  }

  func forOthers(_ groups: [ParameterGroup]) -> any Optimizer {
    Descent(groups, momentum: momentum)
  }

  func step(gradientScale: Float) {
    steps += 1
    for ((_, parameter), (_, velocity)) in zip(groups[0].parameters, state) {
      guard let gradient = parameter.gradient?.scalars else { continue }
      velocity.update { v in
        parameter.update { w in
          for i in w.indices {
            v[i] = momentum * v[i] + gradientScale * gradient[i]
            w[i] -= rate * v[i]
          }
        }
      }
    }
  }
}

/// Halves the rate whenever the loss has not fallen for a few steps: a value that a run must carry
/// from step to step.
struct Plateau: Codable {
  private(set) var factor = 1.0
  private var best = Double.infinity
  private var waited = 0

  mutating func report(_ loss: Double) {
    (best, waited) = (min(best, loss), loss < best ? 0 : waited + 1)
    if waited > 2 { (factor, waited) = (factor / 2, 0) }
  }
}

/// Stops a run as a crash would, without saving a state.
struct Crash: Error {}

/// Collects what is written to a terminal.
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
  enum Kind: CaseIterable { case descent, adam, averaged, compressed }

  let network = Network()
  let optimizer: any Optimizer
  let trainer: Trainer
  let screen = Screen()
  var plateau = Plateau()

  init(
    _ kind: Kind, in folder: TemporaryFolder?, steps: Int, resume: Bool = false, seed: UInt64 = 3,
    rate: Schedule = .warmUp(steps: 5, then: .constant(0.05)), every interval: Int = 4
  ) {
    optimizer =
      kind == .descent
      ? Descent(network, momentum: 0.9)
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
        resume: resume,
        options: RunOptions(
          [:], compression: kind == .compressed ? .init(.warmStarted, rank: 1) : nil))
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
