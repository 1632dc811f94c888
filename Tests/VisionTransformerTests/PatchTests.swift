import NeuralNetwork
import TensorCore
import TestSupport
import Testing
import VisionTransformer

@Suite struct PatchTests {
  @Test(arguments: [(1, 3, 8, 8, 4), (2, 1, 6, 9, 3), (3, 2, 5, 5, 1), (1, 3, 4, 12, 4)])
  func `unpatchify is the inverse of patchify`(
    b: Int, c: Int, h: Int, w: Int, p: Int
  ) {
    var random = Random(seed: 1)
    let images = Tensor.normal([b, c, h, w], &random)
    let patches = patchify(images, patch: p)
    #expect(patches.shape == [b, h / p * (w / p), c * p * p])
    let again = unpatchify(patches, patch: p, grid: (h / p, w / p))
    #expect(again.shape == images.shape && again.scalars == images.scalars)
  }

  @Test func `patches follow the rows of the grid, channels come first within a patch`() {
    // Two channels of 2×4 pixels, numbered; patches of 2×2.
    let images = Tensor(shape: [1, 2, 2, 4], (0..<16).map(Float.init))
    let patches = patchify(images, patch: 2)
    #expect(patches.scalars == [0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15])
  }

  @Test(arguments: [true, false])
  func `the embedding is a convolution whose stride is its window`(bias: Bool) {
    var random = Random(seed: 2)
    let embedding = PatchEmbedding(channels: 3, patch: 4, width: 10, bias: bias, &random)
    embedding.bias?.update { for i in $0.indices { $0[i] = Float(i) } }
    let images = Tensor.normal([2, 3, 8, 12], &random)
    let convolved = convolution2D(
      images.channelsLast, embedding.weight, embedding.bias, stride: 4, padding: 0)
    let tokens = embedding(images)
    #expect(tokens.shape == [2, 6, 10] && convolved.shape == [2, 2, 3, 10])
    #expect(difference(tokens.scalars, convolved.scalars, atol: 1e-5, rtol: 1e-5) == nil)
  }

  @Test func `positions stay unchanged on their own grid, and the class token's on any grid`() {
    var random = Random(seed: 3)
    let positions = Tensor.normal([1, 1 + 12, 5], &random)
    let same = interpolated(positions, from: (3, 4), to: (3, 4))
    #expect(same.scalars == positions.scalars)
    let larger = interpolated(positions, from: (3, 4), to: (7, 5))
    #expect(larger.shape == [1, 36, 5])
    #expect(larger.scalars.prefix(5) == positions.scalars.prefix(5))
    let constant = interpolated(Tensor(repeating: 2, shape: [1, 13, 5]), from: (3, 4), to: (9, 2))
    #expect(difference(constant.scalars, [Float](repeating: 2, count: 95), atol: 1e-6) == nil)
  }

  @Test func `gradients pass through interpolation, a total of 1 from each output`() {
    var random = Random(seed: 6)
    let positions = Tensor.normal([1, 1 + 12, 5], &random).requiringGradient()
    interpolated(positions, from: (3, 4), to: (7, 5)).sum().backward()
    let gradient = positions.gradient?.scalars ?? []
    #expect(gradient.prefix(5).allSatisfy { $0 == 1 } && gradient.count == 65)
    let total = gradient.dropFirst(5).reduce(0, +)
    #expect(difference([total], [35 * 5], rtol: 1e-5) == nil)
  }

  @Test func `a trained model reads pictures of another size`() {
    var random = Random(seed: 4)
    let c = ViTConfiguration(imageSize: 16, patch: 4, width: 8, layers: 1, heads: 2)
    let model = ViT(c, classes: 3, &random)
    #expect(model(Tensor.normal([2, 3, 24, 12], &random)).shape == [2, 3])
  }

  @Test func `reordering the pictures reorders their logits`() {
    var random = Random(seed: 5)
    let c = ViTConfiguration(imageSize: 8, patch: 4, width: 8, layers: 2, heads: 2)
    let model = ViT(c, classes: 3, &random)
    let images = Tensor.normal([3, 3, 8, 8], &random)
    let forward = model(images).scalars
    let backward = model(images.reversed(axis: 0)).reversed(axis: 0).scalars
    #expect(difference(backward, forward, atol: 1e-6, rtol: 1e-5) == nil)
  }

  @Test func `pictures that do not divide into patches violate a precondition`() async {
    await #expect(processExitsWith: .failure) { _ = patchify(.zeros([1, 3, 10, 8]), patch: 4) }
  }
}
