// Models whose quality we know: from real pictures to a rival, from spoilt pictures to young networks.

import Chapter5
import DALLE
import DALLETraining
import DFGAN
import Evaluation
import Images
import Pretrained
import StickerTraining
import StickerWorld
import TensorCore
import TextToImage

/// Draws a picture for each of some captions.
struct Painter {
  /// What it is, for tables.
  let name: String
  /// Where its pictures come from.
  let kind: Kind
  /// n samples → pictures [n, 3, 64, 64] in 0 … 1.
  let draw: (Samples) throws -> Tensor

  enum Kind: String, Codable {
    case real, spoilt, ours, young, rival

    /// Whether its pictures are drawn for captions.
    var draws: Bool { [.ours, .young, .rival].contains(self) }
    /// What a figure calls it.
    var title: String {
      switch self {
      case .real: "real"
      case .spoilt: "spoilt"
      case .ours: "DALL·E"
      case .young: "young transformers"
      case .rival: "DF-GAN"
      }
    }
  }
}

/// Captions with their scenes, and a real picture for each.
struct Samples {
  let captions: [String]
  let scenes: [Scene]
  /// [n, 3, 64, 64]
  let pictures: Tensor

  /// Samples of the validation split.
  init(_ numbers: Range<Int>, seed: UInt64) {
    let samples = numbers.map { StickerWorld.sample(.validation, seed: seed, index: $0) }
    (captions, scenes) = (samples.map(\.caption), samples.map(\.scene))
    pictures = Tensor(StickerWorld.render(samples.map { ($0.scene, $0.layout) }))
  }

  /// The pictures, the first of so many captions exchanged for those of the next caption.
  func exchanged(_ share: Double) -> Tensor {
    let n = captions.count
    let wrong = Int((share * Double(n)).rounded())
    let order = (0..<n).map { Int32($0 < wrong ? ($0 + 1) % n : $0) }
    return embedding(pictures.reshaped(n, -1), IndexTensor(order)).reshaped(pictures.shape)
  }
}

extension Painter {
  /// Real pictures, as they are and spoilt in several ways.
  static func spoilt(_ studio: Studio, seed: UInt64) -> [Painter] {
    let dvae = studio.dalle.dvae
    func spoilt(_ name: String, _ draw: @escaping (Samples) throws -> Tensor) -> Painter {
      Painter(name: name, kind: .spoilt, draw: draw)
    }
    return [Painter(name: "real pictures", kind: .real) { $0.pictures }]
      + [0.03, 0.1, 0.3].map { share in
        spoilt("real, \(Int(100 * share)) % with another's caption") { $0.exchanged(share) }
      }
      + [1, 2, 3].map { radius in
        spoilt("real, blurred by \(radius)") { gaussianBlur($0.pictures, radius: Double(radius)) }
      }
      + [
        spoilt("real, with noise") { samples in
          var random = Random(seed: seed).split("noise")
          let noise = Tensor.normal(samples.pictures.shape, deviation: 0.1, &random)
          return (samples.pictures + noise).clamped(0, 1)
        },
        spoilt("16 real ones, again and again") { samples in
          let n = samples.captions.count
          let numbers = IndexTensor((0..<n).map { Int32($0 % 16) })
          return embedding(samples.pictures.reshaped(n, -1), numbers)
            .reshaped(samples.pictures.shape)
        },
        spoilt("through the dVAE") { studio.reconstructed($0.pictures) },
      ]
      + [0.03, 0.1].map { share in
        spoilt("dVAE, \(Int(100 * share)) % of codes at random") { samples in
          var random = Random(seed: seed).split("codes")
          let k = dvae.configuration.vocabulary
          return inParts(of: 32, count: samples.captions.count) { part in
            let codes = dvae.encode(samples.pictures.sliced(axis: 0, part))
            let changed = codes.values.map {
              random.uniform() < Float(share) ? Int32(random.integer(below: k)) : $0
            }
            return dvae.decode(IndexTensor(shape: codes.shape, changed))
          }
        }
      }
  }

  /// The book's transformer, drawing in several ways.
  static func ours(_ dalle: TextToImage, seed: UInt64) -> [Painter] {
    let ways: KeyValuePairs<String, SamplingOptions> = [
      "temperature 0.4": SamplingOptions(temperature: 0.4),
      "temperature 0.7": SamplingOptions(temperature: 0.7),
      "temperature 1": SamplingOptions(),
      "temperature 1.3": SamplingOptions(temperature: 1.3),
      usualName: .usual,
      "temperature 0.7, guidance 4": SamplingOptions(temperature: 0.7, guidance: 4),
    ]
    return ways.map { name, options in
      Painter(name: name, kind: .ours) {
        try dalle.draw(oneForEach: $0.captions, seed: seed, options)
      }
    } + [
      Painter(name: "temperature 1, best of 4", kind: .ours) { samples in
        let all = try (0..<4).map {
          try dalle.draw(oneForEach: samples.captions, seed: seed + UInt64($0), SamplingOptions())
        }
        let texts = try dalle.matcher.embed(samples.captions, truncate: true)  // [n, E]
        let scores = all.map { (dalle.matcher.embed($0) * texts).sum(axis: 1).scalars }  // 4 × [n]
        let best = samples.captions.indices.map { i in
          let k = all.indices.max { scores[$0][i] < scores[$1][i] } ?? 0
          return all[k].at(i, axis: 0)
        }
        return stack(best, axis: 0)
      }
    ]
  }

  /// The rival as it draws usually.
  static let rivalName = "DF-GAN, noise · 0.88"
  /// The transformer as `dalle` draws.
  static let usualName = "temperature 0.7, top-p 0.95, guidance 2"

  /// The rival, with its noise cut and not.
  static func rival(_ gan: CaptionedGAN, seed: UInt64) -> [Painter] {
    [(Painter.rivalName, CaptionedGAN.usualScale), ("DF-GAN, all of its noise", nil)].map {
      name, scale in
      Painter(name: name, kind: .rival) {
        try gan.draw(oneForEach: $0.captions, seed: seed, scale: scale)
      }
    }
  }
}
