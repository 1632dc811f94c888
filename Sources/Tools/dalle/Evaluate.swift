import ArgumentParser
import Checkpoints
import ClassifierTraining
import DFGAN
import DiscreteVAE
import EmojiJudge
import EmojiWorld
import Evaluation
import Files
import Foundation
import Pretrained
import StickerJudge
import StickerWorld
import Text
import TextToImage
import Training

/// Measures how well pictures fit their captions: `dalle evaluate`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures how well drawn pictures fit captions, seen and unseen.",
    discussion: """
      Draws and reranks candidates for captions of each split; the judge, which knows sticker \
      world exactly, finds what is right in them. A rival, DF-GAN, draws one picture for each \
      caption, and five referees vote between it and the best candidate. 512 captions of each of \
      four splits with 32 candidates take an hour or more on two cores.

      With --world emoji the models that draw emoji are judged. The judge compares with the drawings \
      of the font; without the font, or with --judge, it is a network.

      Examples:
        dalle evaluate --captions 64 --json report.json
        dalle evaluate --world emoji --captions 64 --candidates 8
        dalle evaluate --world emoji --things 50 --models mine --captions 64 --candidates 8
      """)

  @Option(parsing: .unconditional, help: "Captions of each split.")
  var captions = 512
  @Option(parsing: .unconditional, help: "Candidates for each caption.")
  var candidates = 32
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The splits: validation, unseenColours, unseenPairs, unseenAccessories, train; of emoji "
        + "validation, unseenPairs, unseenSizes, unseenPlaces, train. (default: all but train)",
      valueName: "split"))
  var split: [String] = []
  @OptionGroup var choice: WorldOption
  @Option(parsing: .unconditional, help: "Random seed of captions and pictures.")
  var seed: UInt64 = 1
  @OptionGroup var sampling: SamplingFlags
  @OptionGroup var models: ModelFlags
  @OptionGroup var rival: RivalFlags
  @Option(
    help: ArgumentHelp(
      "Let these referees vote, whom dalle train panel has trained, instead of the bundled ones.",
      valueName: "panel.safetensors"))
  var panel: String?
  @Option(
    help: ArgumentHelp(
      "Let this network judge emoji, which dalle train judge has trained, instead of the drawings of the font.",
      valueName: "judge.safetensors"))
  var judge: String?
  @Option(help: ArgumentHelp("Also write the report here, as JSON.", valueName: "file.json"))
  var json: String?

  func validate() throws {
    try check("--captions", captions, in: 2...100_000)
    try check("--candidates", candidates, in: 1...10_000)
    guard Set(split).count == split.count else {
      throw ValidationError("--split names a split twice")
    }
    let known = world == .emoji ? EmojiSplit.allCases.map(\.rawValue) : stickerSplits
    for name in split where !known.contains(name) {
      throw ValidationError(
        "--split \(name) is none of --world \(world), which are \(known.joined(separator: ", "))")
    }
    if world == .emoji {
      guard models.models != nil || choice.things ?? 2 <= Pretrained.emojiThings else {
        throw ValidationError(
          "--things \(choice.things ?? 2): the bundled models know \(Pretrained.emojiThings) emoji; "
            + "name others with --models")
      }
      guard rival.rival == nil && panel == nil else {
        throw ValidationError("--rival and --panel are for stickers")
      }
    } else if judge != nil {
      throw ValidationError("--judge is for --world emoji")
    }
  }

  private var world: WorldName { choice.world }
  private var stickerSplits: [String] { StickerWorld.Split.allCases.map(\.name) }

  func run() throws {
    if let json { try OutputCheck.file(json) }
    if world == .emoji { return try judgeEmoji() }
    let (dalle, gan) = (try models.dalle(), try rival.judged())
    let splits =
      split.isEmpty
      ? EvaluationSettings().splits : split.compactMap { StickerWorld.Split(rawValue: $0) }
    let settings = EvaluationSettings(
      splits: splits, captionsPerSplit: captions, candidates: candidates, seed: seed)
    let evaluator = Evaluator(
      settings, judge: try JudgeNet(Pretrained.judge()), classifier: try Pretrained.classifier(),
      panel: try Panel(panel.map { try Checkpoint($0, kind: Panel.kind) } ?? Pretrained.panel()))
    let options = sampling.options(for: dalle)
    let progress = ProgressBar("evaluate", total: captions * splits.count, unit: "caption")
    let report = try evaluator.run(
      candidates: { try dalle.draw($0, count: $2, seed: $1, options).pictures },
      scores: { try dalle.scores($0, $1) },
      reconstruct: { dalle.dvae.decode(dalle.dvae.encode($0)) },
      rival: { try gan.draw($0, count: 1, seed: $1) },
      progress: { progress.update($0.done, note($0)) })
    progress.end()
    print(report)
    if let json { try AtomicFile.write(Array(report.json()), to: json) }
  }

  private func note(_ progress: Evaluator.Progress) -> String {
    "\(progress.split.name), right so far \(String(format: "%.0f %%", progress.captionMatch.value * 100))"
  }
}
