// A whole run in a folder: tokens first, then the transformer.

import CaptionedImages
import Checkpoints
import DALLE
import DiscreteVAE
import Foundation
import Text
import Training

/// A run of the transformer from pictures to checkpoint, which goes on where it was stopped.
///
/// Its folder holds `tokens.safetensors`, the training set as tokens; the training's state and
/// log; and at last `transformer.safetensors`.
public struct DALLERun {
  /// The settings.
  public let recipe: DALLERecipe
  /// Where everything is kept.
  public let folder: String
  /// Go on from the state in the folder, if there is one.
  public var resume = false
  /// Where progress is shown.
  public var terminal = Terminal.standardError
  /// Who looks at the model meanwhile.
  public var watch: DALLEWatch?
  /// The network's sizes; nil for the one of stickers.
  public var configuration: DALLEConfiguration?
  /// A transformer of the same dVAE that goes on learning, instead of a new one of those sizes.
  public var start: Checkpoint?

  private let dvae: DiscreteVAE

  /// A run with the codes of a dVAE.
  public init(_ recipe: DALLERecipe, _ dvae: DiscreteVAE, folder: String) {
    self.recipe = recipe
    self.dvae = dvae
    self.folder = folder
  }

  /// Where the trained model is.
  public var checkpoint: String { "\(folder)/transformer.safetensors" }

  /// Trains on any source, with its own tokenizer.
  public func run(
    on source: some PairSource, called name: String, _ tokenizer: Tokenizer,
    validation: (some PairSource)? = PicturePairs?.none
  ) throws -> CaptionedDALLE {
    // Nobody should wait for the tokens only to be refused.
    try TrainingFolder.checkFree(folder, resume: resume)
    let side = source.size / dvae.configuration.factor
    let transformer =
      if let start { try begin(with: start, side: side) } else {
        CaptionedDALLE(recipe, try sizes(tokenizer, side: side), tokenizer)
      }
    let tokens = try tokens(source, name, recipe.pictures, "tokens")
    var notes = ["recipe": ModelCard(kind: "", config: recipe).config, "data": name]
    if let start { notes["from"] = try SHA256.hex(ofFile: start.file.path) }
    let card = transformer.card(forCodesOf: dvae.encoderHash, notes)
    var evaluation: DALLEEvaluation?
    if let validation, let count = validation.count {
      let set = try self.tokens(validation, "\(name), validation", count, "validation")
      evaluation = try DALLEEvaluation(set, transformer, count: count, every: 250)
    }
    try transformer.train(
      recipe, on: tokens, evaluation: evaluation, watch: watch,
      folder: TrainingFolder(folder, card, every: 250, resume: resume), terminal: terminal)
    try Checkpoint.save(transformer, card, as: .f16, to: checkpoint)
    return transformer
  }

  /// The tokens of a source: those in the folder if they are the same, else new ones. Those of a
  /// run that has begun are never replaced by others.
  private func tokens(
    _ source: some PairSource, _ name: String, _ count: Int, _ file: String
  ) throws -> TokenSet {
    let path = "\(folder)/\(file).safetensors"
    let about = "\(name), seed \(recipe.seed)\(recipe.isSampled ? ", sampled" : "")"
    if let set = try? TokenSet(path), set.count == count, set.encoderHash == dvae.encoderHash,
      set.source == about
    {
      return set
    }
    if TrainingFolder.hasBegun(folder), FileManager.default.fileExists(atPath: path) {
      throw CheckpointError.mismatch(
        file: path,
        reason: "these are not the tokens of \(count) pictures (\(about)) by this dVAE; go on with "
          + "the settings that the run began with, or train in another folder")
    }
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CheckpointError.unwritable(file: folder, reason: "the folder cannot be made")
    }
    let progress = ProgressBar(file, total: count, unit: "picture", to: terminal)
    defer { progress.end() }
    try TokenSet.make(
      source, called: about, count: count, dvae, isSampled: recipe.isSampled,
      seed: recipe.seed, to: path
    ) { progress.update($0, "") }
    return try TokenSet(path)
  }

  /// The transformer of a checkpoint, which must draw a grid of this side.
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

  /// The network's sizes for a tokenizer and a grid of some side.
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
