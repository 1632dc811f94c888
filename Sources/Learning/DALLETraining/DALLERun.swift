// A whole run in a folder: tokens first, then the transformer.

import CaptionedImages
import Checkpoints
import Collectives
import DALLE
import DiscreteVAE
import Files
import Foundation
import Text
import Training

/// A resumable run from pictures to a checkpoint of the transformer.
///
/// Its folder holds `tokens.safetensors`, the training set as tokens; the state and the log of the
/// training; and in the end `transformer.safetensors`.
public struct DALLERun {
  /// The settings of the run, which are noted in the checkpoint.
  public let recipe: DALLERecipe
  /// The folder of tokens, state, log and checkpoint.
  public let folder: String
  /// Whether to continue from the state in the folder, if there is one.
  public var resume = false
  /// Where progress is shown.
  public var terminal = Terminal.standardError
  /// Called during training.
  public var hook: DALLETrainingHook?
  /// The network's sizes; nil for those of chapter 4. Vocabularies and grid are set by `run`.
  public var configuration: DALLEConfiguration?
  /// What the user chose, for a resumed run to compare.
  public var options = RunOptions([:])
  /// A transformer for the same dVAE from which training starts; nil for an untrained one.
  public var start: Checkpoint?
  /// How codes of the trained model are best drawn, for its checkpoint; nil to leave that open. A resumed run
  /// may have another.
  public var sampling: SamplingOptions?

  private let dvae: DiscreteVAE
  /// The free space on the disk of a folder, in bytes, as the system gives it.
  var freeSpace: (String) -> Int? = Training.freeSpace

  /// A run on the codes of a dVAE.
  public init(_ recipe: DALLERecipe, _ dvae: DiscreteVAE, folder: String) {
    self.recipe = recipe
    self.dvae = dvae
    self.folder = folder
  }

  /// The path of the trained model.
  public var checkpoint: String { "\(folder)/transformer.safetensors" }

  /// Trains on any source of pairs with `tokenizer`, or with that of `start`. The losses on
  /// `validation` are logged every 250 steps, in a short run about eight times.
  ///
  /// Ctrl-C stops it while tokens are made, too; with `resume` it continues there.
  ///
  /// Throws a `TrainingError`; a `CheckpointError` if folder or `start` cannot be used; a
  /// `TextError` if a caption cannot be encoded; or what the source or the hook throws.
  public func run(
    on source: some PairSource, called name: String, _ tokenizer: Tokenizer,
    validation: (some PairSource)? = PicturePairs?.none
  ) throws -> CaptionedDALLE {
    // A refusal should come first: tokens take long.
    try TrainingFolder.checkFree(folder, resume: resume)
    let factor = dvae.configuration.factor
    guard source.size % factor == 0 else {
      throw CheckpointError.mismatch(
        file: folder,
        reason: "pictures of \(source.size)×\(source.size) pixels do not become whole squares of "
          + "\(factor)×\(factor), which the dVAE encodes")
    }
    let side = source.size / factor
    var transformer =
      if let start { try begin(with: start, side: side) } else {
        CaptionedDALLE(recipe, try sizes(tokenizer, side: side), tokenizer)
      }
    var notes = ["recipe": ModelCard(kind: "", config: recipe).config, "data": name]
    if let start { notes["from"] = try SHA256.hex(ofFile: start.file.path) }
    let card = transformer.card(forCodesOf: dvae.encoderHash, notes)
    try checkRoom(for: transformer)
    // A second run must not begin while this one makes tokens.
    let place = try TrainingFolder(
      folder, card, every: 250, resume: resume, options: options
    ).locked()
    let tokens = try sharedTokens(source, name, recipe.pictures, "tokens")
    var evaluation: DALLEEvaluation?
    if let validation, let count = validation.count {
      let set = try sharedTokens(validation, "\(name), validation", count, "validation")
      evaluation = try DALLEEvaluation(
        set, transformer, count: count, every: min(250, max(1, recipe.steps / 8)))
    }
    try transformer.train(
      recipe, on: tokens, evaluation: evaluation, hook: hook, folder: place, terminal: terminal)
    transformer.sampling = sampling ?? transformer.sampling
    try Checkpoint.save(
      transformer, transformer.card(forCodesOf: dvae.encoderHash, notes), as: .f16, to: checkpoint)
    return transformer
  }

  /// The tokens of a source; of several ranks the first makes them for all.
  private func sharedTokens(
    _ source: some PairSource, _ name: String, _ count: Int, _ file: String
  ) throws -> TokenSet {
    let ranks = TrainingRanks.current
    let path = "\(folder)/\(file).safetensors"
    if ranks.rank == 0 {
      let tokens = try tokens(source, name, count, file)
      if ranks.count > 1 { _ = ranks.broadcast(try readFile(path, limit: .max)) }
      return tokens
    }
    try AtomicFile.write(ranks.broadcast([]), to: path)
    return try TokenSet(path)
  }

  /// Checks before tokens are made that the disk has room for them and for the training after it.
  private func checkRoom(for transformer: CaptionedDALLE) throws(TrainingError) {
    let paths = ["training", "tokens", "tokens-part"].map { "\(folder)/\($0).safetensors" }
    // What has begun has written a part already.
    if paths.contains(where: FileManager.default.fileExists) { return }
    let c = transformer.model.configuration
    // Weights and two running averages, in an old and a new state; the model; a part of the tokens
    // beside the whole; the log.
    let needed =
      7 * 4 * transformer.parameterCount + 2 * recipe.pictures * (4 * c.imageTokens + 64)
      + 300 * recipe.steps
    try Training.checkRoom(for: needed, in: folder, free: freeSpace(folder))
  }

  /// The tokens of a source: those in the folder if they match, else new ones. The tokens of a run
  /// that has begun are never replaced by others; damaged ones are made again, with the same bits.
  private func tokens(
    _ source: some PairSource, _ name: String, _ count: Int, _ file: String
  ) throws -> TokenSet {
    let path = "\(folder)/\(file).safetensors"
    let about = "\(name), seed \(recipe.seed)\(recipe.isSampled ? ", sampled" : "")"
    let present = try? TokenSet(path)
    if let present, present.count == count, present.encoderHash == dvae.encoderHash,
      present.source == about
    {
      return present
    }
    if TrainingFolder.hasBegun(folder), present != nil {
      throw CheckpointError.mismatch(
        file: path,
        reason: "these are not the tokens of \(count) pictures (\(about)) by this dVAE; continue "
          + "with the settings that the run began with, or train in another folder")
    }
    var progress: ProgressBar?
    defer { progress?.end() }
    try TokenSet.make(
      source, called: about, count: count, dvae, isSampled: recipe.isSampled,
      seed: recipe.seed, to: path
    ) { done in
      // What was made before the first call does not count for the speed.
      guard let bar = progress else {
        if done > 0 { terminal.write("\(file) continue after \(done) pictures\n") }
        progress = ProgressBar(file, total: count, unit: "picture", done: done, to: terminal)
        return
      }
      bar.update(done, "")
    }
    return try TokenSet(path)
  }

  /// The transformer in a checkpoint, which must draw grids of side × side codes.
  private func begin(with start: Checkpoint, side: Int) throws -> CaptionedDALLE {
    let transformer = try CaptionedDALLE(start, forCodesOf: dvae.encoderHash)
    let c = transformer.model.configuration
    if (c.rows, c.columns) != (side, side) {
      throw CheckpointError.mismatch(
        file: start.file.path,
        reason: "draws \(c.rows)×\(c.columns) tokens, the pictures have \(side)×\(side)")
    }
    return transformer
  }

  /// The network's sizes for a tokenizer and a grid of side × side codes.
  private func sizes(
    _ tokenizer: Tokenizer, side: Int
  ) throws(CheckpointError) -> DALLEConfiguration {
    var c = configuration ?? .stickers(vocabulary: tokenizer.vocabularySize)
    c.textVocabulary = tokenizer.vocabularySize
    c.imageVocabulary = dvae.configuration.vocabulary
    (c.rows, c.columns) = (side, side)
    if let flaw = c.flaw {
      throw .mismatch(file: folder, reason: "no transformer has these sizes: \(flaw)")
    }
    return c
  }
}
