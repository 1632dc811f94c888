import ArgumentParser
import Checkpoints
import DiscreteVAE
import EmojiJudge
import EmojiWorld
import Foundation
import Images
import TensorCore
import Training

/// `dalle train judge`
struct TrainJudge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "judge",
    abstract: "Trains a network that reads emoji pictures, to judge where there is no font.",
    discussion: """
      Draws pictures of all parts of the emoji world, softens half of them and, with --dvae, passes a \
      third of the batches through a dVAE. The 3,000 steps of a hundred things take a quarter of an hour on \
      two cores. Ends with an exam. Ctrl-C stops it, --resume continues.

      Example: dalle train judge --things 100 --output judge
      """)

  @Option(
    parsing: .unconditional,
    help: "How many things the network knows, as in dalle emoji.")
  var things = EmojiThing.all.count
  @Option(
    help: ArgumentHelp(
      "The emoji font. (default: the one that is installed)", valueName: "NotoColorEmoji.ttf"))
  var font: String?
  @Option(help: ArgumentHelp("Pass a third of the batches through this dVAE.", valueName: "file"))
  var dvae: String?
  @Option(parsing: .unconditional, help: "Steps of the optimiser, of 32 pictures each.")
  var steps = 3000
  @Option(help: ArgumentHelp("Folder of the run.", valueName: "folder"))
  var output: String
  @Option(parsing: .unconditional, help: "Random seed of weights and pictures.")
  var seed: UInt64 = 1
  @Flag(help: "Continue the run in this folder where it stopped.")
  var resume = false

  func validate() throws {
    try check("--things", things, in: 2...EmojiThing.all.count)
    try check("--steps", steps, in: possibleSteps)
  }

  func run() throws {
    let path = "\(output)/judge.safetensors"
    try OutputCheck.run([output], models: [(path, 0)], resume: resume)
    let world = try EmojiWorld(things: things, .free, font: font)
    let codec = try dvae.map { try DiscreteVAE(Checkpoint($0, kind: DiscreteVAE.kind)) }
    try Self.train(
      world, codec, steps: steps, seed: seed, to: path, folder: output, resume: resume,
      options: RunOptions(
        [
          "--things": "\(things)", "--steps": "\(steps)", "--seed": "\(seed)",
          "--dvae": codec.map { "an encoder of SHA-256 \($0.encoderHash.prefix(12))…" },
        ].compactMapValues(\.self)))
  }

  /// Trains a network for a world, saves it at `path`, and prints how it did in an exam.
  static func train(
    _ world: EmojiWorld, _ dvae: DiscreteVAE?, steps: Int, seed: UInt64, to path: String,
    folder: String, resume: Bool, options: RunOptions
  ) throws {
    var random = Random(seed: seed).split("emoji judge")
    let net = EmojiNet(things: world.things.count, &random)
    let card = net.card(steps: steps, seed: seed)
    try net.train(
      world, steps: steps, seed: seed,
      change: { pictures, random in
        guard let dvae, random.integer(below: 3) == 0 else { return pictures }
        return dvae.reconstructed(pictures)
      },
      folder: TrainingFolder(folder, card, every: 250, resume: resume, options: options))
    try Checkpoint.save(net, card, as: .f16, to: path)
    let exam = EmojiExam(
      world, pictures: 320, seed: seed &+ 1_000_000_007,
      reconstruct: dvae.map { dvae in { dvae.reconstructed($0) } })
    print("\(path): a judge of \(net.parameterCount) parameters, which knows \(net.things) things")
    for (kind, right) in exam.run(net) {
      print(
        String(
          format: "%@: %.1f ± %.1f %% right", kind.rawValue, 100 * right.value,
          100 * right.standardError))
    }
  }
}

extension DiscreteVAE {
  /// Pictures as they come back from their codes.
  fileprivate func reconstructed(_ pictures: [Image]) -> [Image] {
    Image.pictures(of: decode(encode(Tensor(pictures))))
  }
}
