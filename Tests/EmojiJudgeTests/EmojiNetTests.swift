import Checkpoints
import EmojiWorld
import Images
import TensorCore
import TestSupport
import Testing
import Training

@testable import EmojiJudge

/// The network that reads pictures, on drawn shapes in place of a font.
@Suite struct EmojiNetTests {
  private let folder: TemporaryFolder
  private let world: EmojiWorld

  init() throws {
    folder = try TemporaryFolder()
    let font = MiniFont(EmojiThing.all.prefix(3).map(\.character), shapes: true)
    world = try EmojiWorld(things: 3, font: folder.write(font.bytes, to: "font.ttf"))
  }

  private static var silent: Terminal {
    Terminal(redraws: false, colours: false, columns: { 80 }, write: { _ in })
  }

  private func untrained() -> EmojiNet {
    var random = Random(seed: 1)
    return EmojiNet(things: 3, &random)
  }

  @Test func `it learns what and where things are`() throws {
    let net = untrained()
    try net.train(world, steps: 200, batch: 16, seed: 1, terminal: Self.silent)
    let exam = EmojiExam(world, pictures: 50, seed: 7) { $0 }
    let shares = exam.run(net)
    #expect(shares.map(\.kind) == EmojiExam.Kind.allCases)
    for (kind, right) in shares {
      // The mean of two shapes is hard to tell from either.
      let least = kind == .blended ? 0.5 : 0.85
      #expect(right.value >= least, "\(kind): \(right)")
    }
    // What is in a checkpoint reads the same.
    let path = folder.file("judge.safetensors")
    try Checkpoint.save(net, net.card(steps: 200, seed: 1), to: path)
    let again = try EmojiNet(Checkpoint(path, kind: EmojiNet.kind))
    let pictures = (0..<8).map {
      let sample = world.sample(.train, seed: 4, index: $0)
      return world.render(sample.scene, sample.layout)
    }
    for (a, b) in zip(net.read(pictures), again.read(pictures)) {
      #expect(a.ground == b.ground && a.found.map(\.thing) == b.found.map(\.thing))
      #expect(a.found.map(\.place) == b.found.map(\.place))
    }
  }

  @Test func `the judge that knows the drawings passes the exam`() {
    for (kind, right) in EmojiExam(world, pictures: 20, seed: 2).run(EmojiJudge(world)) {
      // Shapes on a font of three are much alike: their means still fit them.
      if kind != .blended { #expect(right.value >= 0.9, "\(kind): \(right)") }
    }
  }

  @Test func `impossible sizes are refused`() throws {
    let net = untrained()
    for count in [0, 1, 5000] {
      let path = folder.file("\(count).safetensors")
      let card = ModelCard(kind: EmojiNet.kind, config: EmojiNet.Shape(things: count))
      try Checkpoint.save(net, card, to: path)
      #expect(throws: CheckpointError.self) { try EmojiNet(Checkpoint(path)) }
    }
  }
}
