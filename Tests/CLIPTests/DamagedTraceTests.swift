import CLIP
import Checkpoints
import ReferenceTraces
import TensorCore
import TestSupport
import Testing

@Suite struct CLIPDamagedTraceTests {
  private let config = """
    {"projection_dim": 4, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5,
     "text": {"vocab_size": 9, "max_position_embeddings": 5, "hidden_size": 8,
              "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2},
     "vision": {"image_size": 8, "patch_size": 4, "hidden_size": 8, "intermediate_size": 16,
                "num_hidden_layers": 1, "num_attention_heads": 2}}
    """

  /// Traces a small model with these inputs and this configuration. Returns the number of tensors.
  private func trace(
    images: [Int] = [2, 3, 8, 8],
    ids: IndexTensor = IndexTensor(shape: [2, 3], [1, 2, 8, 3, 8, 0]),
    config: String? = nil
  ) throws -> Int {
    let folder = try TemporaryFolder()
    var random = Random(seed: 1)
    let c = CLIPConfiguration(
      text: .init(vocabulary: 9, context: 5, width: 8, layers: 1, heads: 2, hidden: 16),
      vision: .init(
        imageSize: 8, patch: 4, width: 8, layers: 1, heads: 2, hidden: 16,
        activation: .quickGelu, epsilon: 1e-5), projection: 4)
    let weights = CLIP(c, &random).tensors.map {
      (name: "param.\($0.name)", value: StoredTensor.floats($0.tensor))
    }
    try writeSafetensors(
      weights + [
        ("pixel_values", .floats(.normal(images, &random))), ("input_ids", .integers(ids)),
      ], metadata: ["config": config ?? self.config], to: folder.file("a"))
    return try CLIP.referenceTrace(of: SafetensorsFile(folder.file("a"))).count
  }

  @Test func `a valid file gives a trace`() throws { #expect(try trace() > 60) }

  @Test(arguments: [[2, 3, 8], [2, 1, 8, 8], [2, 3, 6, 8], [0, 3, 8, 8], [3, 3, 8, 8]])
  func `pictures of the wrong shape are errors`(shape: [Int]) {
    #expect(throws: CheckpointError.self) { try trace(images: shape) }
  }

  @Test(arguments: [
    IndexTensor(shape: [2, 1], [9, 0]), IndexTensor(shape: [2, 1], [-1, 0]),
    IndexTensor(shape: [1, 2], [1, 2]), IndexTensor([1, 2]),
    IndexTensor(shape: [2, 6], [Int32](repeating: 1, count: 12)),
  ])
  func `invalid ids are errors`(ids: IndexTensor) {
    #expect(throws: CheckpointError.self) { try trace(ids: ids) }
  }

  @Test(arguments: [
    ("\"vocab_size\": 9", "\"vocab_size\": 1000000000"), ("\"patch_size\": 4", "\"patch_size\": 3"),
    ("\"num_attention_heads\": 2", "\"num_attention_heads\": 3"),
    ("\"hidden_size\": 8", "\"hidden_size\": -8"),
    ("\"projection_dim\": 4", "\"projection_dim\": 5"),
  ])
  func `configurations that do not match the weights are errors`(part: String, wrong: String) {
    #expect(throws: CheckpointError.self) {
      try trace(config: config.replacing(part, with: wrong))
    }
  }
}
