// OpenAI's weights: encoder.pkl and decoder.pkl, as safetensors.

import Checkpoints
import DiscreteVAE
import NeuralNetwork
import TensorCore

extension DiscreteVAE {
  /// A dVAE with OpenAI's weights: the state dictionaries of `encoder.pkl` and `decoder.pkl`,
  /// each saved as safetensors (`blocks.input.w`, …), or one file with both, under
  /// `encoder.` and `decoder.`, also after the name of a larger model. All sizes are read from the
  /// shapes. The gain of the blocks and the activation are those of OpenAI's model.
  ///
  /// Throws a `CheckpointError` if a file is missing, or if names or shapes do not fit.
  public init(publicWeights encoder: String, _ decoder: String? = nil) throws(CheckpointError) {
    let encoderFile = try WeightFiles(encoder)
    let decoderFile = if let decoder { try WeightFiles(decoder) } else { encoderFile }
    func prefix(_ files: WeightFiles, _ half: String) throws(CheckpointError) -> String {
      let anchor = "blocks.input.w"
      if let prefix = try files.prefix(before: "\(half).\(anchor)") { return "\(prefix)\(half)." }
      return try files.prefix(before: anchor) ?? ""
    }
    let first = try prefix(encoderFile, "encoder")
    let second = try prefix(decoderFile, "decoder")
    let input = try Self.shape(encoderFile, "\(first)blocks.input.w")
    let output = try Self.shape(encoderFile, "\(first)blocks.output.conv.w")
    let codebook = try Self.shape(decoderFile, "\(second)blocks.input.w")
    let groups = Self.count(encoderFile, "\(first)blocks.group_")
    let configuration = DVAEConfiguration(
      hidden: input[0], initial: codebook[0],
      blocks: Self.count(encoderFile, "\(first)blocks.group_1.block_"), groups: groups,
      vocabulary: output[0], channels: input[1])
    // Sizes are counted before memory is asked for.
    let held = encoderFile.byteCount + (decoder == nil ? 0 : decoderFile.byteCount)
    guard 2 * configuration.parameterCount <= Double(held) else {
      throw .mismatch(
        file: encoderFile.path,
        reason: "its shapes are those of a dVAE of \(configuration.parameterCount) numbers, which "
          + "are not in these \(held) bytes")
    }
    var random = Random(seed: 0)
    self.init(configuration, &random)
    try encoderFile.load(into: self.encoder.tensors.map { (first + $0.name, $0.tensor) }) {
      $0.hasPrefix("\(first)blocks.")
    }
    try decoderFile.load(into: self.decoder.tensors.map { (second + $0.name, $0.tensor) }) {
      $0.hasPrefix("\(second)blocks.")
    }
  }

  /// The shape of a convolution's weights, which must be plausible.
  private static func shape(
    _ file: WeightFiles, _ name: String
  ) throws(CheckpointError) -> [Int] {
    let shape = try file.info(name).shape
    guard shape.count == 4, shape.allSatisfy({ (1...65_536).contains($0) }) else {
      throw .mismatch(
        file: file.path, reason: "\(name) has shape \(shape), expected a convolution's [O, C, k, k]"
      )
    }
    return shape
  }

  /// The number of groups or blocks, counted from 1, whose names begin with `start`; at least 1.
  private static func count(_ file: WeightFiles, _ start: String) -> Int {
    var count = 1
    while count < 16, file.names.contains(where: { $0.hasPrefix("\(start)\(count + 1).") }) {
      count += 1
    }
    return count
  }
}
