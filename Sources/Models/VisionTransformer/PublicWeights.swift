// Weights from the Hugging Face hub, for instance those of google/vit-base-patch16-224.

import Checkpoints
import NeuralNetwork
import TensorCore

extension ViT {
  /// A classifier with public weights: `model.safetensors` as downloaded from the hub, with its
  /// `config.json` in the same folder.
  ///
  /// The names of transformers 4, which the hub's files use, and those of transformers 5 are both
  /// accepted. A pooler, which some files have, plays no part in classification and is ignored.
  ///
  /// Throws a `CheckpointError` if a file is missing, or if names or shapes do not fit.
  public init(publicWeights path: String) throws(CheckpointError) {
    let file = try SafetensorsFile(path)
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let config = (folder + ["config.json"]).joined(separator: "/")
    try self.init(readConfig(ViTConfiguration.self, from: config), fitting: file)
    let isOld = file.names.contains { $0.hasPrefix("vit.encoder.layer.") }
    let named = tensors.map { (name: isOld ? Self.oldName($0.name) : $0.name, tensor: $0.tensor) }
    try file.load(into: named, ignoring: { $0.hasPrefix("vit.pooler.") })
  }

  /// An untrained classifier with as many classes as the one in `file`, where names begin with
  /// `prefix`.
  ///
  /// Throws a `CheckpointError` if the file has no such classifier.
  public init(
    _ configuration: ViTConfiguration, fitting file: SafetensorsFile, prefix: String = ""
  ) throws(CheckpointError) {
    try file.check(parameters: configuration.parameterCount)
    let shape = try file.info("\(prefix)classifier.weight").shape  // [classes, D]
    guard shape.count == 2, shape[0] > 0, shape[1] == configuration.width else {
      throw .mismatch(
        file: file.path,
        reason: "\"\(prefix)classifier.weight\" has the shape \(shape), expected "
          + "[classes, \(configuration.width)]")
    }
    var random = Random(seed: 0)
    self.init(configuration, classes: shape[0], &random)
  }

  /// The name in transformers 4 of what transformers 5 calls `name`.
  static func oldName(_ name: String) -> String {
    let renamed = [
      ("vit.layers.", "vit.encoder.layer."),
      (".attention.q_proj.", ".attention.attention.query."),
      (".attention.k_proj.", ".attention.attention.key."),
      (".attention.v_proj.", ".attention.attention.value."),
      (".attention.o_proj.", ".attention.output.dense."),
      (".mlp.fc1.", ".intermediate.dense."),
      (".mlp.fc2.", ".output.dense."),
    ]
    return renamed.reduce(name) { $0.replacing($1.0, with: $1.1) }
  }
}
