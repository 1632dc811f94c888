import TensorCore

/// What chapter 1 asks for: pictures as sequences, and attention. The files in
/// `Sources/Course/Exercises` say what each function takes and returns.
///
/// A function throws `NotAttempted` until it is written, and then whatever its author throws.
public protocol Chapter1Exercises: SendableMetatype {
  /// 1.1: pictures [B, C, H, W] → patches [B, N, C·P·P].
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor
  /// 1.2: patches [B, N, C·P·P] → pictures [B, C, H, W].
  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor
  /// 1.3: pictures [B, C, H, W], weight [D, C, P, P] and bias [D] → tokens [B, N, D].
  static func embed(_ images: Tensor, weight: Tensor, bias: Tensor) throws -> Tensor
  /// 1.4: position embeddings [1, 1 + N, D] of one grid → [1, 1 + N', D] of another.
  static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor
  /// 1.5: queries [B, Tq, Dh], keys [B, Tk, Dh] and values [B, Tk, Dv] → [B, Tq, Dv].
  static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor
  /// 1.6: tokens [..., D], gain [D] and bias [D] → normalised tokens [..., D].
  static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor
  /// 1.7: tokens [B, T, D] → tokens [B, T, D], after a block with these weights and h heads.
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor
  /// 1.8: attention probabilities [B, h, T, T] of each layer → [B, T - 1].
  static func rollout(_ probabilities: [Tensor]) throws -> Tensor
  /// 1.9: the fate of each of N patches.
  static func corruption(patches: Int, using random: inout Random) throws -> [Int?]
  /// 1.10: logits [B, N, K], colours [B, N] and the fate of each of B·N patches → the loss [].
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor
}
