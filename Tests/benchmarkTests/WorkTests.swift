// The formulas for operations against plain loops that count every multiplication and addition,
// over the weights that the models really have.

import CLIP
import DALLE
import DiscreteVAE
import NeuralNetwork
import TensorCore
import Testing
import VisionTransformer

@testable import benchmark

@Suite("Operations of a row") struct WorkTests {
  @Test func `products count what the three loops do`() {
    let row = Row.product(3, 5, 7)
    #expect(row.operations == loops(3, 5, 7))
    #expect(row.name == "gemm 3x5x7" && row.precisions == [.f32, .bf16])
    #expect(Row.transposedProduct(2, 9, 4).operations == loops(2, 9, 4))
  }

  @Test func `convolutions count every tap, and a backward pass twice as much`() {
    let forward = convolution([2], inputs: 5, kernel: 3, places: 2 * 4 * 4)
    func operations(_ backward: Bool) -> Double? {
      Row.convolution(5, 2, size: 4, batch: 2, backward: backward).operations
    }
    #expect(operations(false) == forward)
    #expect(operations(true) == 3 * forward)
  }

  @Test func `attention counts the pairs that may see each other`() {
    let row = Row.causalAttention(batch: 2, positions: 5, width: 8, backward: false)
    let counted = Double(2) * attention(positions: 5, width: 8) { $1 <= $0 }
    #expect(row.operations == counted)
    let pattern = AttentionPattern(.convolution(kernel: 3, .raster), text: 3, rows: 4, columns: 4)
    #expect(pattern.pairs == pairs(pattern.positions, pattern.allows))
  }

  @Test func `a step of the transformer`() {
    let sizes = LanguageModel.Sizes(
      layers: 2, width: 8, heads: 2, tokens: 5, batch: 3, vocabulary: 11)
    var random = Random(seed: 1)
    let forward = matrices(LanguageModel(sizes, &random)) { name in
      name.hasPrefix("tokens") || name.hasPrefix("positions") ? 0 : 15
    }
    let all = forward + 2 * 3 * attention(positions: 5, width: 8) { $1 <= $0 }
    #expect(Row.transformerStep(sizes).operations == 3 * all)
  }

  @Test func `a step of GPT-2, which begins with the loss of a guess`() throws {
    let sizes = GPT2.Sizes(layers: 2, width: 8, heads: 2, context: 6, vocabulary: 11)
    var random = Random(seed: 1)
    let forward = matrices(GPT2(sizes, &random)) { $0.hasPrefix("wpe") ? 0 : 15 }
    let all = forward + 2 * 3 * attention(positions: 5, width: 8) { $1 <= $0 }
    let row = Row.gpt2Step(sizes, batch: 3, tokens: 5)
    #expect(row.operations == 3 * all && row.tokens == 15)
    let step = row.prepare()
    step()
    let loss = try #require(row.firstLoss?.value)
    #expect(abs(loss - 2.398) < 0.1)  // ln 11
    step()
    #expect(row.firstLoss?.value == loss)
  }

  @Test func `GPT-2 has its 124 million parameters`() {
    let s = GPT2.Sizes.small
    let block = 12 * s.width * s.width + 13 * s.width
    let all = (s.vocabulary + s.context) * s.width + s.layers * block + 2 * s.width
    #expect(all == 124_439_808)  // as llm.c prints
    let tiny = GPT2.Sizes(layers: 2, width: 8, heads: 2, context: 6, vocabulary: 11)
    var random = Random(seed: 1)
    let count = GPT2(tiny, &random).parameters.reduce(0) { $0 + $1.tensor.count }
    #expect(count == 17 * 8 + 2 * (12 * 64 + 13 * 8) + 16)
  }

  @Test func `a step of the vision transformer`() {
    let c = ViTConfiguration(imageSize: 8, patch: 4, width: 8, layers: 2, heads: 2)
    var random = Random(seed: 1)
    let model = ViT(c, classes: 3, &random)
    let (patches, blocks) = (
      kernels(model) { $0.contains("patch") ? 3 * 4 : 0 },
      matrices(model) { $0.hasPrefix("classifier") ? 3 : 3 * 5 }
    )
    let seeing = 2 * 3 * attention(positions: 5, width: 8) { _, _ in true }
    let row = Row.visionStep(c, classes: 3, batch: 3)
    #expect(row.operations == 2 * patches + 3 * (blocks + seeing))
  }

  @Test(arguments: [nil, 2]) func `a step of CLIP`(chunk: Int?) {
    let c = CLIPConfiguration(
      text: .init(vocabulary: 9, context: 4, width: 8, layers: 1, heads: 2),
      vision: ViTConfiguration(
        imageSize: 8, patch: 4, width: 12, layers: 2, heads: 2, activation: .quickGelu,
        epsilon: 1e-5), projection: 6)
    var random = Random(seed: 1)
    let model = CLIP(c, &random)
    let patches = kernels(model) { _ in 4 * 4 }
    let towers =
      matrices(model) { name in
        if name.contains("embedding") { return 0 }
        if name.contains("projection") { return 4 }
        return name.hasPrefix("text_model") ? 4 * 4 : 4 * 5
      } + 4 * attention(positions: 4, width: 8) { $1 <= $0 }
      + 2 * 4 * attention(positions: 5, width: 12) { _, _ in true }
    let once = 2 * patches + 3 * (towers + loops(4, 6, 4))
    let row = Row.clipStep(c, batch: 4, chunk: chunk)
    #expect(row.operations == once + (chunk == nil ? 0 : patches + towers))
  }

  @Test func `a step of the convolutional net`() {
    let sizes = ResidualNet.Sizes(batch: 2, size: 8, classes: 3, widths: [8, 8, 16])
    var random = Random(seed: 1)
    let model = ResidualNet(sizes, &random)
    let stem = kernels(model) { $0.hasPrefix("stem") ? 2 * 8 * 8 : 0 }
    let blocks = kernels(model) { name in
      guard name.hasPrefix("blocks") else { return 0 }
      let index = Int(name.split(separator: ".")[1]) ?? 0
      let side = [8, 4, 2][index / 2]
      return 2 * side * side
    }
    let head = matrices(model) { _ in 2 }
    #expect(Row.convNetStep(sizes).operations == 2 * stem + 3 * (blocks + head))
  }

  @Test func `a step of DALL·E`() {
    let c = DALLEConfiguration(
      textVocabulary: 7, textLength: 3, imageVocabulary: 5, rows: 4, columns: 4, width: 8,
      layers: 4, heads: 2, kernel: 3)
    var random = Random(seed: 1)
    let positions = 1 + 3 + 16 - 1
    var forward = matrices(DALLE(c, &random)) { name in
      name.contains("embeddings") || name.hasPrefix("to_logits") ? 0 : 2 * positions
    }
    forward += loops(2 * 3, 8, 7 + 3) + loops(2 * 16, 8, 5)  // logits of text, then of codes
    for pattern in c.patterns {
      forward += 2 * attention(positions: positions, width: 8, pattern.allows)
    }
    #expect(Row.dalleStep("", c, batch: 2).operations == 3 * forward)
    let blocks = forward - loops(2 * 3, 8, 7 + 3) - loops(2 * 16, 8, 5)
    #expect(
      Row.dalleStep("", c, batch: 2, isCheckpointed: true).operations == 3 * forward + blocks)
  }

  @Test func `a step of the dVAE`() {
    let c = DVAEConfiguration(
      hidden: 8, initial: 8, blocks: 1, decoderBlocks: 2, groups: 1, vocabulary: 6, stem: 4,
      bottleneck: 4, postGain: 0.25, logScaleFloor: -1.5)
    var random = Random(seed: 1)
    let model = DiscreteVAE(c, &random)
    let first = kernels(model) { $0.hasPrefix("encoder.blocks.input") ? 2 * 2 * 2 : 0 }
    let all = kernels(model) { _ in 2 * 2 * 2 }
    #expect(Row.dvaeStep(c, batch: 2, side: 8).operations == 3 * all - first)
  }

  // Counting by loops

  /// What the three loops of [M, K] · [K, N] do.
  private func loops(_ m: Int, _ k: Int, _ n: Int) -> Double {
    var count = 0.0
    for _ in 0..<m { for _ in 0..<n { for _ in 0..<k { count += 2 } } }
    return count
  }

  private func convolution(_ shape: [Int], inputs: Int, kernel: Int, places: Int) -> Double {
    var count = 0.0
    for _ in 0..<places {
      for _ in 0..<shape[0] { for _ in 0..<kernel * kernel { for _ in 0..<inputs { count += 2 } } }
    }
    return count
  }

  private func pairs(_ positions: Int, _ allows: (Int, Int) -> Bool) -> Int {
    (0..<positions).reduce(0) { sum, q in sum + (0..<positions).count { allows(q, $0) } }
  }

  /// Queries · keys and probabilities · values of one sequence.
  private func attention(
    positions: Int, width: Int, _ allows: (Int, Int) -> Bool
  ) -> Double {
    var count = 0.0
    for q in 0..<positions {
      for k in 0..<positions where allows(q, k) { for _ in 0..<width { count += 2 + 2 } }
    }
    return count
  }

  /// All matrices [O, I] of a model, each applied to as many rows as `rows` says for its name.
  private func matrices(_ model: some Module, rows: (String) -> Int) -> Double {
    model.parameters.filter { $0.tensor.rank == 2 }.reduce(0) {
      $0 + loops(rows($1.name), $1.tensor.shape[1], $1.tensor.shape[0])
    }
  }

  /// All kernels [O, C, k, k] of a model, each applied at as many places as `places` says.
  private func kernels(_ model: some Module, places: (String) -> Int) -> Double {
    model.parameters.filter { $0.tensor.rank == 4 }.reduce(0) {
      let shape = $1.tensor.shape
      // A patch embedding is a convolution without overlap.
      return $0
        + convolution(shape, inputs: shape[1], kernel: shape[2], places: places($1.name))
    }
  }
}
