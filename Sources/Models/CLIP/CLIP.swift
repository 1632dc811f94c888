// CLIP (Radford et al., 2021): captions and pictures are embedded in one space, in which matching
// ones lie close together.

import NeuralNetwork
import TensorCore
import VisionTransformer

#if canImport(Foundation)
  import Foundation
#endif

/// A text tower and an image tower, a projection for each, and the scale of their cosines.
public struct CLIP: Module {
  /// The sizes of both towers and of the space they share.
  public let configuration: CLIPConfiguration
  /// Reads captions: ids [B, T] → [B, D].
  public let text: TextTower
  /// Looks at pictures: [B, 3, H, W] → [B, D].
  public let vision: ImageTower
  /// D → E of captions, without bias
  public let textProjection: Linear
  /// D → E of pictures, without bias
  public let visualProjection: Linear
  /// The logarithm of the factor by which cosines are multiplied, []
  public let logitScale: Tensor

  /// The largest logarithm of the scale, ln 100 (CLIP §2.5).
  public static let largestLogitScale: Float = 4.605_170_2

  /// An untrained CLIP; its scale is 1/0.07 (CLIP §2.5).
  public init(_ configuration: CLIPConfiguration, _ random: inout Random) {
    let (t, v, e) = (
      configuration.text.width, configuration.vision.width, configuration.projection
    )
    self.configuration = configuration
    text = TextTower(configuration.text, &random)
    vision = ImageTower(configuration.vision, &random)
    textProjection = Linear(
      t, e, bias: false, initializer: .normal(1 / Float(t).squareRoot()), &random)
    visualProjection = Linear(
      v, e, bias: false, initializer: .normal(1 / Float(v).squareRoot()), &random)
    logitScale = Tensor(Float(log(1 / 0.07))).requiringGradient()
  }

  /// The scale, the towers and the projections, with Hugging Face's names.
  public var members: Members {
    ("logit_scale", logitScale)
    ("text_model", text)
    ("vision_model", vision)
    ("visual_projection", visualProjection)
    ("text_projection", textProjection)
  }

  /// Pictures [B, 3, H, W] in 0 … 1 → [B, 3, H, W] as CLIP expects them: each channel minus its
  /// mean, divided by its standard deviation, both over the pictures CLIP was trained on.
  public static func normalised(_ pictures: Tensor) -> Tensor {
    (pictures - mean) / deviation
  }

  package static var mean: Tensor {
    Tensor(shape: [3, 1, 1], [0.481_454_66, 0.457_827_5, 0.408_210_73])
  }
  package static var deviation: Tensor {
    Tensor(shape: [3, 1, 1], [0.268_629_54, 0.261_302_58, 0.275_777_11])
  }

  /// Token ids [B, T] → embeddings of captions [B, E] of length 1. Notes what the tower notes,
  /// `text.projected` and `text.embeds`.
  public func embed(captions ids: IndexTensor, trace: Trace? = nil) -> Tensor {
    let projected = textProjection(text(ids, trace: trace))  // [B, E]
    let embeds = projected.normalized()  // [B, E]
    trace?.note("text.projected", projected)
    trace?.note("text.embeds", embeds)
    return embeds
  }

  /// Normalised pictures [B, 3, H, W] → embeddings [B, E] of length 1. Notes what the tower
  /// notes, `vision.projected` and `vision.embeds`.
  public func embed(images: Tensor, trace: Trace? = nil) -> Tensor {
    let projected = visualProjection(vision(images, trace: trace))  // [B, E]
    let embeds = projected.normalized()  // [B, E]
    trace?.note("vision.projected", projected)
    trace?.note("vision.embeds", embeds)
    return embeds
  }

  /// Keeps the scale at 100 or below. Call it after each step of an optimiser.
  public func clampLogitScale() {
    logitScale.update { $0[0] = min($0[0], Self.largestLogitScale) }
  }
}

/// How well pictures and captions match: scale times cosine.
///
/// Embeddings of length 1, images [n, E] and texts [m, E] → logits [n, m]; `logitScale` is the
/// logarithm of the scale.
public func similarityLogits(_ images: Tensor, _ texts: Tensor, logitScale: Tensor) -> Tensor {
  withPrecision(.f32) { matmul(images, texts, transposeB: true) } * logitScale.exp()
}

/// The symmetric contrastive loss of logits [p, m] of pictures and captions, in nats (CLIP fig. 3):
/// picture i belongs to caption i for all i below n, which is p unless `pairs` says otherwise.
///
/// The mean of two cross-entropies: which of all captions belongs to each of the first n pictures,
/// and which of all pictures belongs to each of the first n captions. All further captions and
/// pictures are hard negatives, which are never right. Where `isExcluded` [p, m] is set, a caption
/// is neither right nor wrong, for instance because another picture has the same one; a pair (i, i)
/// cannot be excluded. The result is [].
public func contrastiveLoss(
  _ logits: Tensor, pairs: Int? = nil, excluding isExcluded: Mask? = nil
) -> Tensor {
  precondition(logits.rank == 2, "logits \(logits.shape) are not [p, m]")
  let (p, m) = (logits.shape[0], logits.shape[1])
  let n = pairs ?? p
  precondition(
    n > 0 && n <= min(p, m), "logits \(logits.shape) of pictures and captions hold no \(n) pairs")
  let logits =
    isExcluded.map { logits.filled(where: $0, with: -.greatestFiniteMagnitude) } ?? logits
  let targets = IndexTensor((0..<n).map { Int32($0) })
  let ofPictures = p == n ? logits : logits.sliced(axis: 0, 0..<n)  // [n, m]
  let ofCaptions = m == n ? logits : logits.sliced(axis: 1, 0..<n)  // [p, n]
  let rows = crossEntropy(ofPictures, targets)  // []
  let columns = crossEntropy(ofCaptions.transposed(0, 1), targets)  // []
  return (rows + columns) * 0.5
}
