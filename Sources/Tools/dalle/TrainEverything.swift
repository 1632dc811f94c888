import ArgumentParser
import BookModels
import Commands
import Files
import Foundation
import Training

/// `dalle train everything`: the bundled models, again from nothing.
struct TrainEverything: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "everything",
    abstract: "Trains all bundled models from nothing, as they were trained.",
    discussion: """
      Trains the vision transformer, CLIP, the discrete VAE, the transformer, the reranker and the \
      judge, each from those before it, on stickers that are drawn on demand. Prints a plan with times \
      first; --plan stops there. Ctrl-C stops at any point, --resume continues. Ends with a report of \
      times, losses and SHA-256.

      Examples:
        dalle train everything --output models
        dalle train everything --scale 0.05 --output rehearsal
        dalle "a red star at night" --models models
      """)

  @OptionGroup var options: TrainingOptions
  @Option(
    parsing: .unconditional,
    help: "Times the steps and pictures of the recipes; less than 1 is a rehearsal.")
  var scale = 1.0
  @Option(
    help: ArgumentHelp("The commit of the sources, to be noted in the files.", valueName: "hash"))
  var commit: String?
  @Flag(help: "Print the plan and stop.")
  var plan = false

  func validate() throws {
    guard scale > 0, scale <= 100 else {
      throw ValidationError("--scale must be above 0 and up to 100, got \(scale)")
    }
  }

  func run() throws {
    guard TrainingRanks.current.count == 1 else {
      throw CommandError(
        "train everything runs on one process, got \(TrainingRanks.current.count); train clip, dvae and "
          + "transformer can share their batches with mpirun")
    }
    var recipes = BookRecipes(scale: scale, seed: options.seed)
    if let optimizer = options.optimizer { recipes.use(optimizer) }
    try options.checkRanks(recipes.optimizers)
    var training = BookTraining(recipes, folder: options.output)
    training.resume = options.resume
    training.options = RunOptions(
      ["--scale": "\(scale)", "--seed": "\(options.seed)"], options.optimizer, options)
    training.commit = commit
    if !plan { try check(training) }
    complain("trying a few steps of each model, for the plan …\n")
    let plan = try BookPlan(recipes, options: training.options)
    try show(plan, training)
    if self.plan { return }
    try run(training, plan)
  }

  /// Throws, before anything is trained, unless the run can begin or go on in its folder.
  private func check(_ training: BookTraining) throws {
    try OutputCheck.folder(options.output)
    var folders: [String] = []
    var models: [(path: String, stage: Int)] = []
    for stage in BookStage.allCases {
      folders += stage.folders.map { "\(options.output)/\($0)" }
      models.append((training.path(stage), folders.count - 1))
    }
    try OutputCheck.run(folders, models: models, resume: options.resume)
    for folder in folders where TrainingFolder.hasBegun(folder) {
      try TrainingFolder.check(training.options, of: folder)
    }
  }

  private func show(_ plan: BookPlan, _ training: BookTraining) throws {
    try announce("plan".left(26) + "count".right(9) + "time".right(20))
    for part in plan.parts {
      try announce(
        part.title.left(26) + "\(part.count)".right(9) + " " + part.unit.left(10)
          + clock(part.seconds).right(9))
    }
    let left = BookStage.allCases.filter { !training.isDone($0) }
    let done = BookStage.allCases.count - left.count
    let seconds = left.reduce(0) { $0 + plan.seconds($1) }
    try announce(
      "about \(clock(seconds)) on this machine"
        + (done > 0 ? " for what is left: \(done) models are there" : ""))
  }

  private func run(_ training: BookTraining, _ plan: BookPlan) throws {
    var times = StageTimes(options.output)
    let stages = BookStage.allCases
    let start = ContinuousClock.now
    var first = true
    for (i, stage) in stages.enumerated() where !training.isDone(stage) {
      let left = stages[i...].reduce(0) { $0 + plan.seconds($1) }
      let spent = (ContinuousClock.now - start) / .seconds(1)
      complain(
        "\(i + 1) of \(stages.count): \(stage.title), about \(clock(plan.seconds(stage)))"
          + (first ? "" : "; \(clock(spent)) done")
          + ", \(clock(left)) left with all after it\n")
      first = false
      try times.measure(stage) { try training.run(stage) }
    }
    let report = try BookReport(training, times: times.seconds(of: training))
    let path = "\(options.output)/report.json"
    try AtomicFile.write(Array(prettyJSON(report)), to: path)
    print(report)
    print("\(path)\ntry: dalle \"…\" --models \(options.output)")
  }
}

/// How long stages have taken, in a file beside the models, over all the times that the run was stopped.
private struct StageTimes {
  private let path: String
  private var times: [String: Double]

  init(_ folder: String) {
    path = "\(folder)/times.json"
    let data = try? Data(contentsOf: URL(fileURLWithPath: path))
    times = data.flatMap { try? JSONDecoder().decode([String: Double].self, from: $0) } ?? [:]
  }

  /// Runs a stage and adds its time, also if it throws.
  mutating func measure(_ stage: BookStage, _ body: () throws -> Void) throws {
    let start = ContinuousClock.now
    let result = Result { try body() }
    times[stage.rawValue, default: 0] += (ContinuousClock.now - start) / .seconds(1)
    try AtomicFile.write(Array(prettyJSON(times)), to: path)
    try result.get()
  }

  /// The seconds of each stage. A run that was killed could not add its own: those of its steps are in
  /// the log.
  func seconds(of training: BookTraining) -> [BookStage: Double] {
    Dictionary(
      uniqueKeysWithValues: BookStage.allCases.map { stage in
        (stage, max(times[stage.rawValue] ?? 0, training.secondsLogged(stage)))
      })
  }
}
