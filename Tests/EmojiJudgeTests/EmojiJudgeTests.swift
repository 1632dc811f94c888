import EmojiWorld
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

@testable import EmojiJudge

/// The judge's exam. With the environment variable EMOJI_FONT it reads the font there instead of drawn
/// shapes, which are easier to tell apart.
@Suite struct EmojiJudgeTests {
  private let world: EmojiWorld
  private let judge: EmojiJudge

  init() throws {
    let things = 24
    if let font = ProcessInfo.processInfo.environment["EMOJI_FONT"] {
      world = try EmojiWorld(font: font)
    } else {
      let folder = try TemporaryFolder()
      let font = MiniFont(EmojiThing.all.prefix(things).map(\.character), shapes: true)
      world = try EmojiWorld(
        things: things, font: try folder.write(font.bytes, to: "font.ttf"))
    }
    judge = EmojiJudge(world)
  }

  private func samples(_ count: Int) -> [EmojiScenes.Sample] {
    (0..<count).map {
      world.sample(EmojiSplit.allCases[$0 % EmojiSplit.allCases.count], seed: 3, index: $0)
    }
  }

  private func right(
    _ samples: [EmojiScenes.Sample], _ change: (Image) -> Image = { $0 }
  ) -> Int {
    samples.count { sample in
      judge.read(change(world.render(sample.scene, sample.layout))).shows(sample.scene).isRight
    }
  }

  @Test func `real pictures are right, softened ones nearly always`() {
    let samples = samples(100)
    #expect(right(samples) >= 99)
    let soft = right(samples) {
      $0.resized(width: 32, height: 32, .area)
        .resized(width: 64, height: 64, .bilinear(antialias: false))
    }
    #expect(soft >= 95)
  }

  @Test func `three of a kind are counted`() {
    let things = world.things
    var right = 0
    for i in 0..<30 {
      let thing = things[i * 7 % things.count]
      let scene = EmojiScene(.several(thing, count: 3), ground: .night)
      let picture = world.render(scene, EmojiLayout(for: scene, seed: UInt64(i)))
      right += judge.read(picture).shows(scene).isRight ? 1 : 0
    }
    #expect(right >= 29)
  }

  @Test func `what differs in one respect is wrong`() {
    let things = world.things
    for i in 0..<12 {
      let (a, b, c) = (things[i], things[(i + 5) % things.count], things[(i + 11) % things.count])
      let scene = EmojiScene(.pair(first: a, .above, second: b), ground: .yellow)
      let reading = judge.read(world.render(scene, EmojiLayout(for: scene, seed: UInt64(i))))
      #expect(reading.shows(scene).isRight)
      for other: EmojiScene.Arrangement in [
        .pair(first: b, .above, second: a), .pair(first: a, .leftOf, second: b),
        .pair(first: a, .above, second: c), .pair(first: c, .above, second: b),
        .single(a, size: nil, position: nil), .several(a, count: 2),
      ] {
        #expect(!reading.shows(EmojiScene(other, ground: .yellow)).isRight)
      }
      #expect(!reading.shows(EmojiScene(scene.arrangement, ground: .white)).isRight)
    }
  }

  @Test func `pictures of other captions are wrong`() {
    let samples = samples(100)
    let readings = samples.map { judge.read(world.render($0.scene, $0.layout)) }
    var passed = 0
    for (i, sample) in samples.enumerated() {
      passed += readings[(i + 1) % readings.count].shows(sample.scene).isRight ? 1 : 0
    }
    #expect(passed <= 1)
  }

  @Test func `an empty ground shows nothing`() {
    let sample = world.sample(.train, seed: 1, index: 0)
    var layout = sample.layout
    layout.places = layout.places.map { EmojiLayout.Place(x: -100, y: $0.y, half: $0.half) }
    let reading = judge.read(world.render(sample.scene, layout))
    #expect(reading.found.isEmpty && reading.ground == layout.ground)
    #expect(!reading.shows(sample.scene).isRight)
  }

  @Test func `an evaluation counts what is right, chosen and possible`() throws {
    // The first candidate shows the caption, the second another one; scores prefer now the one, now
    // the other.
    let samples = (0..<6).map { world.sample(.validation, seed: 1, index: $0) }
    var done: [Int] = []
    let report = try EmojiEvaluation(
      world.scenes, judge, drawnBy: world, splits: [.validation], captions: 6, candidates: 2
    ).run(
      candidates: { caption, _, _ in
        let i = try #require(samples.firstIndex { $0.caption == caption })
        let other = samples[(i + 1) % 6]
        return Tensor([samples[i], other].map { world.render($0.scene, $0.layout) })
      },
      scores: { _, caption in
        let i = try #require(samples.firstIndex { $0.caption == caption })
        return i < 4 ? [1, 0] : [0, 1]
      }, progress: { done.append($0) })
    let part = report.parts[0]
    #expect(done == Array(1...6) && part.real == [1, 1, 1, 1, 1, 1])
    #expect(part.one.allSatisfy { $0 == 0.5 } && part.oracle.allSatisfy { $0 == 1 })
    #expect(part.best == [1, 1, 1, 1, 0, 0])
    #expect(report.description.contains("best of 2"))
    let again = try JSONDecoder().decode(EmojiReport.self, from: report.json())
    #expect(again.parts[0].best == part.best)
  }

  @Test func `single claims are wrong one by one`() throws {
    let things = EmojiThing.all
    let scene = EmojiScene(
      .single(things[1], size: .small, position: .topLeft), ground: .night)
    let reading = judge.read(world.render(scene, EmojiLayout(for: scene, seed: 4)))
    func wrong(_ scene: EmojiScene) -> [EmojiAspect] {
      reading.shows(scene).claims.filter { !$0.value }.map(\.key)
    }
    #expect(wrong(scene) == [])
    let single = EmojiScene.Arrangement.single
    #expect(wrong(EmojiScene(single(things[2], nil, nil), ground: nil)) == [.thing])
    #expect(wrong(EmojiScene(single(things[1], .big, nil), ground: nil)) == [.size])
    #expect(
      wrong(EmojiScene(single(things[1], nil, .bottomLeft), ground: nil)) == [.position])
    #expect(wrong(EmojiScene(single(things[1], nil, nil), ground: .pink)) == [.ground])
    #expect(wrong(EmojiScene(.several(things[1], count: 2), ground: nil)) == [.count])
    let pair = EmojiScene(
      .pair(first: things[1], .above, second: things[2]), ground: nil)
    let two = judge.read(world.render(pair, EmojiLayout(for: pair, seed: 4)))
    let turned = EmojiScene(.pair(first: things[2], .above, second: things[1]), ground: nil)
    #expect(two.shows(pair).isRight)
    #expect(two.shows(turned).claims == [.thing: true, .relation: false])
  }
}
