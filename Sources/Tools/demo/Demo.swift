// demo: the smallest training run that is worth watching.
//
// A network of three layers memorises one picture: it predicts the colour at a place
// (x, y) and is corrected. What it remembers is drawn a few times during training.

import ArgumentParser
import Checkpoints
import Commands
import Foundation
import Images
import NeuralNetwork
import Optimization
import PictureFiles
import Sheets
import StickerWorld
import TensorCore
import Training

@main
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a small network to remember a picture, and draws what it remembers.",
    discussion: "Example: demo --caption \"a red star above a blue house at night\" --steps 600")

  static func main() {
    Foundation.exit(
      execute(
        Array(CommandLine.arguments.dropFirst()),
        explain: { ($0 as? TrainingError).map { Failure("\($0)", status: $0.exitStatus) } }))
  }

  @Option(help: "What the picture shows, in the words of the sticker world.")
  var caption = "a yellow star above a blue house at night"
  @Option(parsing: .unconditional, help: "How many steps to train.")
  var steps = 600
  @Option(parsing: .unconditional, help: "Random seed, 0 or more.")
  var seed: UInt64 = 1
  @Option(help: "Where to write the picture.")
  var output = "figures/demo.png"
  @Option(help: "Folder of the run, so that it can be stopped with Ctrl-C and resumed.")
  var folder: String?
  @Flag(help: "Continue the run in --folder.")
  var resume = false

  mutating func validate() throws {
    guard (1...1_000_000).contains(steps) else {
      throw ValidationError("--steps must be 1 to 1000000, got \(steps)")
    }
    guard !resume || folder != nil else { throw ValidationError("--resume needs --folder") }
  }

  func run() throws {
    let scene = try Scene(caption: caption)
    let target = scene.render(Layout(for: scene, seed: seed), size: 64)
    let (places, colours) = (PictureMemory.places(of: target), PictureMemory.colours(of: target))
    var random = Random(seed: seed).split("weights")
    let model = PictureMemory(&random)
    let trainer = Trainer(
      "demo", model, Adam(model, rate: 0), steps: steps, seed: seed,
      rate: .cosine(from: 5e-3, to: 1e-4, steps: steps))
    trainer.folder = folder.map {
      let settings = ["caption": caption, "seed": "\(seed)", "steps": "\(steps)"]
      let card = ModelCard(
        kind: "demo", config: ["features": PictureMemory.features], notes: settings)
      return TrainingFolder($0, card, every: 100, resume: resume)
    }
    var pictures: [Image] = []
    var labels: [String] = []
    try trainer.run { step, _ in
      // Pictures at the start, and after a 32nd, an eighth and half of the way.
      if [0, steps / 32, steps / 8, steps / 2].contains(step), labels.last != "step \(step)" {
        pictures.append(withoutGradient { model.picture(places, like: target) })
        labels.append("step \(step)")
      }
      let loss = meanSquaredError(model(places), colours)
      loss.backward()
      return Metrics(loss: loss.item)
    }
    pictures += [withoutGradient { model.picture(places, like: target) }, target]
    labels += ["step \(steps)", "the picture"]
    try Image.grid(
      pictures.map { $0.enlarged(by: 3) }, columns: pictures.count, gutter: 8, labels: labels
    ).writePNG(to: output)
    let error = meanSquaredError(withoutGradient { model(places) }, colours).item
    print(
      "\(model.parameterCount) parameters remember \(target.pixels.count) values with "
        + String(format: "%.1f dB", -10 * log10(error)) + " PSNR: \(output)")
  }
}

/// A network from places to colours. Sines and cosines of the coordinates at random
/// frequencies let it learn sharp edges (Tancik et al., 2020).
struct PictureMemory: Module {
  static let features = 64
  let first, second, third: Linear

  init(_ random: inout Random) {
    first = Linear(2 * Self.features, 128, &random)
    second = Linear(128, 128, &random)
    third = Linear(128, 3, &random)
  }

  var members: Members {
    ("first", first)
    ("second", second)
    ("third", third)
  }

  /// Features of places [N, 128] → colours [N, 3] in 0 … 1.
  func callAsFunction(_ places: Tensor) -> Tensor {
    let h = second(first(places).gelu()).gelu()  // [N, 128]
    return third(h).sigmoid()  // [N, 3]
  }

  /// What the network remembers, at the places of `picture`.
  func picture(_ places: Tensor, like picture: Image) -> Image {
    let bytes = self(places).scalars.map { UInt8(($0 * 255).rounded()) }
    return Image(width: picture.width, height: picture.height, pixels: bytes)
  }

  /// The features of every pixel: [H·W, 128].
  static func places(of picture: Image) -> Tensor {
    var random = Random(seed: 3).split("frequencies")
    let waves = (0..<features).map { _ in (10 * random.normal(), 10 * random.normal()) }
    var values: [Float] = []
    for y in 0..<picture.height {
      for x in 0..<picture.width {
        let (u, v) = (Float(x) / Float(picture.width), Float(y) / Float(picture.height))
        for (a, b) in waves { values += [sin(a * u + b * v), cos(a * u + b * v)] }
      }
    }
    return Tensor(shape: [picture.width * picture.height, 2 * features], values)
  }

  /// The colours of every pixel: [H·W, 3] in 0 … 1.
  static func colours(of picture: Image) -> Tensor {
    Tensor(
      shape: [picture.width * picture.height, 3], picture.pixels.map { Float($0) / 255 })
  }
}
