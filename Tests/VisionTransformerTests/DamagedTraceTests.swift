import Checkpoints
import Foundation
import ReferenceTraces
import TensorCore
import TestSupport
import Testing
import VisionTransformer

/// Valid safetensors files whose contents `ViT.referenceTrace` must refuse.
@Suite struct DamagedTraceTests {
  /// The contents of a file for a trace, which tests change before writing it.
  private struct Input {
    var tensors: [String: StoredTensor] = [:]
    var config: [String: Any] = [
      "image_size": [8, 12], "patch_size": 4, "hidden_size": 8, "num_hidden_layers": 1,
      "num_attention_heads": 2, "intermediate_size": 32, "interp": ["0": [3, 2]],
    ]

    init() throws {
      var random = Random(seed: 1)
      var c = ViTConfiguration(imageSize: 4, patch: 4, width: 8, layers: 1, heads: 2)
      c.imageSize = (rows: 8, columns: 12)
      for (name, tensor) in ViT(c, classes: 3, &random).tensors {
        tensors["param.\(name)"] = .floats(tensor)
      }
      tensors["pixel_values"] = .floats(Tensor.normal([2, 3, 8, 12], &random))
      tensors["labels"] = .integers(IndexTensor([0, 2]))
      tensors["interp.position_embeddings"] = .floats(Tensor.normal([1, 5, 4], &random))
    }

    /// Writes the file and returns the names of the tensors in its trace.
    func trace() throws -> [String] {
      let folder = try TemporaryFolder()
      let json = String(decoding: try JSONSerialization.data(withJSONObject: config), as: UTF8.self)
      try writeSafetensors(
        tensors.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) },
        metadata: ["config": json], to: folder.file("file"))
      return try ViT.referenceTrace(of: SafetensorsFile(folder.file("file"))).map(\.name)
    }
  }

  @Test func `the unchanged file is accepted`() throws {
    let names = try Input().trace()
    #expect(names.contains("interp.out.0") && names.contains("grad.pixel_values"))
  }

  @Test(arguments: [
    ("pixel_values", [3, 8, 12]), ("pixel_values", [2, 1, 8, 12]), ("pixel_values", [2, 3, 9, 12]),
    ("pixel_values", [2, 3, 0, 12]), ("pixel_values", [0, 3, 8, 12]),
    ("interp.position_embeddings", [1, 4, 4]), ("interp.position_embeddings", [5, 4]),
    ("interp.position_embeddings", [1, 0, 4]), ("interp.position_embeddings", [1, 1, 4]),
    ("interp.position_embeddings", [2, 5, 4]), ("param.classifier.weight", []),
    ("param.classifier.weight", [0, 8]), ("param.classifier.weight", [3, 4]),
    ("param.vit.layernorm.weight", [7]),
  ]) func `a tensor of the wrong shape is named in the error`(name: String, shape: [Int]) throws {
    var input = try Input()
    input.tensors[name] = .floats(.zeros(shape))
    let error = #expect(throws: CheckpointError.self) { try input.trace() }
    let shown = name.replacing("param.", with: "")
    #expect(error?.description.contains(shown) == true, "\(error as Any)")
  }

  @Test(arguments: [[0], [0, 3], [-1, 0], [0, 1, 2], []]) func `labels are one class per picture`(
    labels: [Int32]
  ) throws {
    var input = try Input()
    input.tensors["labels"] = .integers(IndexTensor(labels))
    let error = #expect(throws: CheckpointError.self) { try input.trace() }
    #expect(error?.description.contains("labels") == true, "\(error as Any)")
  }

  @Test(arguments: [[0, 2], [-1, 2], [2], [2, 3, 4], [1 << 40, 1 << 40]])
  func `grids must be two reasonable numbers`(grid: [Int]) throws {
    var input = try Input()
    input.config["interp"] = ["0": grid]
    let error = #expect(throws: CheckpointError.self) { try input.trace() }
    #expect(error?.description.contains("interp") == true, "\(error as Any)")
  }

  @Test(arguments: [
    "hidden_size", "num_hidden_layers", "intermediate_size", "num_channels", "image_size",
  ]) func `a config that claims a huge model is refused before memory is allocated`(
    key: String
  ) throws {
    var input = try Input()
    input.config[key] = 1_000_000_000
    let error = #expect(throws: CheckpointError.self) { try input.trace() }
    #expect(error?.description.contains("numbers, which are not in these") == true)
  }

  @Test func `errors name what is missing`() throws {
    for name in ["pixel_values", "labels", "param.classifier.weight", "param.vit.layernorm.bias"] {
      var input = try Input()
      input.tensors[name] = nil
      let error = #expect(throws: CheckpointError.self) { try input.trace() }
      let shown = name.replacing("param.vit.", with: "vit.")
      #expect(error?.description.contains(shown) == true, "\(error as Any)")
    }
  }
}
