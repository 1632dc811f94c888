import DALLE
import TensorCore

@testable import MixedPrecision

/// Pairs of 5 text ids below 20 and 3×3 codes below 12.
let somePairs: TokenPairs = {
  var random = Random(seed: 5)
  func ids(_ shape: [Int], below bound: Int) -> IndexTensor {
    IndexTensor(
      shape: shape, (0..<shape[0] * shape[1]).map { _ in Int32(random.integer(below: bound)) })
  }
  return TokenPairs(text: ids([8, 5], below: 20), image: ids([8, 9], below: 12))
}()

/// Three blocks of width 16 for these pairs.
var smallExperiment: ScalingExperiment {
  var experiment = ScalingExperiment(
    somePairs, vocabulary: 20, codes: 12, side: 3, layers: 3, width: 16, heads: 2)
  experiment.steps = 6
  return experiment
}

/// The bits of all weights.
func bits(_ model: DALLE) -> [[UInt32]] { model.tensors.map { bits($0.tensor) } }

func bits(_ x: Tensor) -> [UInt32] { x.scalars.map(\.bitPattern) }
