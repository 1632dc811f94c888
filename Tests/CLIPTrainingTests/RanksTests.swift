import CLIP
import Collectives
import NeuralNetwork
import TensorCore
import TestSupport
import Testing

@testable import CLIPTraining

@Suite struct RanksTests {
  /// Loss and gradients, the mean over the ranks, of a batch of 6 pictures, of which one has no caption,
  /// and 8 captions.
  private static func step(_ count: Int) -> [(loss: Float, gradients: [[Float]])] {
    Lockstep.run(count) { ranks in
      var random = Random(seed: 3)
      let clip = CLIP(.stickers(vocabulary: 50), &random)
      let pictures = Tensor.normal([6, 3, 64, 64], &random)
      let length = clip.configuration.text.context
      let ids = IndexTensor(
        shape: [8, length], (0..<8 * length).map { Int32($0 * 7 % 50) })
      let excluded = Mask(shape: [6, 8], (0..<48).map { $0 % 11 == 5 && $0 / 8 != $0 % 8 ? 1 : 0 })
      let loss = clip.backward(pictures, ids, pairs: 5, excluding: excluded, on: ranks)
      return (
        loss,
        clip.parameters.map { ranks.sum($0.tensor.gradient!.scalars).map { $0 / Float(count) } }
      )
    }
  }

  @Test(arguments: [2, 3])
  func `ranks that share a batch have its loss and its gradients`(count: Int) {
    let one = Self.step(1)[0]
    for rank in Self.step(count) {
      #expect(abs(rank.loss - one.loss) < 1e-5)
      for (got, want) in zip(rank.gradients, one.gradients) {
        #expect(difference(got, want, atol: 1e-6, rtol: 1e-3) == nil)
      }
    }
  }
}
