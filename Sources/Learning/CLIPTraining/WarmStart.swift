// An image tower that starts from the weights of a trained vision transformer.

import CLIP
import NeuralNetwork
import TensorCore
import VisionTransformer

extension ImageTower {
  /// Takes over the weights of chapter 1's encoder, which saw pictures in -1 … 1.
  ///
  /// All parameters but those of the layer norm before the blocks have a counterpart there. CLIP's
  /// normalisation of pictures is folded into patch embedding and positions: with x = s·n + m, the
  /// encoder's w·(2x - 1) is (2s·w)·n + w·(2m - 1). The layer norm changes the statistics that the
  /// blocks see, so this is a start for training and not the same function.
  public func start(from encoder: ViTEncoder) {
    let (ours, theirs) = (configuration, encoder.configuration)
    precondition(
      (ours.width, ours.layers, ours.heads, ours.patch)
        == (theirs.width, theirs.layers, theirs.heads, theirs.patch)
        && ours.grid == theirs.grid && ours.hidden == theirs.hidden,
      "an image tower of \(ours) cannot start from an encoder of \(theirs)")
    let (d, p) = (ours.width, ours.patch)
    withoutGradient {
      let weight = encoder.patchEmbedding.weight  // [D, 3, P, P]
      patchEmbedding.weight.assign(weight * (CLIP.deviation * 2))
      let constant = (weight * (CLIP.mean * 2 - 1)).reshaped(d, 3 * p * p).sum(axis: 1)  // [D]
      let bias = constant + (encoder.patchEmbedding.bias ?? .zeros([d]))
      let places = encoder.positions.reshaped(-1, d)  // [1 + N, D]
      positions.weight.assign(
        concatenate(
          [
            places.sliced(axis: 0, 0..<1), places.sliced(axis: 0, 1..<places.shape[0]) + bias,
          ], axis: 0))
      classToken.assign(encoder.classToken.reshaped(d))
      for (block, other) in zip(blocks, encoder.blocks) {
        block.norm1.copy(other.norm1)
        block.attention.copy(other.attention)
        block.norm2.copy(other.norm2)
        block.feedForward.copy(other.feedForward)
      }
      postNorm.copy(encoder.norm)
    }
  }
}

extension Module {
  /// Takes over the values of a module with the same structure, whatever its names.
  fileprivate func copy(_ other: Self) {
    for (mine, theirs) in zip(tensors, other.tensors) { mine.tensor.assign(theirs.tensor) }
  }
}
