import Checkpoints
import Foundation
import NeuralNetwork
import TensorCore
import TestSupport
import Testing
import VisionTransformer

@testable import PublicWeights

@Suite struct ViTPublicWeightsTests {
  /// Saves a model as on the hub, with the names of transformers 4 or 5. Returns the file's path.
  private func save(
    _ model: ViT, _ configuration: ViTConfiguration, old: Bool, in folder: TemporaryFolder
  ) throws -> String {
    var tensors = model.tensors.map {
      (name: old ? ViT.oldName($0.name) : $0.name, value: StoredTensor.floats($0.tensor))
    }
    if old { tensors.append(("vit.pooler.dense.weight", .floats(.zeros([2, 2])))) }
    try JSONEncoder().encode(configuration).write(to: URL(filePath: folder.file("config.json")))
    try writeSafetensors(tensors, metadata: ["format": "pt"], to: folder.file("model.safetensors"))
    return folder.file("model.safetensors")
  }

  @Test func `new names map to those of transformers 4 in the hub's files`() {
    let cases = [
      "vit.layers.3.attention.q_proj.weight":
        "vit.encoder.layer.3.attention.attention.query.weight",
      "vit.layers.0.attention.o_proj.bias": "vit.encoder.layer.0.attention.output.dense.bias",
      "vit.layers.11.mlp.fc1.weight": "vit.encoder.layer.11.intermediate.dense.weight",
      "vit.layers.11.mlp.fc2.weight": "vit.encoder.layer.11.output.dense.weight",
      "vit.layers.1.layernorm_before.weight": "vit.encoder.layer.1.layernorm_before.weight",
      "vit.embeddings.cls_token": "vit.embeddings.cls_token",
      "vit.layernorm.weight": "vit.layernorm.weight", "classifier.bias": "classifier.bias",
    ]
    for (new, old) in cases { #expect(ViT.oldName(new) == old) }
  }

  @Test(arguments: [true, false]) func `both kinds of names give the same model`(old: Bool) throws {
    var random = Random(seed: 1)
    let c = ViTConfiguration(imageSize: 16, patch: 4, width: 8, layers: 2, heads: 2)
    let model = ViT(c, classes: 3, &random)
    let folder = try TemporaryFolder()
    let loaded = try ViT(publicWeights: try save(model, c, old: old, in: folder))
    let images = Tensor.normal([2, 3, 16, 16], &random)
    #expect(loaded(images).scalars == model(images).scalars)
  }

  @Test(arguments: ["", "vit.", "model.vit.", "module._orig_mod.vit."])
  func `prefixed names, shards, buffers and encoders alone are read`(prefix: String) throws {
    var random = Random(seed: 4)
    let c = ViTConfiguration(imageSize: 16, patch: 4, width: 8, layers: 1, heads: 2)
    let model = ViT(c, classes: 3, &random)
    let folder = try TemporaryFolder()
    try JSONEncoder().encode(c).write(to: URL(filePath: folder.file("config.json")))
    let whole = prefix.hasSuffix("vit.") ? String(prefix.dropLast(4)) : prefix
    var tensors = model.encoder.tensors.map { (prefix + $0.name, StoredTensor.floats($0.tensor)) }
    tensors.append((prefix + "embeddings.position_ids", .integers(IndexTensor([0, 1]))))
    tensors.append((prefix + "pooler.dense.weight", .floats(.zeros([2, 2]))))
    let images = Tensor.normal([2, 3, 16, 16], &random)
    let path = folder.file("model.safetensors")
    try writeSafetensors(tensors, to: path)
    #expect(try ViTEncoder(publicWeights: path)(images).scalars == model.encoder(images).scalars)
    let error = #expect(throws: CheckpointError.self) { try ViT(publicWeights: path) }
    #expect("\(error!)".contains("an encoder without a classifier"))

    unlink(path)
    let head = model.classifier.tensors.map {
      ("\(whole)classifier.\($0.name)", StoredTensor.floats($0.tensor))
    }
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    try writeSafetensors(tensors, to: folder.file(shards[0]))
    try writeSafetensors(head, to: folder.file(shards[1]))
    let map = Dictionary(
      uniqueKeysWithValues: tensors.map { ($0.0, shards[0]) } + head.map { ($0.0, shards[1]) })
    try JSONEncoder().encode(["weight_map": map])
      .write(to: URL(filePath: folder.file("model.safetensors.index.json")))
    for file in ["model.safetensors", shards[1], "model.safetensors.index.json"] {
      #expect(
        try ViT(publicWeights: folder.file(file))(images).scalars == model(images).scalars)
    }
    unlink(folder.file(shards[1]))
    #expect(throws: CheckpointError.self) { try ViT(publicWeights: path) }
  }

  @Test(arguments: [
    ("gelu_new", Activation.geluTanh), ("gelu_pytorch_tanh", .geluTanh), ("gelu_fast", .geluTanh),
    ("quick_gelu", .quickGelu), ("gelu", .gelu), ("relu", nil),
  ]) func `activations have several names, and sizes may be lists`(
    _ name: String, _ wanted: Activation?
  ) throws {
    let json = """
      {"image_size": [16, 16], "patch_size": [4, 4], "hidden_size": 8, "num_hidden_layers": 1,
       "num_attention_heads": 2, "hidden_act": "\(name)"}
      """
    let read = Result {
      try JSONDecoder().decode(ViTConfiguration.self, from: Data(json.utf8))
    }
    #expect((try? read.get())?.activation == wanted)
    if wanted == nil { #expect("\(read)".contains("known are gelu, gelu_new")) }
  }

  @Test func `ViT-B/16 has 86,567,656 parameters and 200 tensors, like the public model`() throws {
    var random = Random(seed: 2)
    let model = ViT(.base16, classes: 1000, &random)
    #expect(model.parameterCount == 86_567_656)
    #expect(model.tensors.count == 200)
    let folder = try TemporaryFolder()
    let loaded = try ViT(publicWeights: try save(model, .base16, old: true, in: folder))
    let image = Tensor.normal([1, 3, 224, 224], &random)
    let logits = withoutGradient { loaded(image) }
    #expect(logits.shape == [1, 1000] && logits.firstNonFiniteIndex == nil)
    #expect(logits.scalars == withoutGradient { model(image) }.scalars)
  }

  @Test func `a missing config and a wrong shape are errors that name the file`() throws {
    var random = Random(seed: 3)
    let c = ViTConfiguration(imageSize: 16, patch: 4, width: 8, layers: 1, heads: 2)
    let model = ViT(c, classes: 3, &random)
    let folder = try TemporaryFolder()
    let path = try save(model, c, old: true, in: folder)
    var wider = c
    wider.hidden = 40
    try JSONEncoder().encode(wider).write(to: URL(filePath: folder.file("config.json")))
    let mismatch = #expect(throws: CheckpointError.self) { try ViT(publicWeights: path) }
    #expect("\(mismatch as Any)".contains("intermediate.dense.weight"))
    for side in [8, 20] {
      var other = c
      other.imageSize = (side, side)
      try JSONEncoder().encode(other).write(to: URL(filePath: folder.file("config.json")))
      let error = #expect(throws: CheckpointError.self) { try ViT(publicWeights: path) }
      let positions = 1 + side * side / 16
      #expect("\(error!)".contains("has 17 positions"), "\(error!)")
      #expect("\(error!)".contains("in its config have \(positions)"), "\(error!)")
    }
    try FileManager.default.removeItem(atPath: folder.file("config.json"))
    let missing = #expect(throws: CheckpointError.self) { try ViT(publicWeights: path) }
    #expect(missing.map { "\($0)" }?.contains("config.json") == true)
  }
}
