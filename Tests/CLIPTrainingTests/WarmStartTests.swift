import CLIP
import CLIPTraining
import NeuralNetwork
import TensorCore
import TestSupport
import Testing
import VisionTransformer

@Suite struct WarmStartTests {
  @Test func `a tower that starts from an encoder has its embeddings and blocks`() throws {
    var random = Random(seed: 1)
    let sizes = ViTConfiguration(
      imageSize: 16, patch: 8, width: 16, layers: 2, heads: 2, activation: .quickGelu)
    let encoder = ViTEncoder(sizes, &random)
    for (_, tensor) in encoder.tensors { tensor.assign(.normal(tensor.shape, &random)) }
    let tower = ImageTower(sizes, &random)
    tower.start(from: encoder)

    let pictures = Tensor.uniform([2, 3, 16, 16], 0, 1, &random)
    let (ours, theirs) = (Trace(), Trace())
    _ = tower(CLIP.normalised(pictures), trace: ours)
    _ = encoder(pictures.affine(scale: 2, offset: -1), trace: theirs)
    let embedded = try #require(ours["vision.embeddings"])
    let expected = try #require(theirs["embeddings"])
    #expect(difference(embedded.scalars, expected.scalars, atol: 1e-4, rtol: 1e-4) == nil)

    let x = Tensor.normal([2, 5, 16], &random)
    for (mine, other) in zip(tower.blocks, encoder.blocks) {
      #expect(mine(x).scalars == other(x).scalars)
    }
    #expect(tower.postNorm(x).scalars == encoder.norm(x).scalars)
  }
}
