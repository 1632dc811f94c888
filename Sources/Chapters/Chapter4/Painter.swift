// From captions to pictures, and from pairs of both to tokens.

import DALLE
import DiscreteVAE
import Images
import Pretrained
import StickerWorld
import TensorCore

/// All that is needed to draw: transformer, decoder and dVAE.
package struct Painter {
  package let dvae: DiscreteVAE
  package let transformer: CaptionedDALLE
  let decoder: DALLEDecoder

  /// A painter with the bundled models.
  package init() throws {
    try self.init(Pretrained.transformer(), Pretrained.dVAE())
  }

  /// A painter with a transformer for the tokens of a dVAE.
  init(_ transformer: CaptionedDALLE, _ dvae: DiscreteVAE) {
    self.transformer = transformer
    self.dvae = dvae
    decoder = DALLEDecoder(transformer.model)
  }

  /// Text ids [n, T] of captions.
  func ids(_ captions: [String]) throws -> IndexTensor {
    try IndexTensor(
      shape: [captions.count, transformer.model.configuration.textLength],
      captions.flatMap { try transformer.ids($0) })
  }

  /// Pictures [n, 3, H, W] in 0 … 1 → codes [n, N].
  func encode(_ pictures: Tensor) -> IndexTensor {
    let codes = dvae.encode(pictures)  // [n, h, w]
    return IndexTensor(shape: [codes.shape[0], codes.shape[1] * codes.shape[2]], codes.values)
  }

  /// Codes [n, N] → pictures [n, 3, H, W] in 0 … 1.
  func decode(_ codes: IndexTensor) -> Tensor {
    let c = transformer.model.configuration
    return inParts(of: 32, count: codes.shape[0]) { part in
      dvae.decode(IndexTensor(shape: [part.count, c.rows, c.columns], codes.rows(part).values))
    }
  }

  /// The first rows of tokens of codes [1, N] as a picture whose rest is grey.
  func beginning(of codes: IndexTensor, rows: Int) -> Image {
    let c = transformer.model.configuration
    let given = Array(codes.values.prefix(rows * c.columns))
    return dvae.beginning(given, rows: c.rows, columns: c.columns)
  }

  /// Codes [n, N] of one picture for each caption, 64 drawn at a time.
  func draw(_ captions: [String], seed: UInt64, _ options: SamplingOptions) throws -> IndexTensor {
    let random = captions.indices.map { Random(seed: seed).split("caption").split($0) }
    return try concatenate(
      captions.indices.parts(of: 64).map { part in
        try transformer.draw(
          Array(captions[part]), random: Array(random[part]), options, decoder: decoder)
      })
  }
}

/// Pairs of a split as tokens.
package struct Pairs {
  package let samples: [(scene: Scene, layout: Layout, caption: String)]
  /// Text ids [n, T]
  package let text: IndexTensor
  /// Codes of the pictures, [n, N]
  package let codes: IndexTensor

  /// The first pairs of an endless list.
  package init(_ split: StickerWorld.Split, count: Int, seed: UInt64, _ painter: Painter) throws {
    let samples = (0..<count).map { StickerWorld.sample(split, seed: seed, index: $0) }
    self.samples = samples
    text = try painter.ids(samples.map(\.caption))
    codes = concatenate(
      (0..<count).parts(of: 32).map { painter.encode(Self.pictures(samples[$0])) })
  }

  /// The pictures themselves, [n, 3, 64, 64] in 0 … 1
  var pictures: Tensor { Self.pictures(samples[...]) }

  private static func pictures(
    _ samples: ArraySlice<(scene: Scene, layout: Layout, caption: String)>
  ) -> Tensor {
    Tensor(StickerWorld.render(samples.map { ($0.scene, $0.layout) }))
  }
}
