import Files
import Foundation
import NeuralNetwork
import TensorCore

/// What a checkpoint says about its model: all that is needed to build the model again.
public struct ModelCard: Equatable, Sendable {
  /// The kind of model: "vit", "clip", "dvae", "transformer".
  public let kind: String
  /// The model's configuration, as JSON with sorted keys.
  public let config: String
  /// Anything else worth keeping, by name: the tokenizer, the data set and its seed.
  public var notes: [String: String]

  /// The card of a model of some kind, with its configuration, which becomes JSON.
  public init(kind: String, config: some Encodable, notes: [String: String] = [:]) {
    self.kind = kind
    self.config = String(decoding: encode(config), as: UTF8.self)
    self.notes = notes
  }

  init(kind: String, json: String, notes: [String: String]) {
    self.kind = kind
    config = json
    self.notes = notes
  }
}

/// A trained model in a safetensors file.
///
///     try Checkpoint.save(model, ModelCard(kind: "clip", config: config), to: path)
///
///     let checkpoint = try Checkpoint(path, kind: "clip")
///     let model: CLIP = try checkpoint.model { CLIP($0, &$1) }
public struct Checkpoint {
  /// What the checkpoint says about its model.
  public let card: ModelCard
  /// The file with the tensors.
  public let file: SafetensorsFile

  /// Opens a checkpoint, or the training state of an unfinished run, and checks that it holds a
  /// model of `kind`, if one is given.
  ///
  /// Throws a `CheckpointError` if the file cannot be read, is damaged, is no checkpoint, or holds
  /// a model of another kind.
  public init(_ path: String, kind: String? = nil) throws(CheckpointError) {
    file = try SafetensorsFile(path)
    var notes = file.metadata
    guard let format = notes.removeValue(forKey: "format"), let found = Format(rawValue: format),
      let storedKind = notes.removeValue(forKey: "kind"),
      let config = notes.removeValue(forKey: "config")
    else {
      let formats = Format.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
      throw .mismatch(
        file: path,
        reason: "a safetensors file, but not a checkpoint of this program: its metadata lack a "
          + "format of \(formats), a kind or a config")
    }
    guard kind == nil || kind == storedKind else {
      throw .mismatch(
        file: path, reason: "holds a model of kind \(quoted(storedKind)), expected \(quoted(kind!))"
      )
    }
    card = ModelCard(kind: storedKind, json: config, notes: notes)
    self.format = found
  }

  private let format: Format

  /// The model's configuration, decoded from the card.
  ///
  /// Throws a `CheckpointError` that names what is missing or wrong if it is no `Config`.
  public func config<Config: Decodable>(
    _: Config.Type = Config.self
  ) throws(CheckpointError) -> Config {
    do {
      return try decode(Config.self, Data(card.config.utf8))
    } catch {
      throw .mismatch(
        file: file.path,
        reason: "its config is not one of a \(card.kind) ("
          + "\(jsonFlaw(error, in: card.config.utf8)))")
    }
  }

  /// Fills a model with the weights; from a training state, with the averaged ones if there
  /// are some.
  ///
  /// Throws a `CheckpointError` if names or shapes are not the model's, or if a number is not
  /// finite.
  public func load(into model: some Module) throws(CheckpointError) {
    let prefix =
      switch format {
      case .checkpoint: ""
      case .trainingState: Self.bestWeights(in: file)
      }
    try file.load(into: model.tensors, prefix: prefix)
    for (name, tensor) in model.tensors where tensor.firstNonFiniteIndex != nil {
      throw .mismatch(
        file: file.path,
        reason: "\(quoted(name)) holds numbers that are not finite; get or train the model again")
    }
  }

  /// Writes a model's tensors as F32, or as F16 or BF16 in half the space; tensors with numbers
  /// that are too large for these stay F32.
  ///
  /// Throws a `CheckpointError` if the file cannot be written.
  public static func save(
    _ model: some Module, _ card: ModelCard, as type: StoredType = .f32, to path: String
  ) throws(CheckpointError) {
    try writeSafetensors(
      model.tensors.map { name, tensor in
        (name, .floats(tensor, as: tensor.firstScalar(beyond: type) == nil ? type : .f32))
      },
      metadata: card.metadata(.checkpoint), to: path)
  }
}

extension Checkpoint {
  /// The prefix of the weights to use of a training state: the averaged ones, once there are some.
  private static func bestWeights(in file: SafetensorsFile) -> String {
    struct Count: Decodable { let averageUpdates: Int }
    let count = try? decode(Count.self, Data((file.metadata["position"] ?? "").utf8))
    return (count?.averageUpdates ?? 0) > 0 ? "average." : "model."
  }
}

/// The formats of our files, each with its version.
package enum Format: String, CaseIterable {
  case checkpoint = "dalle-checkpoint-1"
  case trainingState = "dalle-training-state-1"
}

extension ModelCard {
  package func metadata(_ format: Format) -> [String: String] {
    ["format": format.rawValue, "kind": kind, "config": config].merging(notes) { own, _ in own }
  }
}
