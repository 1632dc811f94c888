import CLIP
import Checkpoints
import Foundation
import TensorCore
import TestSupport
import Testing
import VisionTransformer

@testable import PublicWeights

@Suite struct CLIPPublicWeightsTests {
  /// Saves the weights of `model` under OpenAI's names.
  private func saveAsOpenAI(_ model: CLIP, to path: String) throws {
    var parts: [String: [Tensor]] = [:]
    var names: [String] = []
    for (name, tensor) in model.tensors {
      let source = CLIP.openAISource(of: name)
      if parts[source.name] == nil { names.append(source.name) }
      var list = parts[source.name] ?? []
      if let third = source.third {
        if list.isEmpty { list = [tensor, tensor, tensor] }
        list[third] = tensor
      } else {
        list = [source.isTransposed ? tensor.transposed(0, 1) : tensor]
      }
      parts[source.name] = list
    }
    try writeSafetensors(
      names.map { ($0, .floats(concatenateIfNeeded(parts[$0] ?? []))) }
        + [("input_resolution", .integers(IndexTensor([224])))], to: path)
  }

  private func concatenateIfNeeded(_ parts: [Tensor]) -> Tensor {
    parts.count == 1 ? parts[0] : concatenate(parts, axis: 0)
  }

  private func saveAsHub(_ model: CLIP, in folder: TemporaryFolder) throws -> String {
    try JSONEncoder().encode(model.configuration)
      .write(to: URL(filePath: folder.file("config.json")))
    let positions = StoredTensor.integers(IndexTensor([0, 1, 2]))
    try writeSafetensors(
      model.tensors.map { ($0.name, .floats($0.tensor)) }
        + [("text_model.embeddings.position_ids", positions)],
      metadata: ["format": "pt"], to: folder.file("model.safetensors"))
    return folder.file("model.safetensors")
  }

  @Test func `Hugging Face's names map to OpenAI's`() {
    let cases: [(String, CLIP.OpenAISource)] = [
      (
        "vision_model.encoder.layers.3.self_attn.k_proj.weight",
        .init(name: "visual.transformer.resblocks.3.attn.in_proj_weight", third: 1)
      ),
      (
        "text_model.encoder.layers.11.self_attn.v_proj.bias",
        .init(name: "transformer.resblocks.11.attn.in_proj_bias", third: 2)
      ),
      (
        "text_model.encoder.layers.0.mlp.fc2.weight",
        .init(name: "transformer.resblocks.0.mlp.c_proj.weight")
      ),
      (
        "vision_model.encoder.layers.0.layer_norm2.bias",
        .init(name: "visual.transformer.resblocks.0.ln_2.bias")
      ),
      ("vision_model.pre_layrnorm.weight", .init(name: "visual.ln_pre.weight")),
      ("vision_model.embeddings.patch_embedding.weight", .init(name: "visual.conv1.weight")),
      (
        "vision_model.embeddings.position_embedding.weight",
        .init(name: "visual.positional_embedding")
      ),
      ("text_model.embeddings.position_embedding.weight", .init(name: "positional_embedding")),
      ("text_model.final_layer_norm.bias", .init(name: "ln_final.bias")),
      ("visual_projection.weight", .init(name: "visual.proj", isTransposed: true)),
      ("logit_scale", .init(name: "logit_scale")),
    ]
    for (name, source) in cases { #expect(CLIP.openAISource(of: name) == source) }
  }

  @Test func `ViT-B/32 has 151,277,313 parameters; both kinds of files give the same logits`()
    throws
  {
    var random = Random(seed: 1)
    let model = CLIP(.base32, &random)
    #expect(model.parameterCount == 151_277_313)
    #expect(model.configuration.parameterCount == 151_277_313)
    let folder = try TemporaryFolder()
    let images = Tensor.normal([1, 3, 224, 224], &random)
    var caption = [Int32](repeating: 0, count: 77)
    caption.replaceSubrange(0..<10, with: (300..<309) + [49_407])
    let ids = IndexTensor(shape: [2, 77], caption + caption.reversed())
    func logits(_ model: CLIP) -> [Float] {
      withoutGradient {
        similarityLogits(
          model.embed(images: images), model.embed(captions: ids), logitScale: model.logitScale
        ).scalars
      }
    }
    let expected = logits(model)
    #expect(logits(try CLIP(publicWeights: try saveAsHub(model, in: folder))) == expected)
    try saveAsOpenAI(model, to: folder.file("openai.safetensors"))
    let ours = try CLIP(publicWeights: folder.file("openai.safetensors"))
    #expect(ours.configuration == .base32)
    #expect(logits(ours) == expected)
  }

  @Test func `heads and activation that OpenAI's names do not state are never guessed`() throws {
    var random = Random(seed: 2)
    let tower = ViTConfiguration(
      imageSize: 8, patch: 4, width: 192, layers: 1, heads: 2, activation: .gelu, epsilon: 1e-5)
    var c = CLIPConfiguration(
      text: .init(vocabulary: 40, context: 6, width: 64, layers: 1, heads: 4), vision: tower,
      projection: 8)
    c.text.activation = .gelu
    let folder = try TemporaryFolder()
    let path = folder.file("open.safetensors")
    try saveAsOpenAI(CLIP(c, &random), to: path)
    let error = #expect(throws: CheckpointError.self) { try CLIP(publicWeights: path) }
    #expect("\(error!)".contains("do not state heads and activation"))
    let said = CLIP.Unstated(visionHeads: 2, textHeads: 4, activation: .gelu)
    #expect(try CLIP(publicWeights: path, unstated: said).configuration == c)
    let json = #"""
      {"model_cfg": {"vision_cfg": {"head_width": 96}, "text_cfg": {"heads": 4}}}
      """#
    _ = try folder.write(Array(json.utf8), to: "open_clip_config.json")
    #expect(try CLIP(publicWeights: path).configuration == c)
    for (tower, pool) in [("vision", "avg"), ("text", "last")] {
      let pools = json.replacing("{\"head_", with: "{\"pool_type\": \"tok\", \"head_")
        .replacing("{\"heads", with: "{\"pool_type\": \"argmax\", \"heads")
      _ = try folder.write(Array(pools.utf8), to: "open_clip_config.json")
      #expect(try CLIP(publicWeights: path).configuration == c)
      let usual = tower == "vision" ? "tok" : "argmax"
      let other = pools.replacing("\"\(usual)\"", with: "\"\(pool)\"")
      _ = try folder.write(Array(other.utf8), to: "open_clip_config.json")
      let error = #expect(throws: CheckpointError.self) { try CLIP(publicWeights: path) }
      #expect("\(error!)".contains("pool by") && "\(error!)".contains("\"\(pool)\""), "\(error!)")
    }
  }

  /// transformers looks for the end token of a caption at `eos_token_id`, we at the largest id.
  @Test func `a config with another end of captions is refused, one without is not`() throws {
    func read(_ end: String) throws -> CLIPConfiguration {
      let json = #"{"text_config": {"vocab_size": 40\#(end)}, "vision_config": {}}"#
      return try JSONDecoder().decode(CLIPConfiguration.self, from: Data(json.utf8))
    }
    for end in ["", #", "eos_token_id": 39"#, #", "eos_token_id": 2"#] {
      #expect(try read(end).text.vocabulary == 40)
    }
    #expect {
      try read(#", "eos_token_id": 7"#)
    } throws: {
      "\($0)".contains("captions end with the token 7 (eos_token_id)")
    }
  }

  @Test func `tables of positions for other sizes are named`() throws {
    var random = Random(seed: 3)
    let tower = ViTConfiguration(imageSize: 8, patch: 4, width: 8, layers: 1, heads: 2)
    let c = CLIPConfiguration(
      text: .init(vocabulary: 40, context: 6, width: 8, layers: 1, heads: 2), vision: tower,
      projection: 8)
    let folder = try TemporaryFolder()
    let path = folder.file("model.safetensors")
    try writeSafetensors(
      CLIP(c, &random).tensors.map { ($0.name, StoredTensor.floats($0.tensor)) }, to: path)
    func error(_ change: (inout CLIPConfiguration) -> Void) throws -> String {
      var other = c
      change(&other)
      try JSONEncoder().encode(other).write(to: URL(filePath: folder.file("config.json")))
      do throws(CheckpointError) { _ = try CLIP(publicWeights: path) } catch { return "\(error)" }
      return ""
    }
    #expect(try error { _ in } == "")
    #expect(try error { $0.text.context = 7 }.contains("has 6 positions"))
    #expect(try error { $0.vision.imageSize = (12, 12) }.contains("has 5 positions"))
  }

  @Test func `a file that does not match is an error that names what is missing`() throws {
    let folder = try TemporaryFolder()
    try writeSafetensors(
      [("visual.conv1.weight", .floats(.zeros([64, 3, 4, 4])))], to: folder.file("a.safetensors"))
    let error = #expect(throws: CheckpointError.self) {
      try CLIP(publicWeights: folder.file("a.safetensors"))
    }
    #expect(error.map { "\($0)" }?.contains("visual.positional_embedding") == true)
    let missing = #expect(throws: CheckpointError.self) {
      try CLIP(publicWeights: folder.file("b.safetensors"))
    }
    #expect(missing.map { "\($0)" }?.contains("b.safetensors") == true)
  }

  @Test func `a hub's config may omit default values`() throws {
    let json = """
      {"projection_dim": 512, "text_config": {"vocab_size": 49408},
       "vision_config": {"patch_size": 16}}
      """
    let c = try JSONDecoder().decode(CLIPConfiguration.self, from: Data(json.utf8))
    var expected = CLIPConfiguration.base32
    expected.vision.patch = 16
    #expect(c == expected)
  }
}
