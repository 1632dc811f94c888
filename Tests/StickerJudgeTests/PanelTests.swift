import Checkpoints
import Foundation
import Images
import StickerWorld
import TensorCore
import TestSupport
import Testing
import Training

@testable import StickerJudge

/// A terminal that shows no progress.
nonisolated(unsafe) private let silent = Terminal(
  redraws: false, colours: false, columns: { 80 }, write: { _ in })

private let channels = [Panel.Channels](
  repeating: .init(judge: [8, 8], realism: [8, 8]), count: 2)

@Suite struct PanelTests {
  private func pictures(_ count: Int, seed: UInt64) -> (pictures: Tensor, scenes: [Scene]) {
    let samples = (0..<count).map { StickerWorld.sample(.train, seed: seed, index: $0) }
    return (
      Tensor(StickerWorld.render(samples.map { ($0.scene, $0.layout) }, size: 64)),
      samples.map(\.scene)
    )
  }

  @Test func `referees differ, and a checkpoint brings them back`() throws {
    let panel = Panel(channels, seed: 1)
    let (real, scenes) = pictures(3, seed: 1)
    #expect(panel.referees[0].realism.realism(real) != panel.referees[1].realism.realism(real))
    let folder = try TemporaryFolder()
    try Checkpoint.save(panel, panel.card(), to: folder.file("panel.safetensors"))
    let again = try Panel(Checkpoint(folder.file("panel.safetensors"), kind: Panel.kind))
    let (a, b) = (panel.votes(real, 1 - real, scenes), again.votes(real, 1 - real, scenes))
    #expect(a.realism == b.realism && a.match == b.match)
    #expect(a.realism.count == 3 && a.realism[0].count == 2)
  }

  @Test func `pictures are told from noisy ones after a few steps`() throws {
    var random = Random(seed: 2)
    let net = RealismNet(channels: [8, 16], &random)
    let (real, _) = pictures(64, seed: 2)
    let drawn = (real + .normal(real.shape, deviation: 0.1, &random)).clamped(0, 1)
    func some(_ all: Tensor) -> (Int, inout Random) -> Tensor {
      { count, random in
        stack((0..<count).map { _ in all.at(random.integer(below: 64), axis: 0) }, axis: 0)
      }
    }
    try net.train(
      steps: 60, batch: 16, seed: 3, real: some(real), drawn: some(drawn), terminal: silent)
    let (fresh, _) = pictures(50, seed: 4)
    let noisy = (fresh + .normal(fresh.shape, deviation: 0.1, &random)).clamped(0, 1)
    let right =
      net.realism(fresh).count { $0 > 0 } + net.realism(noisy).count { $0 < 0 }
    #expect(right >= 80, "of 100; guessing gives 50 ± 5")
  }

  /// A reading with the claims of a scene, but one, each with probability p.
  private func reading(_ scene: Scene, wrong: Attribute? = nil, _ p: Float) -> Reading {
    let claims = Dictionary(uniqueKeysWithValues: scene.claims.map { ($0.attribute, $0.answer) })
    return Reading(
      logProbabilities: Attribute.allCases.map { attribute in
        let n = attribute.answers
        var row = [Float](repeating: log((1 - p) / Float(max(1, n - 1))), count: n)
        let answer = claims[attribute] ?? 0
        row[attribute == wrong ? (answer + 1) % n : answer] = log(p)
        return row
      })
  }

  @Test func `the better match shows all claims, or more surely`() throws {
    let scene = try Scene(caption: "a red star above a blue house at night")
    let (sure, unsure) = (reading(scene, 0.99), reading(scene, 0.8))
    let (red, night) = (
      reading(scene, wrong: .colour, 0.99), reading(scene, wrong: .background, 0.8)
    )
    #expect(Panel.match(unsure, red, scene) == .first)
    #expect(Panel.match(night, unsure, scene) == .second)
    #expect(Panel.match(red, night, scene) == .neither)
    #expect(Panel.match(sure, unsure, scene) == .first)
    #expect(Panel.match(unsure, sure, scene) == .second)
    // Undecided counts against the first.
    #expect(Panel.match(sure, sure, scene) == .second)
  }

  @Test func `of equal pictures the second is more realistic`() {
    let panel = Panel(channels, seed: 3)
    let (real, scenes) = pictures(4, seed: 5)
    let votes = panel.votes(real, real, scenes).realism
    #expect(votes.joined().allSatisfy { $0 == .second })
  }

  @Test func `impossible sizes are refused`() throws {
    let folder = try TemporaryFolder()
    let panel = Panel(channels, seed: 1)
    for channels in [[], [Panel.Channels(judge: [7], realism: [8])]] {
      let card = ModelCard(kind: Panel.kind, config: Panel.Shape(referees: channels))
      let path = folder.file("panel.safetensors")
      try Checkpoint.save(panel, card, to: path)
      #expect(throws: CheckpointError.self) { try Panel(Checkpoint(path, kind: Panel.kind)) }
    }
  }

  @Test func `a referee leaves out its own part of the drawn pictures`() {
    var random = Random(seed: 6)
    for part in 0..<5 {
      let numbers = (0..<500).map { _ in
        Panel.number(below: 23, exceptPart: part, of: 5, &random)
      }
      #expect(Set(numbers) == Set((0..<23).filter { $0 % 5 != part }))
    }
    #expect(Panel.number(below: 1, exceptPart: 0, of: 1, &random) == 0)
  }

  @Test func `a training moves all networks of all referees`() throws {
    var recipe = Panel.Recipe()
    (recipe.judgeSteps, recipe.realismSteps) = (2, 2)
    let panel = Panel(channels, seed: 1)
    let before = panel.tensors.map { $0.tensor.scalars }
    let (real, _) = pictures(10, seed: 6)
    try panel.train(recipe, drawn: [real, 1 - real], terminal: silent)
    #expect(zip(before, panel.tensors).allSatisfy { $0 != $1.tensor.scalars })
  }
}
