import Checkpoints
import Foundation
import GradientCompression
import TensorCore

/// What a user chose for a run, in the words in which it was chosen.
public struct RunOptions: Sendable {
  /// Values by option, such as "4000" by "--steps"; a flag that was given has the value "".
  public let values: [String: String]
  /// What helps if a resumed run has others, besides "continue with the same, or".
  public let remedy: String
  /// In which numbers linear layers and convolutions multiply, forward and backward.
  public let precision: Precision
  /// Whether blocks are computed again in the backward pass instead of being remembered. The result is
  /// the same, so a resumed run need not do what it did before.
  public let checkpointsActivations: Bool
  /// Whether each of several processes keeps a slice of weights, gradients and running averages only.
  /// A resumed run need not do what it did before.
  public let isSharded: Bool
  /// How gradients are compressed before they are averaged; nil if they travel whole.
  public let compression: Compression?

  /// PowerSGD's form and rank.
  public struct Compression: Equatable, Sendable {
    /// Which of the published forms.
    public let variant: GradientCompressor.Variant
    /// r, the number of columns of the two matrices that travel in place of one.
    public let rank: Int

    /// Gradients of this rank.
    public init(_ variant: GradientCompressor.Variant, rank: Int) {
      self.variant = variant
      self.rank = rank
    }
  }

  /// The options of a command that change the result of its run; flags count if they were given.
  public init(
    _ values: [String: String], flags: KeyValuePairs<String, Bool> = [:],
    remedy: String = "train in another folder", precision: Precision? = nil,
    checkpointsActivations: Bool = false, isSharded: Bool = false, compression: Compression? = nil
  ) {
    self.values = values.merging(flags.filter(\.value).map { ($0.key, "") }) { $1 }
      .merging(precision == .bf16 ? ["--precision": "bf16"] : [:]) { $1 }
      .merging(compression.map { ["--compress": "\($0.rank)"] } ?? [:]) { $1 }
      .merging(compression.map { ["--compress-variant": $0.variant.rawValue] } ?? [:]) { $1 }
    self.remedy = remedy
    self.precision = precision ?? .f32
    self.checkpointsActivations = checkpointsActivations
    self.isSharded = isSharded
    self.compression = compression
  }
}

/// The folder in which a run keeps its state (`training.safetensors`) and its log (`log.jsonl`).
public struct TrainingFolder {
  /// The path of the folder, which is created if necessary.
  public let path: String
  /// The card of the trained model. When a run is resumed, kind, config and notes must be the same,
  /// so the notes should hold every setting that affects the result: data set, batch size, …
  public let card: ModelCard
  /// The number of steps after which the state is saved each time.
  public let interval: Int
  /// Whether to continue from the state in the folder, if there is one.
  public let resume: Bool
  /// What the user chose. It is compared before the card, so that a difference has a name that can
  /// be typed.
  public let options: RunOptions
  /// The open log, while other programs are kept from training here.
  private(set) var log: MetricsLog?
  /// The free space on the disk of a folder, in bytes, as the system gives it.
  var freeSpace: (String) -> Int? = Training.freeSpace

  /// The path of the run's training state.
  public var state: String { Self.state(in: path) }

  /// A folder for a run of a model, whose state is saved every `interval` steps.
  public init(
    _ path: String, _ card: ModelCard, every interval: Int, resume: Bool,
    options: RunOptions = RunOptions([:])
  ) {
    precondition(interval > 0, "the state is saved every 1 or more steps, not every \(interval)")
    self.path = path
    self.card = card
    self.interval = interval
    self.resume = resume
    self.options = options
  }

  /// The same folder, made and locked: until the result is gone, no other run can begin there. A
  /// run that needs a long preparation calls this before it.
  ///
  /// Throws a `TrainingError` if another program trains there, or if a run has begun and is not to
  /// be resumed; a `CheckpointError` if the folder cannot be used, or if the run began with other
  /// options.
  public func locked() throws -> TrainingFolder {
    if log != nil { return self }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CheckpointError.unwritable(file: path, reason: "the folder cannot be made")
    }
    var folder = self
    folder.log = try MetricsLog(in: path)
    try Self.checkFree(path, resume: resume)
    if Self.hasBegun(path) { try Self.check(options, of: path) }
    return folder
  }

  /// Checks that the run that has begun in the folder at `path` has these options.
  ///
  /// Throws a `CheckpointError` that names the first other one, or if the state cannot be read.
  public static func check(_ options: RunOptions, of path: String) throws(CheckpointError) {
    try TrainingState.checkOptions(options.values, at: state(in: path), remedy: options.remedy)
  }

  /// The precision of the run that has begun in one of some folders; nil if none has. A run that goes on
  /// must compute as it did, on whatever processor. A state that cannot be read is an error of the run.
  public static func precision(ofRunIn folders: [String]) -> Precision? {
    folders.lazy.filter(hasBegun).compactMap { try? TrainingState.precision(at: state(in: $0)) }
      .first
  }

  /// Whether a folder holds the training state of a run.
  public static func hasBegun(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: state(in: path))
  }

  /// Checks that a new run would not overwrite one in the folder. Call it before a long
  /// preparation.
  ///
  /// Throws a `TrainingError` if a run has begun there and `resume` is false: whether it can be
  /// continued, the error says.
  public static func checkFree(_ path: String, resume: Bool) throws(TrainingError) {
    if resume || !hasBegun(path) { return }
    let state = state(in: path)
    // Advice to continue would not help.
    if case .mismatch(_, let reason)? = TrainingState.breakage(of: state) {
      throw .broken(state: state, reason: reason)
    }
    throw .alreadyBegun(state: state)
  }

  private static func state(in path: String) -> String { "\(path)/training.safetensors" }
}
