import ArgumentParser
import Checkpoints
import DFGAN
import Foundation
import Pretrained
import StickerJudge
import StickerWorld
import TensorCore
import TextToImage
import Training

/// `dalle train panel`
struct TrainPanel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panel",
    abstract: "Trains the five referees that vote between DALL·E and its rival.",
    discussion: """
      Draws pictures by both models for captions of the train split; each referee learns to read \
      stickers, and to tell these pictures from real ones. It cannot be resumed.

      Example: dalle train panel --output panel
      """)

  @Option(help: ArgumentHelp("Folder of the panel.", valueName: "folder"))
  var output: String
  @Option(parsing: .unconditional, help: "Pictures by each of the two models.")
  var pictures = 2000
  @Option(parsing: .unconditional, help: "Steps of each referee's judge.")
  var judgeSteps = Panel.Recipe().judgeSteps
  @Option(parsing: .unconditional, help: "Steps of each referee's realism network.")
  var realismSteps = Panel.Recipe().realismSteps
  @Option(parsing: .unconditional, help: "Random seed of weights and pictures.")
  var seed: UInt64 = 1
  @OptionGroup var models: ModelFlags
  @OptionGroup var rival: RivalFlags

  func validate() throws {
    try check("--pictures", pictures, in: 10...20_000)
    try check("--judge-steps", judgeSteps, in: possibleSteps)
    try check("--realism-steps", realismSteps, in: possibleSteps)
  }

  func run() throws {
    let path = "\(output)/panel.safetensors"
    try OutputCheck.folder(output)
    guard !FileManager.default.fileExists(atPath: path) else {
      throw CommandError("\(path): is there already; move it away, or name another --output")
    }
    let (dalle, gan) = (try models.dalle(), try rival.judged())
    // Other pairs than those from which models learn, whose seeds are small.
    let samples = (0..<pictures).map {
      StickerWorld.sample(.train, seed: seed &+ 1_000_000_007, index: $0)
    }
    let captions = samples.map(\.caption)
    let progress = ProgressBar("drawings", total: pictures, unit: "picture")
    let ours = try dalle.draw(oneForEach: captions, seed: seed, .usual) { progress.update($0, "") }
    progress.end()
    let theirs = try gan.draw(oneForEach: captions, seed: seed)
    var recipe = Panel.Recipe()
    (recipe.judgeSteps, recipe.realismSteps, recipe.seed) = (judgeSteps, realismSteps, seed)
    let panel = Panel(seed: seed)
    try panel.train(recipe, drawn: [ours, theirs])
    let notes = [
      "recipe": ModelCard(kind: "", config: recipe).config, "pictures": "\(pictures)",
      "dvae": dalle.dvae.encoderHash, "rival": try rival.hash(),
    ]
    try Checkpoint.save(panel, panel.card(notes), as: .f16, to: path)
    print("\(path): \(panel.referees.count) referees, \(panel.parameterCount) parameters")
  }
}

/// Which rival is used.
struct RivalFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A rival that dalle train gan has made, instead of the bundled one.",
      valueName: "rival.safetensors"))
  var rival: String?

  /// The rival.
  func gan() throws -> CaptionedGAN {
    guard let rival else { return try Pretrained.rival() }
    return try CaptionedGAN(Checkpoint(rival, kind: CaptionedGAN.kind))
  }

  /// The rival, if its pictures have the size that judges read.
  func judged() throws -> CaptionedGAN {
    let gan = try gan()
    let size = gan.generator.configuration.size
    guard size == JudgeNet.size else {
      throw CommandError(
        "\(rival ?? "the bundled rival"): draws pictures of \(size)×\(size) pixels, and judges read "
          + "\(JudgeNet.size)×\(JudgeNet.size)")
    }
    return gan
  }

  /// The SHA-256 of the rival's file.
  func hash() throws -> String { try SHA256.hex(ofFile: rival ?? Pretrained.path("rival")) }
}
