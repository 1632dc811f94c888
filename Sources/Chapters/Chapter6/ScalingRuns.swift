// Full runs in sixteen bits: without scales, with one, and with one for every resblock.

import Foundation
import MixedPrecision
import Notebook

/// A training of a deep transformer.
struct ScalingRun: Codable {
  let way: String
  /// M, by which the loss is divided before the backward pass.
  let replicas: Int
  let losses: [Float]
  let skipped: Int

  /// The mean of the last 20 losses.
  var last: Double { Double(losses.suffix(20).reduce(0, +)) / 20 }
}

/// How the scales of resblocks moved.
struct ScaleHistory: Codable {
  let steps, skipped: Int
  /// The steps that are kept.
  let at: [Double]
  /// log₂ of the scale at these steps, for each resblock.
  let scales: [[Double]]
}

extension Chapter6 {
  static func scalingRuns(_ state: State, _ out: Output) throws -> [ScalingRun] {
    var experiment = try deepExperiment(state, out, layers: 32)
    experiment.steps = 200
    var runs: [ScalingRun] = []
    for replicas in [1, 128, 4096] {
      for (way, steps) in experiment.compared(replicas: replicas, rate: 2e-3) {
        runs.append(
          ScalingRun(
            way: way, replicas: replicas, losses: steps.map(\.loss),
            skipped: steps.count(where: \.isSkipped)))
      }
    }
    return runs
  }

  static func scaleHistory(_ state: State, _ out: Output) throws -> ScaleHistory {
    var experiment = try deepExperiment(state, out, layers: 32)
    experiment.steps = 12_000
    var at: [Double] = []
    var scales = [[Double]](repeating: [], count: 64)
    var skipped = 0
    let settings = MixedSettings()
    _ = experiment.run(settings) { step, result in
      if result.isSkipped { skipped += 1 }
      if step % 100 != 0 { return }
      at.append(Double(step))
      for (i, scale) in result.logScales.enumerated() {
        scales[i].append((Double(scale) * 100).rounded() / 100)
      }
    }
    return ScaleHistory(steps: experiment.steps, skipped: skipped, at: at, scales: scales)
  }
}
