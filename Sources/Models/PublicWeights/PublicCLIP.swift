// Public weights: Hugging Face's files and those with OpenAI's names.

import CLIP
import Checkpoints
import NeuralNetwork
import TensorCore
import VisionTransformer

extension CLIP {
  /// A CLIP with public weights in a safetensors file or in shards.
  ///
  /// Either `model.safetensors` as downloaded from the Hugging Face hub, with its `config.json` in
  /// the same folder; or tensors under OpenAI's names (`visual.conv1.weight`, …), as OpenAI's own
  /// files and those of OpenCLIP have them. Their sizes are read from the shapes. Heads and
  /// activation leave no trace in shapes: they come from `unstated`; from an
  /// `open_clip_config.json` in the same folder; or, for a file that holds `input_resolution`,
  /// `context_length` or `vocab_size`, as only OpenAI's own do, from what OpenAI published.
  ///
  /// The names may follow that of a larger model ("model.visual.…"). Buffers are left alone.
  ///
  /// Throws a `CheckpointError` if a file is missing, if names or shapes do not fit, or if heads and
  /// activation are stated nowhere.
  public init(
    publicWeights path: String, unstated: Unstated? = nil
  ) throws(CheckpointError) {
    let files = try WeightFiles(path)
    var random = Random(seed: 0)
    if let prefix = try files.prefix(before: "visual.conv1.weight") {
      let reader = OpenAIReader(files: files, prefix: prefix)
      let configuration = try reader.configuration(unstated)
      try files.check(parameters: configuration.parameterCount)
      self.init(configuration, &random)
      for (name, tensor) in tensors { try reader.read(Self.openAISource(of: name), into: tensor) }
      return
    }
    let anchor = "text_model.embeddings.token_embedding.weight"
    guard let prefix = try files.prefix(before: anchor) else {
      let halves = try files.prefix(before: "vision_model.embeddings.class_embedding")
      throw .mismatch(
        file: files.path,
        reason: halves == nil
          ? "holds no CLIP: no tensor is called …\(anchor) or …visual.conv1.weight"
          : "holds the image tower of a CLIP without its text tower")
    }
    let configuration = try files.config(CLIPConfiguration.self)
    try files.check(parameters: configuration.parameterCount)
    self.init(configuration, &random)
    for (name, tensor) in tensors where name.hasSuffix("position_embedding.weight") {
      try files.check(positions: prefix + name, in: tensor.shape)
    }
    let parts = ["text_model.", "vision_model."].map { prefix + $0 }
    try files.load(into: tensors.map { (prefix + $0.name, $0.tensor) }) { name in
      parts.contains { name.hasPrefix($0) }
    }
  }

  /// What files with OpenAI's names do not state.
  public struct Unstated: Equatable, Sendable {
    /// Attention heads of a block of each tower.
    public var visionHeads, textHeads: Int
    /// The function between the two layers of a feed-forward network.
    public var activation: Activation

    /// Heads of both towers, and the activation.
    public init(visionHeads: Int, textHeads: Int, activation: Activation) {
      self.visionHeads = visionHeads
      self.textHeads = textHeads
      self.activation = activation
    }

    /// What OpenAI's ViT-B/32 and ViT-B/16 have: 12 and 8 heads, quick GELU.
    public static let openAIBase = Unstated(visionHeads: 12, textHeads: 8, activation: .quickGelu)
    /// What OpenAI's ViT-L/14 and ViT-L/14@336px have: 16 and 12 heads, quick GELU.
    public static let openAILarge = Unstated(
      visionHeads: 16, textHeads: 12, activation: .quickGelu)
  }

  /// Where a tensor that Hugging Face names is found in a file with OpenAI's names.
  struct OpenAISource: Equatable {
    var name: String
    /// Queries, keys and values are stored in one matrix, as its first, second and last third.
    var third: Int?
    /// Projections are stored as [D, E] there, as [E, D] here.
    var isTransposed = false
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
}

/// Reads a file with OpenAI's names.
private struct OpenAIReader {
  let files: WeightFiles
  let prefix: String

  func read(_ place: CLIP.OpenAISource, into tensor: Tensor) throws(CheckpointError) {
    let name = prefix + place.name
    var source = try files.tensor(name)
    if let third = place.third, let rows = source.shape.first, rows % 3 == 0 {
      source = source.sliced(axis: 0, third * rows / 3..<(third + 1) * rows / 3)
    }
    if place.isTransposed && source.rank == 2 { source = source.transposed(0, 1) }
    guard source.shape == tensor.shape else {
      throw .mismatch(
        file: files.path,
        reason: "\"\(name)\" gives \(source.shape) where this model has \(tensor.shape)")
    }
    tensor.assign(source)
  }

  /// The sizes of the model.
  func configuration(_ given: CLIP.Unstated?) throws(CheckpointError) -> CLIPConfiguration {
    if files.names.contains("\(prefix)visual.layer1.0.conv1.weight") {
      throw .mismatch(
        file: files.path, reason: "holds a CLIP that sees by a ResNet; this one is a ViT")
    }
    let convolution = try shape("visual.conv1.weight", 4)  // [D, C, P, P]
    let places = try shape("visual.positional_embedding", 2)  // [1 + N, D]
    let tokens = try shape("token_embedding.weight", 2)  // [V, D]
    let positions = try shape("positional_embedding", 2)  // [T, D]
    let projection = try shape("text_projection", 2)  // [D, E]
    let side = Int(Double(places[0] - 1).squareRoot())
    guard side > 0 else {
      throw .mismatch(file: files.path, reason: "its pictures have no place for a patch")
    }
    let layers = (layers("visual.transformer"), layers("transformer"))
    let unstated = try self.unstated(
      given, widths: (convolution[0], tokens[1]), layers: layers, patch: convolution[2])
    let hidden = (
      try shape("visual.transformer.resblocks.0.mlp.c_fc.weight", 2)[0],
      try shape("transformer.resblocks.0.mlp.c_fc.weight", 2)[0]
    )
    var text = CLIPConfiguration.Text(
      vocabulary: tokens[0], context: positions[0], width: tokens[1], layers: layers.1,
      heads: unstated.textHeads, hidden: hidden.1)
    text.activation = unstated.activation
    return CLIPConfiguration(
      text: text,
      vision: ViTConfiguration(
        imageSize: side * convolution[2], patch: convolution[2], channels: convolution[1],
        width: convolution[0], layers: layers.0, heads: unstated.visionHeads, hidden: hidden.0,
        activation: unstated.activation, epsilon: 1e-5),
      projection: projection[1])
  }

  private func shape(_ name: String, _ rank: Int) throws(CheckpointError) -> [Int] {
    let shape = try files.info(prefix + name).shape
    guard shape.count == rank, shape.allSatisfy({ (1...1 << 30).contains($0) }) else {
      throw .mismatch(file: files.path, reason: "\"\(name)\" has the shape \(shape)")
    }
    return shape
  }

  private func layers(_ path: String) -> Int {
    (0...).first { !files.names.contains("\(prefix)\(path).resblocks.\($0).ln_1.weight") } ?? 0
  }

  /// Heads and activation: as given, from OpenCLIP's configuration, or those of OpenAI's own files.
  private func unstated(
    _ given: CLIP.Unstated?, widths: (Int, Int), layers: (Int, Int), patch: Int
  ) throws(CheckpointError) -> CLIP.Unstated {
    var unstated = given
    if unstated == nil { unstated = try openCLIPConfiguration(widths) }
    let marks = ["input_resolution", "context_length", "vocab_size"].map { prefix + $0 }
    if unstated == nil, marks.contains(where: files.names.contains) {
      switch (widths.0, widths.1, layers.0, layers.1, patch) {
      case (768, 512, 12, 12, 16), (768, 512, 12, 12, 32): unstated = .openAIBase
      case (1024, 768, 24, 12, 14): unstated = .openAILarge
      default: break
      }
    }
    guard let unstated else {
      throw .mismatch(
        file: files.path,
        reason: "has OpenAI's names, which do not state heads and activation, and is none of "
          + "OpenAI's own files; put its open_clip_config.json beside it, or say them: "
          + "CLIP(publicWeights: …, unstated: …)")
    }
    for (width, heads) in [(widths.0, unstated.visionHeads), (widths.1, unstated.textHeads)]
    where heads < 1 || width % heads != 0 {
      throw .mismatch(
        file: files.path, reason: "a width of \(width) does not divide into \(heads) heads")
    }
    return unstated
  }

  /// Heads and activation in `open_clip_config.json`; nil if there is none.
  private func openCLIPConfiguration(
    _ widths: (Int, Int)
  ) throws(CheckpointError) -> CLIP.Unstated? {
    struct Tower: Decodable {
      let head_width, heads: Int?
      let pool_type: String?
    }
    struct Model: Decodable {
      let quick_gelu: Bool?
      let vision_cfg, text_cfg: Tower
    }
    struct Document: Decodable { let model_cfg: Model }
    let name = "open_clip_config.json"
    guard files.exists(beside: name) else { return nil }
    let model = try files.config(Document.self, in: name).model_cfg
    let pools = (model.vision_cfg.pool_type ?? "tok", model.text_cfg.pool_type ?? "argmax")
    guard pools == ("tok", "argmax") else {
      throw .mismatch(
        file: files.beside(name),
        reason: "its towers pool by \(pools.0.debugDescription) and \(pools.1.debugDescription); "
          + "this CLIP looks at the class token and at the largest id (\"tok\" and \"argmax\")")
    }
    // The defaults of OpenCLIP.
    let headWidth = max(model.vision_cfg.head_width ?? 64, 1)
    guard widths.0 % headWidth == 0 else {
      throw .mismatch(
        file: files.beside(name),
        reason: "heads of \(headWidth) do not divide the width of \(widths.0)")
    }
    return CLIP.Unstated(
      visionHeads: widths.0 / headWidth, textHeads: model.text_cfg.heads ?? 8,
      activation: model.quick_gelu == true ? .quickGelu : .gelu)
  }
}
