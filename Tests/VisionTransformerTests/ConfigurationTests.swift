import Foundation
import TensorCore
import TestSupport
import Testing
import VisionTransformer

@Suite struct ConfigurationTests {
  private func read(_ json: String) throws -> ViTConfiguration {
    try JSONDecoder().decode(ViTConfiguration.self, from: Data(json.utf8))
  }

  @Test func `the hub's config of ViT-B/16 is read, including entries that we do not use`() throws {
    let config = """
      {"architectures": ["ViTForImageClassification"], "hidden_act": "gelu", "hidden_size": 768,
       "hidden_dropout_prob": 0.0, "id2label": {"0": "tench"}, "image_size": 224,
       "intermediate_size": 3072, "layer_norm_eps": 1e-12, "model_type": "vit",
       "num_attention_heads": 12, "num_channels": 3, "num_hidden_layers": 12, "patch_size": 16,
       "qkv_bias": true}
      """
    #expect(try read(config) == .base16)
  }

  @Test func `an encoded configuration decodes to itself`() throws {
    var c = ViTConfiguration(
      imageSize: 24, patch: 4, channels: 1, width: 12, layers: 3, heads: 2, hidden: 20,
      activation: .geluTanh, attentionBias: false, epsilon: 1e-5)
    #expect(try read(String(decoding: JSONEncoder().encode(c), as: UTF8.self)) == c)
    c.imageSize = (rows: 8, columns: 12)
    #expect(try read(String(decoding: JSONEncoder().encode(c), as: UTF8.self)) == c)
    #expect(c.grid == (rows: 2, columns: 3))
  }

  @Test(arguments: [
    #""patch_size": 5"#, #""patch_size": 0"#, #""patch_size": -4"#, #""image_size": [8]"#,
    #""image_size": [8, 9]"#, #""num_attention_heads": 3"#, #""num_attention_heads": 0"#,
    #""hidden_size": 4611686018427387904"#, #""num_hidden_layers": -1"#,
    #""num_hidden_layers": 9223372036854775807"#, #""intermediate_size": 0"#,
    #""num_channels": 0"#, #""layer_norm_eps": -1"#, #""hidden_act": "selu""#,
    #""qkv_bias": "yes""#, #""hidden_size": 7.5"#,
  ]) func `invalid sizes are refused`(change: String) throws {
    var entries = [
      "image_size": "8", "patch_size": "4", "hidden_size": "8", "num_hidden_layers": "1",
      "num_attention_heads": "2",
    ]
    func json() -> String { "{\(entries.map { "\"\($0)\": \($1)" }.joined(separator: ","))}" }
    _ = try read(json())
    let parts = change.split(separator: ": ", maxSplits: 1).map(String.init)
    entries[String(parts[0].dropFirst().dropLast())] = parts[1]
    #expect(throws: DecodingError.self) { try read(json()) }
  }

  @Test(arguments: [true, false]) func `parameters are counted without building a model`(
    bias: Bool
  ) {
    var c = ViTConfiguration(
      imageSize: 8, patch: 4, channels: 2, width: 12, layers: 3, heads: 3, hidden: 10,
      attentionBias: bias)
    c.imageSize = (rows: 8, columns: 20)
    var random = Random(seed: 1)
    #expect(c.parameterCount == Double(ViTEncoder(c, &random).parameterCount))
  }

  @Test func `attention without biases equals attention with zero biases`() {
    var random = Random(seed: 2)
    var c = ViTConfiguration(imageSize: 8, patch: 4, width: 8, layers: 2, heads: 2)
    let with = ViT(c, classes: 3, &random)
    c.attentionBias = false
    let without = ViT(c, classes: 3, &random)
    let sources = Dictionary(uniqueKeysWithValues: with.tensors.map { ($0.name, $0.tensor) })
    for (name, tensor) in without.tensors {
      if let source = sources[name] { tensor.assign(source) }
    }
    let left = Set(sources.keys).subtracting(without.tensors.map(\.name))
    #expect(left.count == 6)
    #expect(left.allSatisfy { $0.hasSuffix("_proj.bias") && !$0.hasSuffix("o_proj.bias") })
    let images = Tensor.normal([2, 3, 8, 8], &random)
    #expect(with(images).scalars == without(images).scalars)
  }
}
