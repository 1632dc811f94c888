import StickerJudge
import StickerWorld
import TensorCore
import Testing

@Suite struct AlternativesTests {
  @Test func `alternatives differ, and each has a caption of its own`() throws {
    var random = Random(seed: 1)
    for _ in 0..<100 {
      let scene = StickerWorld.sample(.train, using: &random).scene
      let alternatives = scene.alternatives
      #expect(!alternatives.contains(scene))
      #expect(Set(alternatives).count == alternatives.count)
      for other in alternatives { #expect(try Scene(caption: other.description) == other) }
    }
  }

  @Test func `claims are what the caption says`() throws {
    let scene = try Scene(caption: "a small pink cat with a blue bow")
    #expect(
      scene.claims.map(\.attribute)
        == [.kind, .thing, .colour, .size, .accessory, .accessoryColour])
    let pair = try Scene(caption: "a red star below a blue house at night")
    #expect(
      pair.claims.map(\.attribute)
        == [.kind, .background, .axis, .thing, .colour, .thing2, .colour2])
    #expect(pair.claims.contains { $0.attribute == .thing && $0.answer == Thing.house.index })
  }
}
