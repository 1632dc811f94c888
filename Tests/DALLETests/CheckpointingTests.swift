import DALLE
import NeuralNetwork
import TensorCore
import TestSupport
import Testing

@Suite struct DALLECheckpointingTests {
  /// A model of 4 layers, with all kinds of sparse attention, and a batch of two.
  private static func small(_ convention: DALLEConfiguration.Convention) -> (
    DALLE, text: IndexTensor, image: IndexTensor
  ) {
    var random = Random(seed: 1)
    let c = DALLEConfiguration(
      textVocabulary: 50, textLength: 16, imageVocabulary: 64, rows: 8, columns: 8, width: 64,
      layers: 4, heads: 4, kernel: 3, convention: convention, isSandwich: convention != .paper)
    func ids(_ count: Int, below bound: Int) -> IndexTensor {
      IndexTensor(
        shape: [2, count], (0..<2 * count).map { _ in Int32(random.integer(below: bound)) })
    }
    let (text, image) = (ids(16, below: 50), ids(64, below: 64))
    return (DALLE(c, &random), text, image)
  }

  @Test func `gradients are the same bits, for less than half of the memory`() async {
    await #expect(processExitsWith: .success) {
      let (model, text, image) = Self.small(.paper)
      requireSameGradients(model, memory: 0.5) { model(text: text, image: image).total }
    }
  }

  @Test func `with sandwich norms and a gradient scale, too`() async {
    await #expect(processExitsWith: .success) {
      let (model, text, image) = Self.small(.ruDALLE3)
      requireSameGradients(model, memory: 0.5) { model(text: text, image: image).total }
    }
  }

  @Test func `a trace holds the same tensors once, whose gradients can be taken`() {
    let (model, text, image) = Self.small(.paper)
    let (usual, asked) = (Trace(), Trace())
    _ = model.hidden(text: text, image: image, trace: usual)
    let y = withCheckpointedBlocks(true) { model.hidden(text: text, image: image, trace: asked) }
    #expect(asked.entries.map(\.name) == usual.entries.map(\.name))
    for (one, other) in zip(usual.entries, asked.entries) {
      #expect(one.tensor.scalars == other.tensor.scalars, "\(one.name)")
    }
    let count = asked.entries.count
    asked["layer.1.mlp_out"]?.sum().backward()
    #expect(y.requiresGradient && asked.entries.count == count)
    #expect(model.blocks[0].feedForward.first.weight.gradient != nil)
  }
}
