import TensorCore
import TestSupport
import Testing
import VisionTransformer

@Suite struct ViTCheckpointingTests {
  @Test func `gradients are the same bits, for half of the memory`() async {
    await #expect(processExitsWith: .success) {
      var random = Random(seed: 1)
      let c = ViTConfiguration(imageSize: 32, patch: 4, width: 64, layers: 4, heads: 4)
      let model = ViT(c, classes: 5, &random)
      let images = Tensor.uniform([8, 3, 32, 32], 0, 1, &random)
      let labels = IndexTensor((0..<8).map { Int32($0 % 5) })
      requireSameGradients(model, memory: 0.5) { crossEntropy(model(images), labels) }
    }
  }
}
