import StickerJudge
import StickerWorld
import TensorCore
import Testing

@Suite struct SynthesisTests {
  @Test func `synthesis tells true captions from those with one wrong claim`() {
    var random = Random(seed: 1).split("synthesis")
    var (accepted, turnedDown) = (0, 0)
    for i in 0..<20 {
      let splits = StickerWorld.Split.allCases
      let (scene, layout, _) = StickerWorld.sample(splits[i % splits.count], using: &random)
      let picture = scene.render(layout)
      let wrong = scene.alternatives[random.integer(below: scene.alternatives.count)]
      if Synthesis.matches(picture, scene) { accepted += 1 }
      if !Synthesis.matches(picture, wrong) { turnedDown += 1 }
    }
    #expect(accepted >= 18)
    #expect(turnedDown >= 18)
  }

  @Test func `the true caption has the best score`() throws {
    let truth = try Scene(caption: "a big red heart in the snow")
    let picture = truth.render(Layout(for: truth, seed: 5))
    let best = Synthesis.score(picture, truth)
    for caption in [
      "a small red heart in the snow", "a big pink heart in the snow",
      "a big red heart at sunset", "a red heart above a red heart in the snow",
    ] {
      #expect(Synthesis.score(picture, try Scene(caption: caption)) < best, "\(caption)")
    }
  }
}
