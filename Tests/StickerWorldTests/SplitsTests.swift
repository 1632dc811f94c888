import TensorCore
import Testing

@testable import StickerWorld

@Suite struct SplitsTests {
  /// The combinations in a set of scenes, collected without using the rules.
  private struct Combinations {
    var stickers: Set<Sticker> = []
    var pairs: Set<Set<Thing>> = []
    var dressed: [Thing: Set<Accessory>] = [:]

    mutating func add(_ scene: Scene) {
      stickers.formUnion(scene.stickers)
      switch scene.arrangement {
      case .pair(let first, _, let second): pairs.insert([first.thing, second.thing])
      case .single(let sticker, _, _, let accessory?):
        dressed[sticker.thing, default: []].insert(accessory)
      default: break
      }
    }
  }

  private func scenes(_ split: StickerWorld.Split, _ count: Int) -> [Scene] {
    var random = Random(seed: 1).split(split.name)
    return (0..<count).map { _ in StickerWorld.sample(split, using: &random).scene }
  }

  @Test func `200,000 training scenes hold nothing that is held out, and everything else`() {
    let training = scenes(.train, 200_000)
    var seen = Combinations()
    for scene in training { seen.add(scene) }

    #expect(seen.stickers.count == 14 * 8 - 14)
    #expect(seen.pairs.count == 14 * 15 / 2 - 7)
    #expect(Set(seen.dressed.keys) == [.cat, .penguin, .ghost])
    #expect(seen.dressed.values.map(\.count) == [15, 15, 15])

    let known = Set(training)
    for scene in scenes(.validation, 5000) {
      #expect(!known.contains(scene), "\(scene)")
      #expect(seen.stickers.isSuperset(of: scene.stickers), "\(scene)")
    }
    for scene in scenes(.unseenColours, 5000) {
      #expect(!seen.stickers.isSuperset(of: scene.stickers), "\(scene)")
    }
    for scene in scenes(.unseenPairs, 5000) {
      guard case .pair(let first, _, let second) = scene.arrangement else {
        Issue.record("\(scene) is no pair")
        continue
      }
      #expect(!seen.pairs.contains([first.thing, second.thing]), "\(scene)")
      #expect(seen.stickers.isSuperset(of: scene.stickers), "\(scene)")
    }
    for scene in scenes(.unseenAccessories, 2000) {
      guard case .single(let sticker, _, _, let accessory?) = scene.arrangement else {
        Issue.record("there is no accessory in \(scene)")
        continue
      }
      #expect(seen.dressed[sticker.thing]?.contains(accessory) == false, "\(scene)")
      #expect(seen.stickers.isSuperset(of: scene.stickers), "\(scene)")
    }
  }

  @Test func `half of the training scenes are singles, 35 percent pairs, 15 percent dressed`() {
    var counts: [Double] = [0, 0, 0]
    let training = scenes(.train, 20_000)
    for scene in training {
      switch scene.arrangement {
      case .single(_, _, _, nil): counts[0] += 1
      case .pair: counts[1] += 1
      case .single: counts[2] += 1
      }
    }
    // Four standard errors of a share of 20,000 are at most 0.0142.
    for (share, expected) in zip(counts, [0.5, 0.35, 0.15]) {
      #expect(abs(share / Double(training.count) - expected) < 0.0142)
    }
  }

  @Test func `validation is one scene in sixteen of those that training may show`() {
    var random = Random(seed: 8)
    var counts: [StickerWorld.Split: Double] = [:]
    for _ in 0..<40_000 {
      let scene = Scene.any(.any(using: &random), using: &random)
      if let split = scene.split { counts[split, default: 0] += 1 }
    }
    let validation = counts[.validation] ?? 0
    let share = validation / (validation + (counts[.train] ?? 0))
    #expect(abs(share - 1.0 / 16) < 0.006)
  }

  @Test func `a scene with two held-out combinations is in no split`() throws {
    // A red house is held out, and so is a house beside a ball.
    let scene = try Scene(caption: "a red house above a blue ball")
    #expect(scene.hasHeldOutColour && scene.hasHeldOutPair && scene.split == nil)
  }

  @Test func `the book's own examples are neither held out nor impossible`() throws {
    for colour in ["red", "yellow"] {
      let scene = try Scene(caption: "a \(colour) star above a blue house at night")
      #expect(scene.split == .train || scene.split == .validation)
    }
  }

  @Test func `a seed gives the same samples again, and another seed others`() {
    func sample(_ seed: UInt64) -> [String] {
      var random = Random(seed: seed)
      return (0..<5).map { _ in StickerWorld.sample(.train, using: &random).caption }
    }
    #expect(sample(1) == sample(1))
    #expect(sample(1) != sample(2))
  }
}
