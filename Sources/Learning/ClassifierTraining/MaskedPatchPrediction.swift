// Learning without labels: predict the colours of hidden patches (ViT §B.1.2).

import NeuralNetwork
import TensorCore
import VisionTransformer

/// A corruption of the patch embeddings of B pictures, applied before the encoder sees them.
///
/// Half of the patches are corrupted: of these, 80 % become the mask token, 10 % the embedding of
/// another random patch of the picture, and 10 % stay unchanged, so that the encoder cannot tell
/// which patches it must predict.
public struct PatchCorruption: Equatable, Sendable {
  /// B, the number of pictures.
  public let pictures: Int
  /// N, the number of patches of a picture.
  public let patches: Int
  /// For each of B·N places the index of the patch of the same picture whose embedding is put
  /// there; N for the mask token; nil where nothing is corrupted.
  public let sources: [Int?]

  /// Draws a random corruption of half of the patches of each picture.
  public init(pictures: Int, patches: Int, using random: inout Random) {
    precondition(patches > 1, "corruption needs 2 or more patches, got \(patches)")
    self.pictures = pictures
    self.patches = patches
    var sources = [Int?](repeating: nil, count: pictures * patches)
    for picture in 0..<pictures {
      var places = Array(0..<patches)
      random.shuffle(&places)
      for place in places.prefix(patches / 2) {
        let source =
          switch random.integer(below: 10) {
          case 0: (place + 1 + random.integer(below: patches - 1)) % patches
          case 1: place
          default: patches
          }
        sources[picture * patches + place] = source
      }
    }
    self.sources = sources
  }

  /// Tokens [B, N, D] → [B, N, D] with the corrupted ones replaced; `mask` is the mask token [1,
  /// D].
  public func callAsFunction(_ tokens: Tensor, mask: Tensor) -> Tensor {
    let d = tokens.shape[2]
    precondition(
      tokens.shape == [pictures, patches, d],
      "tokens \(tokens.shape) are not [\(pictures), \(patches), D]")
    let table = concatenate([tokens.reshaped(-1, d), mask], axis: 0)  // [B·N + 1, D]
    let rows = sources.enumerated().map { place, source -> Int32 in
      switch source {
      case nil: Int32(place)
      case patches: Int32(pictures * patches)
      case let source?: Int32(place / patches * patches + source)
      }
    }
    return embedding(table, IndexTensor(shape: [pictures, patches], rows))  // [B, N, D]
  }
}

/// An encoder that learns to predict the mean colours of corrupted patches.
public struct MaskedPatchPrediction: Module {
  /// The encoder that is trained; mask token and head are only needed for training.
  public let encoder: ViTEncoder
  /// The embedding of a hidden patch, [1, D]
  public let maskToken: Tensor
  /// D → 512 colours
  public let head: Linear

  /// The number of colours: 3 bits each for red, green and blue.
  public static let colours = 512

  /// A new mask token and a new head on an encoder.
  public init(encoder: ViTEncoder, _ random: inout Random) {
    self.encoder = encoder
    let d = encoder.configuration.width
    maskToken = Tensor.normal([1, d], deviation: 0.02, &random).requiringGradient()
    head = Linear(d, Self.colours, initializer: .normal(0.02), &random)
  }

  /// `vit`, with Hugging Face's names, `mask_token` and `head`.
  public var members: Members {
    ("vit", encoder)
    ("mask_token", maskToken)
    ("head", head)
  }

  /// Pictures [B, 3, H, W] in 0 … 1 → logits [B, N, 512] for the colour of every patch.
  public func callAsFunction(_ images: Tensor, _ corruption: PatchCorruption) -> Tensor {
    let p = encoder.configuration.patch
    let tokens = encoder.patchEmbedding(images.affine(scale: 2, offset: -1))  // [B, N, D]
    let hidden = corruption(tokens, mask: maskToken)  // [B, N, D]
    let grid = (images.shape[2] / p, images.shape[3] / p)
    let y = encoder.encode(hidden, grid: grid)  // [B, 1 + N, D]
    return head(y.sliced(axis: 1, 1..<y.shape[1]))  // [B, N, 512]
  }

  /// Pictures [B, 3, H, W] in 0 … 1 → the mean cross-entropy over corrupted patches, [], in nats.
  public func loss(_ images: Tensor, _ corruption: PatchCorruption) -> Tensor {
    let logits = self(images, corruption)  // [B, N, 512]
    let colours = Self.meanColours(images, patch: encoder.configuration.patch)
    let labels = zip(colours.values, corruption.sources).map { $1 == nil ? -1 : $0 }
    return crossEntropy(logits.reshaped(-1, Self.colours), IndexTensor(labels))
  }

  /// Pictures [B, 3, H, W] in 0 … 1 → the mean colour of each patch, [B, N], as
  /// 64·red + 8·green + blue, each in 0 … 7.
  public static func meanColours(_ images: Tensor, patch: Int) -> IndexTensor {
    precondition(
      images.rank == 4 && images.shape[1] == 3, "pictures are [B, 3, H, W], got \(images.shape)")
    let patches = patchify(images, patch: patch)  // [B, N, 3·P·P]
    let (b, n) = (patches.shape[0], patches.shape[1])
    let means = patches.reshaped(b * n, 3, patch * patch).mean(axis: 2).scalars  // B·N·3
    let levels = means.map { Int32(min(7, max(0, $0 * 8))) }
    return IndexTensor(
      shape: [b, n],
      (0..<b * n).map { 64 * levels[3 * $0] + 8 * levels[3 * $0 + 1] + levels[3 * $0 + 2] })
  }
}
