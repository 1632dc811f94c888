// Public weights: Hugging Face's files and OpenAI's own.

import Checkpoints
import NeuralNetwork
import TensorCore
import VisionTransformer

extension CLIP {
  /// A CLIP with public weights in a safetensors file, F32 or F16.
  ///
  /// Either `model.safetensors` as downloaded from the Hugging Face hub, with its `config.json` in
  /// the same folder; or the tensors of one of OpenAI's own files with a vision transformer,
  /// under their names (`visual.conv1.weight`, …), which need no configuration: sizes are
  /// read from the shapes, and heads are 64 wide.
  ///
  /// Throws a `CheckpointError` if a file is missing, or if names or shapes do not fit.
  public init(publicWeights path: String) throws(CheckpointError) {
    let file = try SafetensorsFile(path)
    var random = Random(seed: 0)
    if file.names.contains("visual.conv1.weight") {
      let configuration = try Self.openAIConfiguration(file)
      try file.check(parameters: configuration.parameterCount)
      self.init(configuration, &random)
      for (name, tensor) in tensors {
        try Self.openAISource(of: name).read(from: file, into: tensor)
      }
    } else {
      let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      let config = (folder + ["config.json"]).joined(separator: "/")
      let configuration = try readConfig(CLIPConfiguration.self, from: config)
      try file.check(parameters: configuration.parameterCount)
      self.init(configuration, &random)
      // Older files hold the numbers 0, 1, 2, … of positions.
      try file.load(into: tensors, ignoring: { $0.hasSuffix(".position_ids") })
    }
  }

  /// Where a tensor that Hugging Face names is found in a file with OpenAI's names.
  struct OpenAISource: Equatable {
    var name: String
    /// Queries, keys and values are stored in one matrix, as its first, second and last third.
    var third: Int?
    /// Projections are stored as [D, E] there, as [E, D] here.
    var isTransposed = false

    func read(from file: SafetensorsFile, into tensor: Tensor) throws(CheckpointError) {
      var source = try file.tensor(name)
      if let third, let rows = source.shape.first {
        source = source.sliced(axis: 0, third * rows / 3..<(third + 1) * rows / 3)
      }
      if isTransposed && source.rank == 2 { source = source.transposed(0, 1) }
      guard source.shape == tensor.shape else {
        throw .mismatch(
          file: file.path,
          reason: "\"\(name)\" gives \(source.shape) where this model has \(tensor.shape)")
      }
      tensor.assign(source)
    }
  }

  /// Where the tensor that Hugging Face calls `name` is found in OpenAI's files.
  static func openAISource(of name: String) -> OpenAISource {
    switch name {
    case "visual_projection.weight": return OpenAISource(name: "visual.proj", isTransposed: true)
    case "text_projection.weight": return OpenAISource(name: "text_projection", isTransposed: true)
    default: break
    }
    let renamed = [
      ("vision_model.encoder.layers.", "visual.transformer.resblocks."),
      ("text_model.encoder.layers.", "transformer.resblocks."),
      (".layer_norm1.", ".ln_1."), (".layer_norm2.", ".ln_2."),
      (".self_attn.out_proj.", ".attn.out_proj."),
      (".mlp.fc1.", ".mlp.c_fc."), (".mlp.fc2.", ".mlp.c_proj."),
      ("vision_model.embeddings.class_embedding", "visual.class_embedding"),
      ("vision_model.embeddings.patch_embedding.", "visual.conv1."),
      ("vision_model.embeddings.position_embedding.weight", "visual.positional_embedding"),
      ("vision_model.pre_layrnorm.", "visual.ln_pre."),
      ("vision_model.post_layernorm.", "visual.ln_post."),
      ("text_model.embeddings.token_embedding.", "token_embedding."),
      ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
      ("text_model.final_layer_norm.", "ln_final."),
    ]
    var source = OpenAISource(name: renamed.reduce(name) { $0.replacing($1.0, with: $1.1) })
    for (third, part) in [".self_attn.q_proj.", ".self_attn.k_proj.", ".self_attn.v_proj."]
      .enumerated() where source.name.contains(part)
    {
      source.name = source.name.replacing(part, with: ".attn.in_proj_")
      source.third = third
    }
    return source
  }

  /// The sizes of the model in a file with OpenAI's names.
  private static func openAIConfiguration(
    _ file: SafetensorsFile
  ) throws(CheckpointError) -> CLIPConfiguration {
    func shape(_ name: String, _ rank: Int) throws(CheckpointError) -> [Int] {
      let shape = try file.info(name).shape
      guard shape.count == rank, shape.allSatisfy({ $0 > 0 }) else {
        throw .mismatch(file: file.path, reason: "\"\(name)\" has the shape \(shape)")
      }
      return shape
    }
    func layers(_ path: String) -> Int {
      (0...).first { !file.names.contains("\(path).resblocks.\($0).ln_1.weight") } ?? 0
    }
    let convolution = try shape("visual.conv1.weight", 4)  // [D, C, P, P]
    let places = try shape("visual.positional_embedding", 2)  // [1 + N, D]
    let tokens = try shape("token_embedding.weight", 2)  // [V, D]
    let positions = try shape("positional_embedding", 2)  // [T, D]
    let projection = try shape("text_projection", 2)  // [D, E]
    let side = Int(Double(places[0] - 1).squareRoot())
    guard side > 0, convolution[0] % 64 == 0, tokens[1] % 64 == 0 else {
      throw .mismatch(
        file: file.path,
        reason: "widths \(convolution[0]) and \(tokens[1]) are not multiples of 64")
    }
    return CLIPConfiguration(
      text: CLIPConfiguration.Text(
        vocabulary: tokens[0], context: positions[0], width: tokens[1],
        layers: layers("transformer"), heads: tokens[1] / 64),
      vision: ViTConfiguration(
        imageSize: side * convolution[2], patch: convolution[2], channels: convolution[1],
        width: convolution[0], layers: layers("visual.transformer"), heads: convolution[0] / 64,
        activation: .quickGelu, epsilon: 1e-5),
      projection: projection[1])
  }
}
