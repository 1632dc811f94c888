import DiscreteVAE
import TensorCore
import TestSupport
import Testing

@Suite struct DVAECheckpointingTests {
  @Test func `gradients of both networks are the same bits, for half of the memory`() async {
    await #expect(processExitsWith: .success) {
      var random = Random(seed: 1)
      let c = DVAEConfiguration(
        hidden: 32, initial: 32, blocks: 2, groups: 2, vocabulary: 64, stem: 2)
      let model = DiscreteVAE(c, &random)
      let images = Tensor.uniform([4, 32, 32, 3], 0.1, 0.9, &random)
      let noise = Tensor.gumbel([4, 8, 8, 64], &random)
      requireSameGradients(model, memory: 0.5) {
        let logits = model.encoder(images)  // [B, h, w, K]
        let codes = gumbelSoftmax(logits, noise: noise, temperature: 0.5)
        return model.bound(images, codes, logits: logits).loss(beta: 0.5)
      }
    }
  }
}
