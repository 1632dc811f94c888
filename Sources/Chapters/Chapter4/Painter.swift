// From captions to pictures, and from pairs of both to tokens.

import DALLE
import DALLETraining
import DiscreteVAE
import Images
import Pretrained
import StickerWorld
import TensorCore

/// All that is needed to draw: transformer, decoder and dVAE.
struct Painter {
  let dvae: DiscreteVAE
  let drawer: PictureDrawer
  let decoder: DALLEDecoder

  /// The painter that comes with the book.
  init() throws {
    try self.init(Pretrained.transformer(), Pretrained.dVAE())
  }

  /// A painter with a transformer for the tokens of a dVAE.
  init(_ drawer: PictureDrawer, _ dvae: DiscreteVAE) {
    self.drawer = drawer
    self.dvae = dvae
    decoder = DALLEDecoder(drawer.model)
  }

  /// Text ids [n, T] of captions.
  func ids(_ captions: [String]) throws -> IndexTensor {
    try IndexTensor(
      shape: [captions.count, drawer.model.configuration.textLength],
      captions.flatMap { try drawer.ids($0) })
  }

  /// Pictures [n, 3, H, W] in 0 … 1 → codes [n, N].
  func encode(_ pictures: Tensor) -> IndexTensor {
    let codes = dvae.encode(pictures)  // [n, h, w]
    return IndexTensor(shape: [codes.shape[0], codes.shape[1] * codes.shape[2]], codes.values)
  }

  /// Codes [n, N] → pictures [n, 3, H, W] in 0 … 1.
  func decode(_ codes: IndexTensor) -> Tensor {
    let (n, c) = (codes.shape[0], drawer.model.configuration)
    return concatenate(
      stride(from: 0, to: n, by: 32).map { start in
        let some = codes.rows(start..<min(start + 32, n))
        return dvae.decode(
          IndexTensor(shape: [some.shape[0], c.rows, c.columns], some.values))
      }, axis: 0)
  }

  /// The first rows of tokens of codes [1, N] as a picture whose rest is grey.
  func beginning(of codes: IndexTensor, rows: Int) -> Image {
    let columns = drawer.model.configuration.columns
    let part = IndexTensor(shape: [1, rows, columns], Array(codes.values.prefix(rows * columns)))
    var image = Image(width: 64, height: 64, fill: (128, 128, 128))
    image.paste(Image(dvae.decode(part).at(0, axis: 0)), x: 0, y: 0)
    return image
  }

  /// Codes [n, N] of one picture for each caption, 64 of them drawn side by side.
  func draw(_ captions: [String], seed: UInt64, _ options: SamplingOptions) throws -> IndexTensor {
    let codes = try stride(from: 0, to: captions.count, by: 64).map { start in
      try draw(captions, start..<min(start + 64, captions.count), seed, options)
    }
    return IndexTensor(
      shape: [captions.count, drawer.model.configuration.imageTokens], codes.flatMap { $0 })
  }

  /// The codes of some of the captions, each drawn with random numbers of its own.
  private func draw(
    _ captions: [String], _ some: Range<Int>, _ seed: UInt64, _ options: SamplingOptions
  ) throws -> [Int32] {
    let b = some.count
    let isGuided = options.guidance != 1
    var streams = decoder.read(try ids(Array(captions[some])))
    var free = isGuided ? decoder.read(try ids([""])).repeated(b) : nil
    var chance = some.map { Random(seed: seed).split("caption").split($0) }
    var codes = [[Int32]](repeating: [], count: b)
    for place in 0..<drawer.model.configuration.imageTokens {
      if place > 0 {
        let last = IndexTensor(shape: [b, 1], codes.map { $0[place - 1] })
        decoder.add(last, to: &streams)
        if free != nil { decoder.add(last, to: &free!) }
      }
      // [b, K]
      let logits =
        free.map { guided(streams.logits, $0.logits, options.guidance) } ?? streams.logits
      for row in 0..<b {
        codes[row].append(
          options.draw(logits.at(row, axis: 0).scalars, chance[row].uniform()))
      }
    }
    return codes.flatMap { $0 }
  }
}

/// Pairs of a split as tokens.
struct Pairs {
  let samples: [(scene: Scene, layout: Layout, caption: String)]
  /// Text ids [n, T]
  let text: IndexTensor
  /// [n, N]
  let codes: IndexTensor

  /// The first pairs of an endless list.
  init(_ split: StickerWorld.Split, count: Int, seed: UInt64, _ painter: Painter) throws {
    let samples = (0..<count).map { StickerWorld.sample(split, seed: seed, index: $0) }
    let codes = stride(from: 0, to: count, by: 32).map { start in
      painter.encode(Self.pictures(samples[start..<min(start + 32, count)]))
    }
    self.samples = samples
    text = try painter.ids(samples.map(\.caption))
    self.codes = IndexTensor(
      shape: [count, codes[0].shape[1]], codes.flatMap(\.values))
  }

  /// [n, 3, 64, 64] in 0 … 1
  var pictures: Tensor { Self.pictures(samples[...]) }

  private static func pictures(
    _ samples: ArraySlice<(scene: Scene, layout: Layout, caption: String)>
  ) -> Tensor {
    Tensor(StickerWorld.render(samples.map { ($0.scene, $0.layout) }))
  }
}

extension IndexTensor {
  /// Some rows of [n, m].
  func rows(_ rows: some Collection<Int>) -> IndexTensor {
    let m = shape[1]
    return IndexTensor(shape: [rows.count, m], rows.flatMap { values[$0 * m..<($0 + 1) * m] })
  }
}
