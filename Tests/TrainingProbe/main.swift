// A small training run as a program, for `Tests/kill-and-resume.sh`, which kills it.
//
//     training-probe FOLDER STEPS          begins, or continues where it was stopped, and
//                                          writes FOLDER/weights.safetensors at the end

import Checkpoints
import Foundation
import NeuralNetwork
import Optimization
import TensorCore
import Training

/// Two layers. Their data are drawn in every step, so that resuming must bring back the random
/// numbers too.
struct Probe: Module {
  let first: Linear
  let second: Linear
  var members: Members {
    ("first", first)
    ("second", second)
  }

  func loss(_ x: Tensor, _ target: Tensor) -> Tensor {
    meanSquaredError(second(first(x).gelu()), target)
  }
}

guard CommandLine.arguments.count == 3, let steps = Int(CommandLine.arguments[2]) else {
  print("usage: training-probe FOLDER STEPS")
  exit(64)
}
let folder = CommandLine.arguments[1]
var random = Random(seed: 1).split("weights")
let model = Probe(first: Linear(64, 256, &random), second: Linear(256, 64, &random))
let card = ModelCard(kind: "probe", config: [64, 256])
let optimizer = Adam(model, rate: 0)
let trainer = Trainer(
  "probe", model, optimizer, steps: steps, seed: 2,
  rate: .warmUp(steps: 10, then: .cosine(from: 1e-3, to: 1e-4, steps: steps)))
trainer.gradientLimit = 1
trainer.average = MovingAverage(model, decay: 0.99)
trainer.averageInterval = 3
trainer.folder = TrainingFolder(folder, card, every: 5, resume: true)
do {
  var best = Float.infinity
  try trainer.run(carrying: &best) { step, random, best in
    // To learn: the input in reverse order.
    let x = Tensor.normal([16, 64], &random)
    let loss = model.loss(x, x.reversed(axis: 1))
    loss.backward()
    best = min(best, loss.item)
    return Metrics(loss: loss.item, ["best": best])
  }
  try Checkpoint.save(model, card, to: "\(folder)/weights.safetensors")
} catch {
  try? FileHandle.standardError.write(contentsOf: Data("\(error)\n".utf8))
  exit((error as? TrainingError)?.exitStatus ?? 1)
}
