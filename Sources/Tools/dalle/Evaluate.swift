import ArgumentParser
import Checkpoints
import ClassifierTraining
import DFGAN
import DiscreteVAE
import Evaluation
import Files
import Foundation
import Pretrained
import StickerJudge
import StickerWorld
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

      Example: dalle evaluate --captions 64 --json report.json
      """)

  @Option(parsing: .unconditional, help: "Captions of each split.")
  var captions = 512
  @Option(parsing: .unconditional, help: "Candidates for each caption.")
  var candidates = 32
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The splits: validation, unseenColours, unseenPairs, unseenAccessories, train.",
      valueName: "split"))
  var split: [StickerWorld.Split] = EvaluationSettings().splits
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
  @Option(help: ArgumentHelp("Also write the report here, as JSON.", valueName: "file.json"))
  var json: String?

  func validate() throws {
    try check("--captions", captions, in: 2...100_000)
    try check("--candidates", candidates, in: 1...10_000)
    guard Set(split).count == split.count, !split.isEmpty else {
      throw ValidationError("--split names a split twice, or none")
    }
  }

  func run() throws {
    if let json { try OutputCheck.file(json) }
    let (dalle, gan) = (try models.dalle(), try rival.judged())
    let settings = EvaluationSettings(
      splits: split, captionsPerSplit: captions, candidates: candidates, seed: seed)
    let evaluator = Evaluator(
      settings, judge: try JudgeNet(Pretrained.judge()), classifier: try Pretrained.classifier(),
      panel: try Panel(panel.map { try Checkpoint($0, kind: Panel.kind) } ?? Pretrained.panel()))
    let progress = ProgressBar("evaluate", total: captions * split.count, unit: "caption")
    let report = try evaluator.run(
      candidates: { try dalle.draw($0, count: $2, seed: $1, sampling.options).pictures },
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
