// Pictures as sequences: patches, and the linear map that embeds them.

import NeuralNetwork
import TensorCore

/// Cuts pictures into square patches (ViT §3.1).
///
/// Pictures [B, C, H, W] → [B, N, C·P·P] with N = H/P · W/P. Patches are ordered row by row
/// over the grid; values within a patch by channel, row, column, like a convolution's weights.
public func patchify(_ images: Tensor, patch: Int) -> Tensor {
  precondition(images.rank == 4, "patchify is for pictures [B, C, H, W], got \(images.shape)")
  let (b, c, h, w) = (images.shape[0], images.shape[1], images.shape[2], images.shape[3])
  precondition(
    patch > 0 && h % patch == 0 && w % patch == 0,
    "pictures of \(h)×\(w) pixels do not divide into patches of \(patch)×\(patch)")
  return
    images
    .reshaped(b, c, h / patch, patch, w / patch, patch)  // [B, C, H/P, P, W/P, P]
    .permuted(0, 2, 4, 1, 3, 5)  // [B, H/P, W/P, C, P, P]
    .reshaped(b, (h / patch) * (w / patch), c * patch * patch)  // [B, N, C·P·P]
}

/// The inverse of `patchify`: [B, N, C·P·P] → [B, C, H, W], where `grid` is (H/P, W/P).
public func unpatchify(_ patches: Tensor, patch: Int, grid: (rows: Int, columns: Int)) -> Tensor {
  precondition(
    patches.rank == 3 && patch > 0 && patches.shape[1] == grid.rows * grid.columns
      && patches.shape[2] % (patch * patch) == 0,
    "\(patches.shape) are not patches [B, N, C·P·P] of \(patch)×\(patch) pixels on a grid of "
      + "\(grid.rows)×\(grid.columns)")
  let (b, c) = (patches.shape[0], patches.shape[2] / (patch * patch))
  return
    patches
    .reshaped(b, grid.rows, grid.columns, c, patch, patch)  // [B, H/P, W/P, C, P, P]
    .permuted(0, 3, 1, 4, 2, 5)  // [B, C, H/P, P, W/P, P]
    .reshaped(b, c, grid.rows * patch, grid.columns * patch)  // [B, C, H, W]
}

/// The linear map from patches to tokens, stored as the weights of a convolution whose stride is
/// the size of its window, which is the same function.
public struct PatchEmbedding: Module {
  /// The weights of the convolution, [D, C, P, P]
  public let weight: Tensor
  /// [D]; nil in CLIP.
  public let bias: Tensor?

  /// An embedding of patches of P×P pixels into tokens of width D.
  public init(channels: Int, patch: Int, width: Int, bias: Bool = true, _ random: inout Random) {
    weight = Initializer.truncatedNormal(0.02)(
      [width, channels, patch, patch], inputs: channels * patch * patch, outputs: width, &random
    ).requiringGradient()
    self.bias = bias ? Tensor.zeros([width]).requiringGradient() : nil
  }

  /// P, height and width of a patch.
  public var patch: Int { weight.shape[2] }

  /// `weight` and `bias`, the names of a convolution.
  public var members: Members {
    ("weight", weight)
    ("bias", bias)
  }

  /// Patches [B, N, C·P·P] → tokens [B, N, D].
  public func embed(patches: Tensor) -> Tensor {
    linear(patches, weight.reshaped(weight.shape[0], -1), bias)
  }

  /// Pictures [B, C, H, W] → tokens [B, N, D].
  public func callAsFunction(_ images: Tensor) -> Tensor {
    precondition(
      images.rank == 4 && images.shape[1] == weight.shape[1],
      "pictures \(images.shape) are not [B, \(weight.shape[1]), H, W]")
    return embed(patches: patchify(images, patch: patch))
  }
}

/// Learnt position embeddings [1, 1 + N, D] of one grid → [1, 1 + N', D] for another.
///
/// The first row, the class token's, is kept; the others are resized like a picture of D channels,
/// bicubically (A = -0.75, pixel centres at the half, no antialiasing). ViT §3.2 interpolates
/// positions in two dimensions when it fine-tunes on larger pictures, and names no rule; this is the
/// one of Hugging Face's `interpolate_pos_encoding`.
public func interpolated(
  _ positions: Tensor, from grid: (rows: Int, columns: Int), to other: (rows: Int, columns: Int)
) -> Tensor {
  precondition(
    positions.rank == 3 && positions.shape[1] == 1 + grid.rows * grid.columns,
    "position embeddings \(positions.shape) are not [1, 1 + \(grid.rows)·\(grid.columns), D]")
  if grid == other { return positions }
  let (n, d) = (positions.shape[1], positions.shape[2])
  let map = positions.sliced(axis: 1, 1..<n).reshaped(1, grid.rows, grid.columns, d)
  let resized = map.resized(height: other.rows, width: other.columns, .bicubic)
  return concatenate(
    [
      positions.sliced(axis: 1, 0..<1), resized.reshaped(1, other.rows * other.columns, d),
    ], axis: 1)  // [1, 1 + N', D]
}
