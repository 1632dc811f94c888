import ArgumentParser
import CLIP
import CLIPTraining
import Checkpoints
import DALLE
import DALLETraining
import DVAETraining
import DiscreteVAE
import EmojiWorld
import Training

/// What learns to choose among candidates, and how long.
struct RerankerOptions: ParsableArguments {
  /// A kind of reranker.
  enum Kind: String, CaseIterable, ExpressibleByArgument { case clip, captioner }

  @Option(
    help:
      "What learns to choose among drawings: clip, or a captioner, which says how probable a caption is for a picture. (default: clip; for emoji captioner)"
  )
  var reranker: Kind?
  @Option(
    parsing: .unconditional,
    help: "Steps of CLIP. (default: 3000, fewer for fewer than 9600 pictures)")
  var clipSteps: Int?
  @Option(
    parsing: .unconditional, help: "Steps of the captioner. (default: \(CaptionerRecipe().steps))")
  var captionerSteps: Int?

  /// The kind for a world, or for the reader's own pictures in place of stickers.
  func kind(for world: WorldName) -> Kind { reranker ?? (world == .emoji ? .captioner : .clip) }

  /// The steps that were given for a kind.
  func steps(of kind: Kind) -> Int? { kind == .clip ? clipSteps : captionerSteps }

  func validate(for world: WorldName) throws {
    try check("--clip-steps", clipSteps ?? 1, in: possibleSteps)
    try check("--captioner-steps", captionerSteps ?? 1, in: possibleSteps)
    let kind = kind(for: world)
    let (other, steps) =
      kind == .clip ? (Kind.captioner, captionerSteps) : (Kind.clip, clipSteps)
    if steps != nil {
      throw ValidationError(
        "--\(other)-steps goes with --reranker \(other), and the reranker is \(kind) here")
    }
  }
}

extension TrainAll {
  /// The last stage: what chooses among the transformer's drawings learns to.
  func trainReranker(
    _ recipes: Recipes, _ dvae: DiscreteVAE, _ transformer: CaptionedDALLE,
    _ matcher: CaptionMatcher, _ source: TrainingSource
  ) throws {
    switch recipes.reranker {
    case .clip: try train(matcher, recipes, dvae, source)
    case .captioner: try trainCaptioner(recipes, transformer, source)
    }
  }

  private func trainCaptioner(
    _ recipes: Recipes, _ transformer: CaptionedDALLE, _ source: TrainingSource
  ) throws {
    // The pictures that the transformer learnt from are tokens already.
    let set = try TokenSet("\(stages[3])/tokens.safetensors")
    let captioner = CaptionScorer(recipes.captioner, set, wordsOf: transformer)
    try captioner.train(
      recipes.captioner, on: set, data: source.content, in: stages[4], resume: options.resume,
      options: stageOptions[4], to: path(recipes.reranker.file))
  }

  private func train(
    _ matcher: CaptionMatcher, _ recipes: Recipes, _ dvae: DiscreteVAE, _ source: TrainingSource
  ) throws {
    let card = matcher.card(recipes.clip.notes.merging(["data": source.content]) { $1 })
    let folder = TrainingFolder(
      stages[4], card, every: 250, resume: options.resume, options: stageOptions[4])
    if let emoji = source.emoji {
      try matcher.train(
        recipes.clip, contrasting: EmojiPairs(emoji, .train, size: 64, seed: options.seed),
        validation: EmojiPairs(emoji, .validation, size: 64, seed: 3), redrawing: Redrawing(dvae),
        folder: folder)
    } else {
      try matcher.train(
        recipes.clip, on: source.pairs, redrawing: Redrawing(dvae), folder: folder)
    }
    try Checkpoint.save(matcher, card, as: .f16, to: path(recipes.reranker.file))
  }
}

extension RerankerOptions.Kind {
  /// The name of its file beside the other models, without extension.
  var file: String {
    switch self {
    case .clip: "clip"
    case .captioner: "reranker"
    }
  }
}
