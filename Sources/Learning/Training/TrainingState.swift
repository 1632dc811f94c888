import Checkpoints
import Files
import Foundation
import NeuralNetwork
import Optimization
import TensorCore

/// All that a training run must keep to continue as if it had never stopped: the model, the
/// optimiser's running averages, the averaged weights, the number of steps done, and anything
/// else that changes from step to step and can be written as JSON.
///
/// Random numbers need no state of their own: step n draws from `seed.split(n)`.
///
/// The file holds F32 tensors named `model.…`, `optimizer.…` and `average.…`.
public struct TrainingState {
  private let card: ModelCard
  private let settings: [String: String]
  private let optimizer: any Optimizer
  private let average: MovingAverage?
  private let tensors: [(name: String, tensor: Tensor)]
  private let remedy: String

  /// The state of a run with these parts, and any other tensors. `settings` are those that must not
  /// change when the run is resumed; loading compares them, and the card, with the saved ones. Those
  /// that a user can type have the names of options, "--steps"; a flag has the value "". `remedy` is
  /// what helps, besides "continue with the same, or", if one differs.
  public init(
    _ card: ModelCard, settings: [String: String], model: some Module,
    optimizer: any Optimizer, average: MovingAverage?,
    others: [(name: String, tensor: Tensor)] = [], remedy: String = "train in another folder"
  ) {
    self.remedy = remedy
    self.card = card
    self.settings = settings
    self.optimizer = optimizer
    self.average = average
    tensors = Self.tensors(model, optimizer, average) + others
  }

  /// The tensors of a run, under the names that they have in the file.
  static func tensors(
    _ model: some Module, _ optimizer: any Optimizer, _ average: MovingAverage?
  ) -> [(name: String, tensor: Tensor)] {
    named("model.", model.tensors) + named("optimizer.", optimizer.state)
      + named("average.", average?.tensors ?? [])
  }

  /// The bytes of the tensors in the file.
  public var byteCount: Int { tensors.reduce(0) { $0 + 4 * $1.tensor.count } }

  /// Writes the state after `step` steps. If this is interrupted, the file that was at `path`
  /// stays.
  ///
  /// Throws a `CheckpointError` if the file cannot be written.
  public func save(
    step: Int, carrying carried: some Codable, to path: String
  ) throws(CheckpointError) {
    let position = Position(
      step: step, optimizerSteps: optimizer.steps, averageUpdates: average?.updates ?? 0,
      carried: carried)
    var metadata = card.metadata(.trainingState)
    metadata["settings"] = String(decoding: encode(settings), as: UTF8.self)
    metadata["position"] = String(decoding: encode(position), as: UTF8.self)
    try writeSafetensors(
      tensors.map { ($0.name, .floats($0.tensor)) }, metadata: metadata, to: path)
  }

  /// Restores everything as it was saved and returns the number of steps done.
  ///
  /// Throws a `CheckpointError`, and changes nothing, if the file cannot be read or belongs to
  /// another run.
  public func load<Carried: Codable>(
    carrying carried: inout Carried, from path: String
  ) throws(CheckpointError) -> Int {
    let file = try Self.open(path, remedy: remedy)
    func require(_ key: String, _ wanted: String) throws(CheckpointError) -> Void {
      guard let found = file.metadata[key], found == wanted else {
        let (key, found, wanted) = firstDifference(file.metadata[key] ?? "", wanted, name: key)
        throw .mismatch(
          file: path,
          reason: "its \(key) is \(quoted(found)), this run's is \(quoted(wanted)); continue with "
            + "the same, or \(remedy)")
      }
    }
    try require("format", Format.trainingState.rawValue)
    try require("kind", card.kind)
    // Settings first: other data make other tokenizers, and these other configurations.
    try Self.check(settings, of: file, remedy: remedy)
    try require("config", card.config)
    let position: Position<Carried>
    let json = Data((file.metadata["position"] ?? "").utf8)
    do {
      position = try decode(Position<Carried>.self, json)
    } catch {
      throw .mismatch(
        file: path, reason: "its position is unusable (\(jsonFlaw(error, in: json)))")
    }
    guard min(position.step, position.optimizerSteps, position.averageUpdates) >= 0 else {
      throw .mismatch(file: path, reason: "its position counts below zero")
    }
    try file.load(into: tensors)
    optimizer.steps = position.optimizerSteps
    average?.updates = position.averageUpdates
    carried = position.carried
    return position.step
  }

  /// Checks, before a long preparation, that the run at `path` began with these options: settings
  /// whose names begin with "--".
  ///
  /// Throws a `CheckpointError` that names the first other one, or if the file cannot be read.
  public static func checkOptions(
    _ options: [String: String], at path: String, remedy: String
  ) throws(CheckpointError) {
    try check(options, of: open(path, remedy: remedy), remedy: remedy) { $0.hasPrefix("--") }
  }

  /// The precision with which the run of the state at `path` began.
  ///
  /// Throws a `CheckpointError` if the file cannot be read.
  static func precision(at path: String) throws(CheckpointError) -> Precision {
    let json = Data((try open(path, remedy: "").metadata["settings"] ?? "").utf8)
    let settings = (try? decode([String: String].self, json)) ?? [:]
    return settings["--precision"] == "bf16" ? .bf16 : .f32
  }

  /// Opens a state. If it is broken, the error names what can be done about it.
  private static func open(
    _ path: String, remedy: String
  ) throws(CheckpointError) -> SafetensorsFile {
    do throws(CheckpointError) { return try SafetensorsFile(path) } catch {
      let flaw: String
      switch error {
      // What else it says is advice for other files.
      case .damaged(_, let reason), .mismatch(_, let reason):
        flaw = String(reason.prefix { $0 != ";" })
      default: throw error
      }
      let start = remedy.contains("--from") ? "; --from MODEL starts from a model's weights" : ""
      throw .mismatch(
        file: path,
        reason:
          "the training state is broken (\(flaw)), and its run cannot go on; put a copy of it "
          + "back, or train in another folder\(start)")
    }
  }

  /// What is wrong with the file of a state; nil if it can be opened.
  static func breakage(of path: String) -> CheckpointError? {
    do throws(CheckpointError) { _ = try open(path, remedy: "") } catch { return error }
    return nil
  }

  private static func check(
    _ settings: [String: String], of file: SafetensorsFile, remedy: String,
    where isCompared: (String) -> Bool = { _ in true }
  ) throws(CheckpointError) {
    let json = Data((file.metadata["settings"] ?? "").utf8)
    let stored = (try? decode([String: String].self, json)) ?? [:]
    // Sorted, options come first.
    for key in Set(stored.keys).union(settings.keys).sorted()
    where isCompared(key) && stored[key] != settings[key] {
      let difference = difference(key, stored[key], settings[key])
      throw .mismatch(
        file: file.path, reason: "\(difference); continue with the same, or \(remedy)")
    }
  }

  private static func difference(_ key: String, _ then: String?, _ now: String?) -> String {
    let isOption = key.hasPrefix("--")
    if isOption, then == nil || now == nil {
      return then == nil
        ? "this run began without \(key), now it is given"
        : "this run began with \(key), now it is not given"
    }
    let (name, then, now) = firstDifference(then ?? "unset", now ?? "unset", name: key)
    return isOption
      ? "this run began with \(name) \(printable(then, limit: 80)), now it has "
        + "\(name) \(printable(now, limit: 80))"
      : "this run began with \(name) \(quoted(then)), now it is \(quoted(now))"
  }

  private static func named(
    _ prefix: String, _ tensors: [(name: String, tensor: Tensor)]
  ) -> [(name: String, tensor: Tensor)] {
    tensors.map { (prefix + $0.name, $0.tensor) }
  }
}

/// All that changes from step to step and is not a tensor.
struct Position<Carried: Codable>: Codable {
  let step: Int
  let optimizerSteps: Int
  let averageUpdates: Int
  let carried: Carried
}
