import Foundation
import TensorCore
import Testing

@testable import StickerWorld

@Suite struct CaptionsTests {
  private func scenes(_ count: Int) -> [Scene] {
    var random = Random(seed: 21)
    return (0..<count).map { _ in .any(.any(using: &random), using: &random) }
  }

  @Test func `a caption is read back as its scene, in every phrasing`() throws {
    for scene in scenes(1500) {
      for caption in scene.captions {
        #expect(try Scene(caption: caption) == scene, "\(caption)")
      }
    }
  }

  @Test func `the four relations are two scenes`() throws {
    let above = Scene(
      .pair(first: Sticker(.red, .star), .above, second: Sticker(.blue, .house)),
      background: .night)
    #expect(above.description == "a red star above a blue house at night")
    #expect(try Scene(caption: "A blue house below a red star, at night.") == above)
    #expect(try Scene(caption: "under the stars a blue house below a red star") == above)
    let beside = try Scene(caption: "a red cat to the right of an orange fish")
    #expect(beside.description == "an orange fish to the left of a red cat")
  }

  @Test func `a scene has several phrasings, the plainest first`() {
    let scene = Scene(
      .single(
        Sticker(.orange, .cat), size: .big, position: nil, wearing: Accessory(.blue, .hat)),
      background: .snow)
    #expect(scene.captions.count == 16)
    #expect(scene.captions[0] == "a big orange cat wearing a blue hat in the snow")
    #expect(scene.captions.contains("in winter, a large orange cat with a blue hat"))
    let open = Scene(
      .single(Sticker(.orange, .cat), size: nil, position: nil, wearing: nil), background: nil)
    #expect(open.captions == ["an orange cat"])
  }

  @Test func `no phrasing occurs twice, and articles fit their words`() {
    for scene in scenes(500) where Set(scene.stickers).count == scene.stickers.count {
      #expect(Set(scene.captions).count == scene.captions.count)
      for caption in scene.captions {
        #expect(!caption.contains("a orange") && !caption.contains("an p"), "\(caption)")
      }
    }
  }

  @Test func `the vocabulary is the words that captions use`() {
    var used: Set<String> = []
    for scene in scenes(3000) {
      for caption in scene.captions {
        used.formUnion(caption.split { $0 == " " || $0 == "," }.map(String.init))
      }
    }
    #expect(used.sorted() == StickerWorld.vocabulary)
    #expect(StickerWorld.vocabulary.count == 60)
  }

  @Test func `sampled captions have at most 13 words`() {
    var random = Random(seed: 2)
    let longest = (0..<20_000).map { _ in
      StickerWorld.sample(.train, using: &random).caption.split(separator: " ").count
    }.max()
    #expect(longest == 13)
  }

  @Test(arguments: [
    ("a red dragon", CaptionError.unknownWord("dragon")),
    ("", .unexpected(found: nil, expected: "a colour")),
    ("a small red", .unexpected(found: nil, expected: "a thing")),
    ("a star above a blue house", .unexpected(found: "star", expected: "a colour")),
    ("a red star above", .unexpected(found: nil, expected: "a colour")),
    ("a red cat wearing a blue star", .unexpected(found: "star", expected: "a hat or a bow")),
    ("a red star at night at sunset", .unexpected(found: "at", expected: "to end")),
    ("a small red star above a blue house", .unexpected(found: "above", expected: "to end")),
  ])
  func `a caption that means nothing is refused with the word at fault`(
    caption: String, error: CaptionError
  ) {
    #expect(throws: error) { try Scene(caption: caption) }
  }

  @Test func `errors say what to write instead`() {
    #expect(
      CaptionError.unknownWord("dragon").description
        == "sticker world has no word “dragon”; its things are star, heart, moon, house, tree, "
        + "fish, mushroom, flower, boat, rocket, ball, cat, penguin, ghost, its colours red, "
        + "orange, yellow, green, blue, purple, pink, white")
    #expect(
      CaptionError.unexpected(found: "star", expected: "a colour").description
        == "the caption needs a colour before “star”, as in “a red star above a blue house at "
        + "night”")
  }

  @Test func `scenes and layouts survive JSON`() throws {
    for scene in scenes(200) {
      let layout = Layout(for: scene, seed: 4)
      let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
      #expect(try decoder.decode(Scene.self, from: encoder.encode(scene)) == scene)
      #expect(try decoder.decode(Layout.self, from: encoder.encode(layout)) == layout)
    }
    let dragon = Data(#"{"colour": "red", "thing": "dragon"}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Sticker.self, from: dragon) }
  }
}
