import StickerWorld
import TensorCore
import Testing

@testable import CLIPTraining

@Suite struct HardNegativeTests {
  private let pair = "a red star above a blue house at night"
  private let dressed = "a big orange cat wearing a green hat at sunset"

  @Test func `binding is broken by swapping colours or stickers`() throws {
    var random = Random(seed: 1)
    let scene = try Scene(caption: pair)
    let colours = HardNegative.colourSwap.corrupt(scene, using: &random)
    #expect(colours?.description == "a blue star above a red house at night")
    let order = HardNegative.orderSwap.corrupt(scene, using: &random)
    #expect(order?.description == "a blue house above a red star at night")
    let relation = HardNegative.relation.corrupt(scene, using: &random)
    #expect(relation?.description == "a red star to the left of a blue house at night")
  }

  @Test(arguments: HardNegative.allCases)
  func `a corrupted scene is not true of the picture`(kind: HardNegative) {
    var random = Random(seed: 2)
    var count = 0
    for _ in 0..<300 {
      let (scene, layout, _) = StickerWorld.sample(.train, using: &random)
      guard let wrong = kind.corrupt(scene, using: &random) else { continue }
      count += 1
      #expect(wrong != scene)
      let shown = Facts(shownBy: scene, layout)
      #expect(shown.agrees(with: Facts(saidBy: scene)), "\(scene)")
      #expect(!shown.agrees(with: Facts(saidBy: wrong)), "\(scene) | \(wrong)")
    }
    #expect(count >= 20)
  }

  @Test func `two of the three negatives of a pair are a matter of binding`() throws {
    var random = Random(seed: 3)
    var count = 0
    for index in 0..<300 {
      let scene = StickerWorld.sample(.train, seed: 3, index: index).scene
      let swaps = [HardNegative.colourSwap, .orderSwap].compactMap {
        $0.corrupt(scene, using: &random)
      }
      // Swapped colours or places may be held out.
      guard swaps.count == 2, swaps.allSatisfy({ $0.split == .train }) else { continue }
      count += 1
      let negatives = HardNegative.some(for: scene, using: &random)
      #expect(negatives.count == 3 && Set(negatives.prefix(2)) == Set(swaps))
      #expect(!swaps.contains(negatives[2]))
    }
    #expect(count >= 30)
    #expect(HardNegative.some(for: try Scene(caption: dressed), using: &random).count == 2)
  }

  @Test func `no wrong answer of 10,000 batches shows what is held out from training`() {
    var random = Random(seed: 5)
    var (parsed, heldOut) = (0, 0)
    for step in 0..<10_000 {
      let batch = StickerBatch(
        .train, count: 2, size: 8, prefersPairs: step % 2 == 0, using: &random)
      for caption in batch.captions {
        // Captions that leave things out describe no scene.
        guard let scene = try? Scene(caption: caption) else { continue }
        parsed += 1
        if scene.split != .train { heldOut += 1 }
      }
    }
    #expect(parsed > 50_000, "\(parsed)")
    #expect(heldOut == 0, "\(heldOut) of \(parsed)")
  }

  @Test func `captions that may be true of a picture are recognised`() throws {
    let star = try Scene(caption: "a red star at night")
    let shown = Facts(shownBy: star, Layout(for: star, seed: 1))
    func mayBeTrue(_ caption: String) throws -> Bool {
      shown.agrees(with: Facts(saidBy: try Scene(caption: caption)))
    }
    #expect(try mayBeTrue("a red star"))
    #expect(try mayBeTrue("a small red star at night"))  // the caption does not say
    #expect(try !mayBeTrue("a red star in the top left"))  // it lies in the middle
    #expect(try !mayBeTrue("a red star on the grass"))
    #expect(try !mayBeTrue("a red star above a red star at night"))
  }

  @Test(arguments: Detail.allCases)
  func `captions of every detail are true, and their negatives are false`(detail: Detail) throws {
    var random = Random(seed: 4)
    var captions: Set<String> = []
    for _ in 0..<300 {
      let (scene, layout, _) = StickerWorld.sample(.train, using: &random)
      guard case .single = scene.arrangement else { continue }
      if detail == .background && scene.background == nil { continue }
      let shown = Facts(shownBy: scene, layout)
      let (caption, facts) = detail.caption(of: scene, using: &random)
      captions.insert(caption)
      #expect(shown.agrees(with: facts), "\(scene): \(caption)")
      let negatives = HardNegative.some(for: scene, detail, using: &random)
      #expect(negatives.count == 2)
      for wrong in negatives {
        let (caption, facts) = detail.caption(of: wrong, using: &random)
        #expect(!shown.agrees(with: facts), "\(scene): \(caption)")
      }
    }
    switch detail {
    case .everything: break
    case .thing: #expect(captions.contains("a star"))
    case .colour: #expect(captions.contains("something orange"))
    case .background: #expect(captions.contains("at night"))
    }
  }
}
