import Checkpoints
import Images
import Pretrained
import StickerWorld
import TensorCore
import TestSupport
import Testing

@testable import StickerJudge

@Suite struct JudgeNetTests {
  /// Fresh pictures of all splits of the data set.
  private func samples(
    _ count: Int, seed: UInt64, _ change: (Image) -> Image = { $0 }
  ) -> [JudgeNet.Example] {
    var random = Random(seed: seed).split("judge tests")
    let splits = StickerWorld.Split.allCases
    return (0..<count).map { i in
      let (scene, layout, _) = StickerWorld.sample(splits[i % splits.count], using: &random)
      return (change(scene.render(layout)), scene)
    }
  }

  /// The share of pictures that the judge reads entirely right.
  private func share(_ examples: [JudgeNet.Example]) throws -> Double {
    let readings = try JudgeNet(Pretrained.judge()).judge(examples.map(\.picture))
    let right = zip(readings, examples).count { $0.shows($1.scene).isRight }
    return Double(right) / Double(examples.count)
  }

  private func softened(_ picture: Image, to side: Int) -> Image {
    picture.resized(width: side, height: side, .area)
      .resized(width: 64, height: 64, .bilinear(antialias: false))
  }

  @Test func `real pictures are read correctly`() throws {
    #expect(try share(samples(500, seed: 1)) >= 0.985)
  }

  @Test(arguments: [(32, 0.985), (16, 0.97)])
  func `soft pictures are read correctly nearly as often`(_ side: Int, _ least: Double) throws {
    #expect(try share(samples(500, seed: 2) { softened($0, to: side) }) >= least)
  }

  @Test func `captions with one wrong claim are rejected`() throws {
    var random = Random(seed: 3)
    let wrong = samples(500, seed: 3).map { picture, scene in
      (picture, scene.alternatives[random.integer(below: scene.alternatives.count)])
    }
    #expect(try share(wrong) <= 0.01)
  }

  @Test func `a verdict names the claim that is wrong`() throws {
    let truth = try Scene(caption: "a red star above a blue house at night")
    let reading = try JudgeNet(Pretrained.judge()).judge([truth.render(Layout(for: truth, seed: 1))]
    )[0]
    let claims = [
      ("a red star above a blue house in the snow", Attribute.background),
      ("a green star above a blue house at night", .colour),
      ("a red star above a blue tree at night", .thing2),
      ("a red star to the left of a blue house at night", .axis),
    ]
    #expect(reading.shows(truth).isRight)
    for (caption, wrong) in claims {
      let scene = try Scene(caption: caption)
      let verdict = reading.shows(scene)
      #expect(verdict.claims.filter { !$0.isTrue }.map(\.attribute) == [wrong], "\(caption)")
      #expect(verdict.isRight(wrong) == false && verdict.isRight(.size) == nil)
      #expect(reading.score(scene) < reading.score(truth))
    }
  }

  @Test func `attributes that a caption leaves open are not judged`() throws {
    let truth = try Scene(caption: "a small white ghost in the top left at sunset")
    let reading = try JudgeNet(Pretrained.judge()).judge([truth.render(Layout(for: truth, seed: 2))]
    )[0]
    #expect(reading.shows(try Scene(caption: "a white ghost")).isRight)
    #expect(!reading.shows(try Scene(caption: "a white ghost wearing a red hat")).isRight)
    #expect(!reading.shows(try Scene(caption: "a white ghost in the top right")).isRight)
  }

  @Test func `training learns from additional examples`() throws {
    var random = Random(seed: 4)
    let judge = JudgeNet(&random)
    let examples = samples(4, seed: 4)
    var asked = 0
    try judge.train(steps: 60, batch: 4, seed: 4) { random in
      asked += 1
      return examples[random.integer(below: examples.count)]
    }
    #expect(asked == 240)
    for (reading, example) in zip(judge.judge(examples.map(\.picture)), examples) {
      #expect(reading.shows(example.scene).isRight)
    }
  }

  @Test func `the same seed trains the same judge`() throws {
    func trained() throws -> [[Float]] {
      var random = Random(seed: 5)
      let judge = JudgeNet(&random)
      try judge.train(steps: 2, batch: 4, seed: 5)
      return judge.tensors.map(\.tensor.scalars)
    }
    #expect(try trained() == trained())
  }

  @Test func `a checkpoint states the channels of the judge`() throws {
    var random = Random(seed: 6)
    let folder = try TemporaryFolder()
    let judge = JudgeNet(channels: [8, 16], &random)
    let (picture, path) = (samples(1, seed: 6).map(\.picture), folder.file("judge.safetensors"))
    try Checkpoint.save(judge, judge.card(steps: 0, batch: 1, seed: 6), to: path)
    let again = try JudgeNet(Checkpoint(path, kind: JudgeNet.kind))
    #expect(again.channels == [8, 16])
    #expect(
      again.judge(picture)[0].logProbabilities == judge.judge(picture)[0].logProbabilities)
  }

  @Test(arguments: [
    JudgeNet.Shape(channels: [7, 16]), .init(channels: []), .init(channels: [8, 800_000_000]),
    .init(size: 32),
  ])
  func `a judge of impossible sizes is refused`(config: JudgeNet.Shape) throws {
    var random = Random(seed: 6)
    let folder = try TemporaryFolder()
    let path = folder.file("judge.safetensors")
    try Checkpoint.save(
      JudgeNet(channels: [8], &random), ModelCard(kind: JudgeNet.kind, config: config),
      to: path)
    let message = #expect(throws: CheckpointError.self) {
      try JudgeNet(Checkpoint(path, kind: JudgeNet.kind))
    }
    #expect("\(message!)".contains("multiples of 8"))
  }
}
