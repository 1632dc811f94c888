// Weights from the Hugging Face hub, for instance those of google/vit-base-patch16-224.

import Checkpoints
import NeuralNetwork
import TensorCore
import VisionTransformer

extension ViT {
  /// A classifier with public weights: `model.safetensors` as downloaded from the hub, or its
  /// shards, with its `config.json` in the same folder.
  ///
  /// The names of transformers 4, which the hub's files use, and those of transformers 5 are both
  /// accepted, also after the name of a larger model ("model.vit.…"). Poolers, other heads and
  /// buffers play no part in classification and are left alone.
  ///
  /// Throws a `CheckpointError` if a file is missing, if names or shapes do not fit, or if the file
  /// holds an encoder without a classifier.
  public init(publicWeights path: String) throws(CheckpointError) {
    let files = try WeightFiles(path)
    let prefix = try ViTEncoder.prefix(in: files)
    let whole = prefix.hasSuffix("vit.") ? String(prefix.dropLast(4)) : prefix
    let configuration = try files.config(ViTConfiguration.self)
    let head = "\(whole)classifier."
    guard files.names.contains("\(head)weight") else {
      throw .mismatch(
        file: files.path,
        reason: "holds an encoder without a classifier (ViTModel); ViTEncoder(publicWeights:) "
          + "reads it")
    }
    try files.check(parameters: configuration.parameterCount)
    let shape = try files.info("\(head)weight").shape
    let classes = try Self.classes(shape, "\(head)weight", configuration, in: files.path)
    var random = Random(seed: 0)
    self.init(configuration, classes: classes, &random)
    let headTensors = classifier.tensors.map { (name: "\(head)\($0.name)", tensor: $0.tensor) }
    try encoder.load(files, prefix: prefix, with: headTensors)
  }

  /// The name in transformers 4 of what transformers 5 calls `name`.
  static func oldName(_ name: String) -> String { ViTEncoder.oldName(name) }
}

extension ViTEncoder {
  /// An encoder with public weights, with or without a classifier beside it; see
  /// `ViT.init(publicWeights:)`.
  ///
  /// Throws a `CheckpointError` if a file is missing, or if names or shapes do not fit.
  public init(publicWeights path: String) throws(CheckpointError) {
    let files = try WeightFiles(path)
    let prefix = try Self.prefix(in: files)
    let configuration = try files.config(ViTConfiguration.self)
    try files.check(parameters: configuration.parameterCount)
    var random = Random(seed: 0)
    self.init(configuration, &random)
    try load(files, prefix: prefix)
  }

  /// What the names of the encoder's tensors begin with: "", "vit.", "model.vit.", …
  fileprivate static func prefix(in files: WeightFiles) throws(CheckpointError) -> String {
    guard let prefix = try files.prefix(before: "embeddings.cls_token") else {
      let first = files.names.min().map { "; its first tensor is \"\($0.prefix(80))\"" } ?? ""
      throw .mismatch(
        file: files.path,
        reason: "holds no vision transformer: no tensor is called …embeddings.cls_token\(first)")
    }
    return prefix
  }

  /// Fills the encoder, and `others` under their own names.
  fileprivate func load(
    _ files: WeightFiles, prefix: String, with others: [(name: String, tensor: Tensor)] = []
  ) throws(CheckpointError) {
    let isOld = files.names.contains { $0.hasPrefix("\(prefix)encoder.layer.") }
    let own = tensors.map { name, tensor in
      let name = isOld ? Self.oldName("vit.\(name)").dropFirst(4) : name[...]
      return (name: prefix + name, tensor: tensor)
    }
    let table = tensors.first { $0.name == "embeddings.position_embeddings" }
    if let table {
      try files.check(positions: prefix + table.name, in: table.tensor.shape)
    }
    let parts = ["embeddings.", "encoder.", "layers.", "layernorm."].map { prefix + $0 }
    try files.load(into: own + others) { name in
      parts.contains { name.hasPrefix($0) }
    }
  }

  /// The name in transformers 4 of what transformers 5 calls `name`.
  fileprivate static func oldName(_ name: String) -> String {
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
