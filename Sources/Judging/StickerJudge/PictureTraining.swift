// What the trainings of all networks that look at small pictures have in common.

import Images
import NeuralNetwork
import Optimization
import TensorCore
import Training

extension Trainer {
  /// A training of a small network on pictures: Adam, matrices that decay a little, a rate that rises over a
  /// hundred steps and falls to a hundredth, gradients of norm 2 at most.
  package convenience init(
    reading name: String, _ network: some Module, rate: Double, steps: Int, seed: UInt64,
    folder: TrainingFolder? = nil, terminal: Terminal
  ) {
    self.init(
      name, network, Adam(ParameterGroup.decayingMatrices(network, decay: 0.02), rate: 0),
      steps: steps, seed: seed,
      rate: .warmUp(
        steps: min(100, steps),
        then: .cosine(from: rate, to: rate / 100, steps: steps)))
    gradientLimit = 2
    self.folder = folder
    self.terminal = terminal
  }
}

extension Tensor {
  /// B pictures of size × size pixels → [B, size, size, 3] in 0 … 1, as a judge reads them.
  package static func read(_ pictures: [Image], size: Int) -> Tensor {
    for picture in pictures {
      precondition(
        picture.width == size && picture.height == size,
        "the judge reads pictures of \(size)×\(size) pixels, got \(picture.width)×\(picture.height)"
      )
    }
    return Tensor(pictures).channelsLast
  }
}
