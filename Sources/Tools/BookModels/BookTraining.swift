// All bundled models, one after the other, from nothing.

import CLIP
import CLIPTraining
import Checkpoints
import ClassifierTraining
import DALLE
import DALLETraining
import DVAETraining
import DiscreteVAE
import Files
import Foundation
import NeuralNetwork
import StickerJudge
import StickerTraining
import TensorCore
import Training
import VisionTransformer

/// A training of everything, in a folder: a model's file appears there when it is trained, its state and
/// log in a folder beside it. A run that was stopped, in whatever way, goes on where it was, and ends with
/// the same files.
public struct BookTraining {
  /// The settings of all models.
  public let recipes: BookRecipes
  /// The folder of the run.
  public let folder: String
  /// Whether to continue from the states in the folder.
  public var resume = false
  /// What the user chose, for a resumed run to compare.
  public var options = RunOptions([:])
  /// Where progress is shown.
  public var terminal = Terminal.standardError
  /// The commit of the sources, for the notes of the files; they name the processor, too.
  public var commit: String?

  /// A training with these settings.
  public init(_ recipes: BookRecipes, folder: String) {
    self.recipes = recipes
    self.folder = folder
  }

  /// The path of a model.
  public func path(_ stage: BookStage) -> String { "\(folder)/\(stage.file).safetensors" }

  /// Whether a stage has ended, and its model is there.
  public func isDone(_ stage: BookStage) -> Bool {
    FileManager.default.fileExists(atPath: path(stage))
  }

  /// Trains the model of a stage, unless it is there. Those of the stages before must be there.
  ///
  /// Throws a `TrainingError`, or a `CheckpointError` if the folder cannot be used or if the run in it
  /// began with other options.
  public func run(_ stage: BookStage) throws {
    if isDone(stage) { return }
    switch stage {
    case .classifier: try trainClassifier()
    case .clip: try trainCLIP()
    case .dvae: try trainDVAE()
    case .transformer: try trainTransformer()
    case .reranker: try trainReranker()
    case .judge: try trainJudge()
    }
  }

  private func trainClassifier() throws {
    let model = AttributeClassifier(recipes.classifier)
    let card = model.card(recipes.classifier)
    try model.train(recipes.classifier, folder: state(.classifier, card), terminal: terminal)
    try save(model, card, .classifier)
  }

  private func trainCLIP() throws {
    let encoder = try AttributeClassifier(open(.classifier, AttributeClassifier.kind)).encoder
    let matcher = CaptionMatcher(recipes.clip, encoder: encoder)
    let card = matcher.card(recipes.clip.notes.merging(["data": "stickers"]) { $1 })
    try matcher.train(recipes.clip, folder: state(.clip, card), terminal: terminal)
    try save(matcher, card, .clip)
  }

  private func trainDVAE() throws {
    var training = DVAETraining(.stickers, recipes.dvae)
    (training.folder, training.resume) = ("\(folder)/dvae", resume)
    (training.options, training.terminal) = (options, terminal)
    training.evaluation = (DVAETraining.stickers(.validation, count: 128), 500)
    let dvae = try training.run(on: StickerPairs(.train, size: 64, seed: recipes.dvae.seed))
    try save(dvae, training.card, .dvae)
  }

  private func trainTransformer() throws {
    let dvae = try dvae
    var run = DALLERun(recipes.transformer, dvae, folder: "\(folder)/transformer")
    (run.resume, run.options, run.terminal) = (resume, options, terminal)
    let model = try run.run(in: Stickers())
    let recipe = ModelCard(kind: "", config: recipes.transformer).config
    try save(
      model, model.card(forCodesOf: dvae.encoderHash, ["recipe": recipe, "data": "stickers"]),
      .transformer)
  }

  private func trainReranker() throws {
    let matcher = try CaptionMatcher(open(.clip, CaptionMatcher.kind))
    let dvae = try dvae
    var notes = recipes.reranker.notes
    notes["drawings"] = "\(recipes.drawings)"
    let card = matcher.card(notes.merging(["data": "stickers", "redrawn": "true"]) { $1 })
    // Drawings take long: no second run must begin meanwhile.
    let state = try state(.reranker, card).locked()
    try matcher.train(
      recipes.reranker, redrawing: Redrawing(dvae), drawings: try drawings(dvae), folder: state,
      terminal: terminal)
    try save(matcher, card, .reranker)
  }

  /// What the transformer draws, made now or before the run was stopped.
  private func drawings(_ dvae: DiscreteVAE) throws -> Drawings {
    let (path, count) = ("\(folder)/reranker/drawings.safetensors", recipes.drawings)
    if FileManager.default.fileExists(atPath: path) { return try Drawings(path, dvae) }
    let transformer = try CaptionedDALLE(
      open(.transformer, DALLE.kind), forCodesOf: dvae.encoderHash)
    try Drawings.make(
      count, transformer, dvae, seed: recipes.reranker.seed, to: path, showingProgressOn: terminal)
    return try Drawings(path, dvae)
  }

  private func trainJudge() throws {
    let recipe = recipes.judge
    var random = Random(seed: recipe.seed).split("judge")
    let judge = JudgeNet(&random)
    let card = judge.card(steps: recipe.steps, batch: recipe.batch, seed: recipe.seed)
    try judge.train(
      steps: recipe.steps, batch: recipe.batch, seed: recipe.seed, folder: state(.judge, card),
      terminal: terminal)
    try save(judge, card, .judge)
  }

  /// The numbers that are in the dVAE's file, which have sixteen bits.
  private var dvae: DiscreteVAE {
    get throws { try DiscreteVAE(open(.dvae, DiscreteVAE.kind)) }
  }

  private func open(_ stage: BookStage, _ kind: String) throws -> Checkpoint {
    try Checkpoint(path(stage), kind: kind)
  }

  private func state(_ stage: BookStage, _ card: ModelCard) -> TrainingFolder {
    TrainingFolder(
      "\(folder)/\(stage.rawValue)", card, every: 250, resume: resume, options: options)
  }

  private func save(_ model: some Module, _ card: ModelCard, _ stage: BookStage) throws {
    var card = card
    card.notes["commit"] = commit
    // Other kinds round otherwise.
    card.notes["processor"] = processorName()
    card.notes["precision"] = options.precision == .bf16 ? "bf16" : "f32"
    try Checkpoint.save(model, card, as: .f16, to: path(stage))
  }
}
