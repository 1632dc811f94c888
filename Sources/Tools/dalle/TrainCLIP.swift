import ArgumentParser
import CLIP
import CLIPTraining
import CaptionedImages
import Checkpoints
import EmojiWorld
import Foundation
import Optimization
import Pretrained
import Training

/// `dalle train clip`
struct TrainCLIP: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip",
    abstract: "Trains a CLIP, which tells how well a caption fits a picture.",
    discussion: """
      A run of 4,000 steps takes about half an hour on two cores. Ctrl-C stops it, --resume \
      continues. On stickers the image tower starts from chapter 1's encoder.

      Example, with as many steps again to learn which colour belongs to which thing:
        dalle train clip --data stickers --output clip
        dalle train clip --from clip/clip.safetensors --prefer-pairs --rate 6e-4 --output clip2
      """)

  @OptionGroup var source: DataOption
  @OptionGroup var options: TrainingOptions
  @Option(parsing: .unconditional, help: "Steps of the optimiser.")
  var steps = CLIPRecipe().steps
  @Option(parsing: .unconditional, help: "Pairs per step.")
  var batch = CLIPRecipe().batch
  @Option(parsing: .unconditional, help: "The highest learning rate.")
  var rate = CLIPRecipe().rate
  @Option(
    help: ArgumentHelp(
      "Start from this CLIP and its tokenizer instead of new weights.",
      valueName: "clip.safetensors"))
  var from: String?
  @Flag(help: "Choose each sticker scene from two, a pair if there is one.")
  var preferPairs = false
  @Flag(
    help:
      "Pass half of the pictures through a dVAE, for a CLIP that will rank drawings."
  )
  var redrawn = false
  @Option(
    help: ArgumentHelp("The dVAE of --redrawn, instead of the bundled one.", valueName: "file"))
  var dvae: String?
  @Option(
    parsing: .unconditional,
    help:
      "First draw this many pictures with the bundled transformer (about 20 a second) and use them as hard negatives, in half of the scenes. For stickers only."
  )
  var drawings: Int?

  func validate() throws {
    try check(steps: steps, batch: batch, atLeast: 2, rate: rate)
    try check("--drawings", drawings ?? 1, in: 1...10_000_000)
    if dvae != nil && !redrawn { throw ValidationError("--dvae goes with --redrawn") }
    if redrawn && dvae == nil && source.isDrawn && !source.isStickers {
      throw ValidationError(
        "--redrawn needs --dvae for \(source.choice.world): the bundled one knows stickers")
    }
    if !source.isStickers && (drawings != nil || preferPairs) {
      throw ValidationError(
        "--drawings and --prefer-pairs are for stickers: they go with no other pictures")
    }
  }

  func run() throws {
    let optimizer = options.optimizer ?? CLIPRecipe().optimizer
    try options.checkRanks([optimizer], batch)
    let path = "\(options.output)/clip.safetensors"
    try OutputCheck.run(
      [options.output], models: [(path, 0)], resume: options.resume)
    let recipe = CLIPRecipe(
      steps: steps, batch: batch, rate: rate, prefersPairs: preferPairs,
      optimizer: optimizer, seed: options.seed)
    let own = try source.pictures(for: options)
    let emoji = source.isDrawn && !source.isStickers ? try source.choice.emoji() : nil
    let pairs = own?.pairs(.transformer(size: 64))
    if let count = pairs?.count, count < batch {
      throw CommandError(
        count < 2
          ? "\(source.data ?? ""): CLIP compares pictures with one another, and there is only one"
          : "--batch \(batch): a batch needs different pictures, and there are \(count); name "
            + "--batch \(count) or less")
    }
    if let own, let pairs { try own.noteContrast(pairs) }
    let start = try from.map { try Checkpoint($0, kind: CaptionMatcher.kind) }
    let matcher = try start.map { try CaptionMatcher($0) } ?? untrained(recipe, pairs, emoji)
    try own?.noteCuts(
      by: "CLIP", matcher.tokenizer, length: matcher.clip.configuration.text.context)
    let notes = try notes(recipe, data: own?.content ?? emoji?.name ?? "stickers")
    let card = matcher.card(notes)
    let redrawing = try redrawn ? Redrawing(DVAEOptions.dVAE(at: dvae)) : nil
    // Drawings take long: no second run must begin meanwhile.
    let folder = try TrainingFolder(
      options.output, card, every: 250, resume: options.resume, options: chosen(notes, optimizer)
    ).locked()
    // Weights and two running averages, an old and a new state of them, and the model.
    let needed = 7 * 4 * matcher.parameterCount + (drawings ?? 0) * 2200
    if !TrainingFolder.hasBegun(options.output) {
      try checkRoom(for: needed, in: options.output, free: freeSpace(at: options.output))
    }
    if let pairs {
      try matcher.train(recipe, on: pairs, redrawing: redrawing, folder: folder)
    } else if let emoji {
      try matcher.train(
        recipe, contrasting: EmojiPairs(emoji, .train, size: 64, seed: options.seed),
        validation: EmojiPairs(emoji, .validation, size: 64, seed: 3), redrawing: redrawing,
        folder: folder)
    } else {
      try matcher.train(
        recipe, redrawing: redrawing, drawings: try drawings.map(drawn), folder: folder)
    }
    try Checkpoint.save(matcher, card, as: .f16, to: path)
    try own?.sayLeftOut()
    print("\(path): a CLIP of \(matcher.parameterCount) parameters after \(steps) steps")
  }

  /// A CLIP that has learnt nothing, for the reader's own pairs, for emoji, or for stickers.
  private func untrained(
    _ recipe: CLIPRecipe, _ pairs: PicturePairs?, _ emoji: EmojiWorld?
  ) throws -> CaptionMatcher {
    if let pairs { return CaptionMatcher(recipe, captions: pairs.captions) }
    if let emoji {
      return CaptionMatcher(recipe, captions: emoji.captions(seed: options.seed, count: 4000))
    }
    return CaptionMatcher(recipe, encoder: try Pretrained.classifier().encoder)
  }

  /// What the model's file says of its training.
  private func notes(_ recipe: CLIPRecipe, data: String) throws -> [String: String] {
    var notes = recipe.notes.merging(["data": data, "redrawn": "\(redrawn)"]) { $1 }
    if let from { notes["from"] = try SHA256.hex(ofFile: from) }
    if let dvae { notes["redrawn_by"] = try SHA256.hex(ofFile: dvae) }
    if let drawings {
      notes["drawings"] = "\(drawings)"
      notes["drawn_by"] = try SHA256.hex(ofFile: Pretrained.path("transformer"))
    }
    return notes
  }

  /// What a resumed run must have in common with this one.
  private func chosen(_ notes: [String: String], _ optimizer: OptimizerChoice) -> RunOptions {
    var values = source.option
    values["--steps"] = "\(steps)"
    values["--batch"] = "\(batch)"
    values["--rate"] = "\(rate)"
    values["--seed"] = "\(options.seed)"
    values["--drawings"] = notes["drawings"]
    values["--dvae"] = notes["redrawn_by"].map { "a file of SHA-256 \($0.prefix(12))…" }
    values["--from"] = notes["from"].map { "a file of SHA-256 \($0.prefix(12))…" }
    return RunOptions(
      values, flags: ["--prefer-pairs": preferPairs, "--redrawn": redrawn],
      remedy: RunOptions.startingFrom(options.output), optimizer, options)
  }

  /// That many drawings: those in the run's folder when it is resumed, else new ones.
  private func drawn(_ count: Int) throws -> Drawings {
    let path = "\(options.output)/drawings.safetensors"
    let dvae = try Pretrained.dVAE()
    if TrainingFolder.hasBegun(options.output) {
      let kept = try Drawings(path, dvae)
      guard kept.count == count, kept.source == Drawings.source(seed: options.seed) else {
        throw CommandError(
          "\(path): holds \(kept.count) pictures, \(kept.source); continue with the same --drawings "
            + "and --seed, or train in another folder")
      }
      return kept
    }
    let transformer = try Pretrained.transformer()
    try Drawings.make(
      count, transformer, dvae, seed: options.seed, to: path, showingProgressOn: .standardError)
    return try Drawings(path, dvae)
  }
}
