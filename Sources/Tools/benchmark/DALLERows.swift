// Chapter 4 at work: steps of training, drawing, and single attention layers over longer and
// longer pictures.

import DALLE
import DiscreteVAE
import NeuralNetwork
import Optimization
import TensorCore

extension Row {
  /// The transformer of chapter 4, with its twin's numbers.
  private static var stickers: DALLEConfiguration {
    DALLEConfiguration(
      textVocabulary: 421, textLength: 20, imageVocabulary: 1024, rows: 16, columns: 16,
      width: 192, layers: 6, heads: 6, kernel: 7)
  }

  /// The paper's stream of 256 + 1,024 tokens in a model that fits two cores.
  private static func paperLength(layers: Int) -> DALLEConfiguration {
    DALLEConfiguration(width: 512, layers: layers, heads: 8)
  }

  static var dalleSteps: [Row] {
    var sizes = DVAEConfiguration.stickers
    sizes.decoderBlocks = nil  // as stage three trains it
    let long = "DALL·E training step, 1,280 tokens, width 512"
    return [
      dalleStep("DALL·E training step", stickers, batch: 16),
      dalleStep(long, paperLength(layers: 4), batch: 1),
      dalleStep("\(long), 12 layers", paperLength(layers: 12), batch: 1),
      dalleStep(
        "\(long), 12 layers, checkpointed", paperLength(layers: 12), batch: 1, isCheckpointed: true),
      dvaeStep(sizes, batch: 16, side: 64),
    ]
  }

  static func dvaeStep(_ sizes: DVAEConfiguration, batch: Int, side: Int) -> Row {
    step("dVAE training step", sizes.operations(batch: batch, side: side)) {
      var random = Random(seed: 1)
      let model = DiscreteVAE(sizes, &random)
      let images = Tensor.uniform([batch, side, side, 3], 0.1, 0.9, &random)
      let adam = Adam(model, rate: 1e-3)
      return {
        model.clearGradients()
        let logits = model.encoder(images)  // [B, h, w, K]
        let codes = gumbelSoftmax(logits, noise: .gumbel(logits.shape, &random), temperature: 0.5)
        model.bound(images, codes, logits: logits).loss(beta: 0.5).backward()
        adam.step()
      }
    }
  }

  /// A step, which computes its blocks a second time if it `isCheckpointed`.
  static func dalleStep(
    _ name: String, _ c: DALLEConfiguration, batch: Int, isCheckpointed: Bool = false
  ) -> Row {
    step(name, c.operations(batch: batch, isCheckpointed: isCheckpointed)) {
      var random = Random(seed: 1)
      let model = DALLE(c, &random)
      func ids(_ count: Int, below bound: Int) -> IndexTensor {
        IndexTensor(
          shape: [batch, count],
          (0..<batch * count).map { _ in Int32(random.integer(below: bound)) })
      }
      let text = ids(c.textLength, below: c.textVocabulary)
      let image = ids(c.imageTokens, below: c.imageVocabulary)
      let adam = Adam(model, rate: 1e-3, betas: (0.9, 0.96), decay: .decoupled(0.045))
      return {
        model.clearGradients()
        withCheckpointedBlocks(isCheckpointed) { model(text: text, image: image) }.total.backward()
        adam.step()
      }
    }
  }

  /// Chapter 4's model, and one of the size at which others have been timed.
  static var drawing: [Row] {
    var wide = stickers
    (wide.width, wide.heads, wide.textLength) = (256, 8, 16)
    return [("", stickers), (", width 256", wide)].flatMap { size, c in
      [1, 32].map { candidates in
        Row(name: "DALL·E drawing \(candidates) candidate\(candidates == 1 ? "" : "s")\(size)") {
          var random = Random(seed: 1)
          let decoder = DALLEDecoder(DALLE(c, &random))
          let text = (0..<c.textLength).map { Int32($0 < 9 ? $0 + 3 : 0) }
          return {
            _ = decoder.draw(
              text, candidates: 0..<candidates, seed: 1, SamplingOptions(temperature: 0.7))
          }
        }
      }
    }
  }

  /// Numbers of image tokens over which the growth of cost is measured.
  static let tokenCounts = [64, 256, 1024, 4096]

  /// One layer forward and backward, 16 text tokens in front, width 128, 4 heads.
  static var layers: [Row] {
    layerKinds.flatMap { name, kind in
      tokenCounts.map { count in Row(name: layerName(name, count)) { layer(kind, count) } }
    }
  }

  static let layerKinds: [(name: String, kind: AttentionKind)] = [
    ("dense", .full), ("row", .row), ("column", .column),
    ("window", .convolution(kernel: 7, .raster)),
  ]

  static func layerName(_ kind: String, _ count: Int) -> String {
    "attention layer \(kind), \(count) image tokens"
  }

  private static func layer(_ kind: AttentionKind, _ count: Int) -> () -> Void {
    let side = Int(Double(count).squareRoot())
    let pattern = AttentionPattern(kind, text: 16, rows: side, columns: side)
    let (s, d) = (pattern.positions, 128)
    var random = Random(seed: 1)
    let upstream = Tensor.uniform([1, s, d], -1, 1, &random)
    if kind == .full {
      let qkv = (0..<3).map { _ in Tensor.uniform([1, s, d], -1, 1, &random).requiringGradient() }
      return {
        for tensor in qkv { tensor.clearGradient() }
        attention(qkv[0], qkv[1], qkv[2], heads: 4, mask: .causal).backward(upstream: upstream)
      }
    }
    let keys = pattern.keys
    let qkv = Tensor.uniform([1, s, 3 * d], -1, 1, &random).requiringGradient()
    return {
      qkv.clearGradient()
      sparseAttention(qkv, heads: 4, keys).backward(upstream: upstream)
    }
  }
}

extension DALLEConfiguration {
  /// Operations of a step: the blocks, and for each position the logits of its own vocabulary. A
  /// checkpointed step goes forward through the blocks twice.
  func operations(batch: Int, isCheckpointed: Bool = false) -> Double {
    let blocks = patterns.reduce(0) {
      $0 + Work.block(rows: batch * positions, pairs: batch * $1.pairs, width: width)
    }
    return Work.trained(
      blocks + Work.product(batch * textLength, width, textIDs)
        + Work.product(batch * (positions - textLength), width, imageVocabulary))
      + (isCheckpointed ? blocks : 0)
  }
}

extension DVAEConfiguration {
  /// Operations of a step with one group, all of whose convolutions run on the grid of codes.
  func operations(batch: Int, side: Int) -> Double {
    let places = batch * (side / stem) * (side / stem)
    func convolution(_ inputs: Int, _ outputs: Int, _ kernel: Int) -> Double {
      Work.convolution(places: places, inputs, outputs, kernel: kernel)
    }
    let narrow = max(1, hidden / bottleneck)
    func middle(_ kernel: Int) -> Double { 2 * convolution(narrow, narrow, kernel) }
    let encoderBlock =
      convolution(hidden, narrow, encoderKernel) + middle(encoderKernel)
      + convolution(narrow, hidden, 1)
    let decoderBlock =
      convolution(hidden, narrow, 1) + middle(3) + convolution(narrow, hidden, 3)
    let pixels = channels * stem * stem
    let ofData = convolution(pixels, hidden, 3)
    let ends =
      ofData + convolution(hidden, vocabulary, 1) + convolution(vocabulary, initial, 1)
      + convolution(hidden, 2 * pixels, 1)
    return Work.trained(
      ends + Double(blocks) * encoderBlock + Double(decoderBlocks ?? blocks) * decoderBlock,
      ofData: ofData)
  }
}
