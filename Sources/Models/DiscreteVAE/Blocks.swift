// The parts that encoder and decoder are built from. Pictures are [B, H, W, C] inside.

import NeuralNetwork
import TensorCore

/// A residual block: x + gain · (ReLU and convolution, four times). No normalisation anywhere.
public struct DVAEBlock: Module {
  /// Brings the input to the width of the output, where they differ.
  public let skip: DVAEConvolution?
  /// Four convolutions with few channels between them.
  public let path: [DVAEConvolution]
  private let gain: Float

  /// The encoder's blocks have kernels 3, 3, 3, 1 (or 1 throughout), the decoder's 1, 3, 3, 3.
  init(
    _ inputs: Int, _ outputs: Int, kernels: [Int], gain: Float, _ c: DVAEConfiguration,
    _ random: inout Random
  ) {
    let hidden = max(1, outputs / c.bottleneck)
    let widths = [inputs, hidden, hidden, hidden, outputs]
    skip = inputs == outputs ? nil : DVAEConvolution(inputs, outputs, kernel: 1, &random)
    path = zip(kernels.indices, kernels).map { i, kernel in
      DVAEConvolution(widths[i], widths[i + 1], kernel: kernel, &random)
    }
    self.gain = gain
  }

  /// The skip connection and the four convolutions, with OpenAI's names.
  public var members: Members {
    ("id_path", skip)
    ("res_path.conv_1", path[0])
    ("res_path.conv_2", path[1])
    ("res_path.conv_3", path[2])
    ("res_path.conv_4", path[3])
  }

  /// [B, H, W, inputs] → [B, H, W, outputs]
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let residual = path.reduce(x) { $1($0.relu()) }  // [B, H, W, O]
    return (skip?(x) ?? x).adding(residual, times: gain)
  }
}

/// The blocks that run at one resolution.
public struct DVAEGroup: Module {
  /// The blocks in the order in which they run.
  public let blocks: [DVAEBlock]

  init(
    _ inputs: Int, _ outputs: Int, blocks count: Int, kernels: [Int], _ c: DVAEConfiguration,
    _ random: inout Random
  ) {
    blocks = (0..<count).map {
      DVAEBlock(
        $0 == 0 ? inputs : outputs, outputs, kernels: kernels, gain: c.gain(blocks: count), c,
        &random)
    }
  }

  /// The blocks, counted from 1 as in OpenAI's files.
  public var members: Members { ("", NumberedFromOne(name: "block", modules: blocks)) }

  /// [B, H, W, inputs] → [B, H, W, outputs]. Notes `block_1`, … Blocks are checkpointed where
  /// `withCheckpointedBlocks` asks for it.
  func callAsFunction(_ x: Tensor, trace: Trace.Scope?) -> Tensor {
    blocks.enumerated().reduce(x) { x, step in
      let y = step.element.asBlock(x) { step.element($0) }  // [B, H, W, O]
      trace?.note("block_\(step.offset + 1)", y.channelsFirst)
      return y
    }
  }
}

/// Modules called `name`_1, `name`_2, …
struct NumberedFromOne<Part: Module>: ModuleMember {
  let name: String
  let modules: [Part]

  func forEachTensor(_ path: String, _ body: (String, Tensor) -> Void) {
    let start = path.isEmpty ? name : "\(path).\(name)"
    for (i, module) in modules.enumerated() { module.forEachTensor("\(start)_\(i + 1)", body) }
  }
}

extension Tensor {
  /// Squares of s × s pixels become channels: [B, H, W, C] → [B, H/s, W/s, s²·C].
  func spaceToDepth(_ s: Int) -> Tensor {
    if s == 1 { return self }
    let (b, h, w, c) = (shape[0], shape[1], shape[2], shape[3])
    return reshaped(b, h / s, s, w / s, s, c).permuted(0, 1, 3, 2, 4, 5)
      .reshaped(b, h / s, w / s, s * s * c)
  }

  /// The inverse of `spaceToDepth`: [B, H/s, W/s, s²·C] → [B, H, W, C].
  func depthToSpace(_ s: Int) -> Tensor {
    if s == 1 { return self }
    let (b, h, w, c) = (shape[0], shape[1], shape[2], shape[3] / (s * s))
    return reshaped(b, h, w, s, s, c).permuted(0, 1, 3, 2, 4, 5).reshaped(b, h * s, w * s, c)
  }
}
