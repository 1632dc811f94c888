// The settings of a classifier's run, and the loop that follows them.

import NeuralNetwork
import Optimization
import TensorCore
import Training

/// The settings of a supervised run.
public struct ClassifierRecipe: Equatable, Sendable {
  /// The number of optimiser steps.
  public var steps: Int
  /// B, pictures per step.
  public var batch: Int
  /// The highest learning rate.
  public var rate: Float
  /// What turns gradients into steps.
  public var optimizer: OptimizerChoice
  /// The random seed of weights and pictures.
  public var seed: UInt64

  /// A recipe; the defaults are those of the bundled classifier.
  public init(
    steps: Int = 10_000, batch: Int = 32, rate: Float = 1e-3,
    optimizer: OptimizerChoice = .adamW, seed: UInt64 = 1
  ) {
    self.steps = steps
    self.batch = batch
    self.rate = rate
    self.optimizer = optimizer
    self.seed = seed
  }
}

extension ClassifierRecipe {
  /// The loop of every run: AdamW, or Muon in its place inside of blocks, with decay 0.05 on matrices, gradients clipped at norm 1. `loss`
  /// is called in every step; `measure` every `interval` steps, for accuracies.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` if the folder cannot be used.
  func run(
    _ title: String, _ model: some Module, folder: TrainingFolder?, terminal: Terminal,
    measuring interval: Int = .max, _ measure: () -> [Double] = { [] },
    loss: (inout Random) -> Tensor
  ) throws -> TrainingCurve {
    let trainer = Trainer(
      title, model, optimizer.make(for: model, blocks: ".layers.", decay: 0.05),
      steps: steps, seed: seed, rate: .riseAndFall(to: rate, steps: steps))
    trainer.gradientLimit = 1
    trainer.terminal = terminal
    trainer.folder = folder
    var curve = TrainingCurve()
    try trainer.run(carrying: &curve) { step, random, curve in
      if step > 0 && step % interval == 0 { curve.add(accuracies: measure()) }
      let loss = loss(&random)  // []
      loss.backward()
      curve.add(loss.item)
      return Metrics(loss: loss.item)
    }
    if interval <= steps { curve.add(accuracies: measure()) }
    return curve
  }
}
