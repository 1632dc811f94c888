import CLIP
import TensorCore
import TestSupport
import Testing
import VisionTransformer

@Suite struct CLIPCheckpointingTests {
  @Test func `gradients of both towers are the same bits, for half of the memory`() async {
    await #expect(processExitsWith: .success) {
      var random = Random(seed: 1)
      let vision = ViTConfiguration(imageSize: 32, patch: 4, width: 64, layers: 4, heads: 4)
      let c = CLIPConfiguration(
        text: .init(vocabulary: 100, context: 20, width: 64, layers: 4, heads: 4), vision: vision,
        projection: 32)
      let model = CLIP(c, &random)
      let images = Tensor.uniform([8, 3, 32, 32], 0, 1, &random)
      let ids = IndexTensor(
        shape: [8, 20], (0..<160).map { _ in Int32(random.integer(below: 100)) })
      requireSameGradients(model, memory: 0.5) {
        let (x, y) = (model.embed(images: images), model.embed(captions: ids))
        return contrastiveLoss(similarityLogits(x, y, logitScale: model.logitScale))
      }
    }
  }
}
