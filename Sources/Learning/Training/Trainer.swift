import Checkpoints
import Collectives
import Foundation
import GradientCompression
import NeuralNetwork
import Optimization
import TensorCore

/// The loop that trains every model here.
///
///     let trainer = Trainer(
///       "vit", model, Adam(model, rate: 0), steps: 1000, seed: 7,
///       rate: .warmUp(steps: 100, then: .cosine(from: 1e-3, to: 0, steps: 900)))
///     trainer.gradientLimit = 1
///     try trainer.run { step, random in
///       let (images, labels) = data.batch(64, &random)
///       let loss = crossEntropy(model(images), labels)
///       loss.backward()
///       return Metrics(loss: loss.item)
///     }
///
/// The closure is the part that differs between models: it draws a batch, computes the loss and
/// calls `backward()`, once or for several parts of a large batch. It must take all random numbers
/// from its argument, which depends only on seed and step. Then a resumed run ends with the same
/// bits as one that was never stopped.
public final class Trainer {
  /// Gradients whose norm is above this are scaled down to it.
  public var gradientLimit: Float?
  /// An average of the weights, updated every `averageInterval` steps.
  public var average: MovingAverage?
  /// The number of steps between two updates of `average`.
  public var averageInterval = 1
  /// The folder of state and log. Without one nothing is kept, and Ctrl-C ends the program at once.
  public var folder: TrainingFolder?
  /// Where progress is shown.
  public var terminal = Terminal.standardError
  /// Whether each of several ranks keeps a slice of weights, gradients and running averages only.
  public var isSharded = false
  /// The processes that train together, each on its share of every batch. The closure must compute the
  /// loss of `ranks.share(of: B)`, such that the mean over all ranks is that of the whole batch.
  public var ranks: any Collective

  let title: String
  let model: any Module
  /// In a sharded run, that of the slices.
  private(set) var optimizer: any Optimizer
  /// The most bytes of weights, gradients, running averages and messages that this rank held in a
  /// backward pass of a sharded run, and what one process would hold.
  public internal(set) var heldBytes: (peak: Int, whole: Int)?
  /// What this rank keeps, while the run is sharded.
  private(set) var shards: Shards?
  /// What compresses gradients in the present run, and its state as of the last save.
  var compressor: GradientCompressor?
  var compressionState: [(name: String, tensor: Tensor)] = []
  private let steps: Int
  let seed: UInt64
  private let rate: Schedule

  /// A run of `steps` steps. The schedule sets the optimiser's rate before each step.
  public init(
    _ title: String, _ model: some Module, _ optimizer: any Optimizer, steps: Int, seed: UInt64,
    rate: Schedule, ranks: any Collective = TrainingRanks.current
  ) {
    precondition(steps >= 0, "a run has 0 or more steps, not \(steps)")
    self.title = title
    self.model = model
    self.optimizer = optimizer
    self.steps = steps
    self.seed = seed
    self.rate = rate
    self.ranks = ranks
  }

  /// Trains until all steps are done. `body` is called with the index of the step, from 0, and the
  /// random numbers of the step.
  ///
  /// Throws what `body` throws, a `TrainingError`, or a `CheckpointError` if the folder cannot be
  /// used.
  public func run(_ body: (_ step: Int, _ random: inout Random) throws -> Metrics) throws {
    var nothing: [Int] = []
    try run(carrying: &nothing) { step, random, _ in try body(step, &random) }
  }

  /// The same for a `body` that changes something besides the tensors from step to step, for
  /// instance a learning curve: `carried` is saved, and restored when the run is resumed.
  ///
  /// Throws what `body` throws, a `TrainingError`, or a `CheckpointError` if the folder cannot be
  /// used.
  public func run<Carried: Codable>(
    carrying carried: inout Carried,
    _ body: (_ step: Int, _ random: inout Random, _ carried: inout Carried) throws -> Metrics
  ) throws {
    var step = 0
    prepareCompression()
    // First: the state that `begin` saves invites a stop.
    if folder != nil { Interruption.watch() }
    defer { if folder != nil { Interruption.unwatch() } }
    // Of several processes, one keeps the run.
    let record = try ranks.rank == 0 ? folder.map { try Record($0, of: self) } : nil
    if let record { step = try record.begin(&carried, steps: steps) }
    step = try agree(on: step, &carried)
    defer { reportTraffic() }
    shard()
    let progress = ProgressBar(title, total: steps, done: step, to: terminal)
    defer { progress.end() }
    let randomOfRun = Random(seed: seed).split("training")

    while step < steps {
      let start = ContinuousClock.now
      optimizer.rate = Float(rate(step))
      optimizer.clearGradients()
      var random = randomOfRun.split(step)
      let mine = try exchanging {
        try withPrecision(folder?.options.precision ?? .current) {
          try withCheckpointedBlocks(
            shards != nil || folder?.options.checkpointsActivations ?? false
              || areBlocksCheckpointed
          ) { try body(step, &random, &carried) }
        }
      }
      let (metrics, stop) = average(mine, isStopping: folder != nil && Interruption.isRequested)
      let norm = try update(step, metrics)
      try record?.log.append(
        step: step, metrics, rate: optimizer.rate, gradientNorm: norm,
        seconds: (ContinuousClock.now - start) / .seconds(1))
      step += 1
      progress.update(step, "loss \(String(format: "%.4g", metrics.loss))")

      if let folder, stop || step == steps || step % folder.interval == 0 {
        try checkWeights(step - 1)
        keepCompression()
        let save = { [carried] in try record?.save(step, carried) ?? () }
        if let shards { try shards.withWholeState(save) } else { try save() }
      }
      if stop, let folder {
        TrainingRanks.allEnd = true
        throw TrainingError.interrupted(done: step, steps: steps, state: folder.state)
      }
    }
    if let shards {
      shards.restore()
      reportMemory(of: shards)
      (optimizer, self.shards) = (shards.whole, nil)
    }
  }

  /// Cuts up the state of a run that is to be sharded.
  private func shard() {
    guard isSharded || folder?.options.isSharded ?? false, ranks.count > 1 else { return }
    precondition(
      optimizer.isElementwise,
      "\(type(of: optimizer)) looks at whole matrices, which no rank of a sharded run has")
    let shards = Shards(model, optimizer, average, over: ranks)
    optimizer = shards.optimizer
    self.shards = shards
  }

  /// Takes one step of the optimiser with the current gradients. Returns their norm.
  private func update(_ step: Int, _ metrics: Metrics) throws -> Float {
    if !metrics.loss.isFinite {
      try checkWeights(step)
      throw nonFinite(step, "the loss is \(show(metrics.loss)) although all weights are finite")
    }
    let parameters = optimizer.groups.flatMap(\.parameters)
    precondition(
      parameters.contains { $0.tensor.gradient != nil },
      "step \(step) left no gradient in any parameter: the closure must call backward()")
    let norm = shards?.norm() ?? gradientNorm(parameters)
    if !norm.isFinite {
      let flaw = flaw(of: parameters, "the gradient of ") { $0.gradient }
      throw nonFinite(step, flaw ?? "the norm of all gradients is \(norm)")
    }
    let scale = gradientLimit.map { clipScale(norm: norm, limit: $0) } ?? 1
    if let shards {
      shards.step(gradientScale: scale)
    } else {
      // Muon multiplies matrices.
      withPrecision(folder?.options.precision ?? .current) { optimizer.step(gradientScale: scale) }
    }
    if (step + 1) % averageInterval == 0 { average?.update() }
    return norm
  }

  private func checkWeights(_ step: Int) throws {
    let tensors = shards == nil ? model.tensors : optimizer.groups.flatMap(\.parameters)
    if let flaw = flaw(of: tensors, "", { $0 }) { throw nonFinite(step, flaw) }
  }

  /// Where the first number is that is not finite, in the tensors or what belongs to them.
  private func flaw(
    of tensors: [(name: String, tensor: Tensor)], _ title: String, _ values: (Tensor) -> Tensor?
  ) -> String? {
    var flaw: String?
    for (name, tensor) in tensors where flaw == nil {
      guard let values = values(tensor), let place = values.firstNonFiniteIndex else { continue }
      let start = shards?.start(of: tensor) ?? 0
      flaw = "\(title)\(name) holds \(show(values.scalars[place])) at place \(start + place)"
    }
    // Each rank sees its own slices, and all stop together.
    return shards == nil ? flaw : firstOfAll(flaw)
  }

  private func nonFinite(_ step: Int, _ what: String) -> TrainingError {
    // All ranks have the same gradients and weights.
    TrainingRanks.allEnd = true
    return .nonFinite(step: step, what: what, state: folder?.state)
  }

  /// A number for a message; NaN without its sign, which has no meaning.
  private func show(_ x: Float) -> String { x.isNaN ? "nan" : "\(x)" }

  /// A run that is kept in a folder.
  private struct Record {
    let folder: TrainingFolder
    let log: MetricsLog
    private let state: TrainingState
    /// The bytes of the model's weights as F32.
    private let modelSize: Int
    private let say: (String) -> Void

    init(_ folder: TrainingFolder, of trainer: Trainer) throws {
      let folder = try folder.locked()
      guard let log = folder.log else { preconditionFailure("a locked folder has an open log") }
      self.folder = folder
      self.log = log
      var settings = folder.card.notes.merging(folder.options.values) { $1 }
      settings["seed"] = "\(trainer.seed)"
      settings["average"] =
        trainer.average.map { "\($0.decay) every \(trainer.averageInterval)" } ?? "none"
      state = TrainingState(
        folder.card, settings: settings, model: trainer.model, optimizer: trainer.optimizer,
        average: trainer.average, others: trainer.compressionState, remedy: folder.options.remedy)
      modelSize = 4 * trainer.model.parameterCount
      say = { trainer.terminal.write("\(trainer.title) \($0)\n") }
    }

    /// Restores the saved state, or saves the initial one, so that an unwritable folder is noticed
    /// before hours are spent. Returns the number of steps done, of `steps`.
    func begin<Carried: Codable>(_ carried: inout Carried, steps: Int) throws -> Int {
      var step = 0
      let hasBegun = TrainingFolder.hasBegun(folder.path)
      if hasBegun {
        step = try state.load(carrying: &carried, from: folder.state)
        say("continues after step \(step) from \(folder.state)")
      }
      // A new state is written beside the old one; a line of the log has up to 300 bytes.
      let states = (hasBegun ? 1 : 2) * state.byteCount
      if step < steps {
        try checkRoom(
          for: states + modelSize + 300 * (steps - step), in: folder.path,
          free: folder.freeSpace(folder.path))
      }
      if !hasBegun {
        if folder.resume { say("begins at step 0: there is no \(folder.state) yet") }
        try state.save(step: 0, carrying: carried, to: folder.state)
      }
      try log.cut(from: step)
      return step
    }

    func save(_ step: Int, _ carried: some Codable) throws {
      // The log first: it must reach at least as far as the state it belongs to.
      try log.synchronize()
      try state.save(step: step, carrying: carried, to: folder.state)
    }
  }
}
