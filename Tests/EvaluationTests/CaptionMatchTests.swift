import Images
import Pretrained
import StickerJudge
import StickerWorld
import TensorCore
import Testing

@testable import Evaluation

@Suite struct CaptionMatchTests {
  /// The judge's verdict on a picture of the caption `shown`, compared with the caption `said`.
  private func match(of shown: String, _ said: String) throws -> CaptionMatch {
    let scene = try Scene(caption: shown)
    let picture = Tensor([scene.render(Layout(for: scene, seed: 3), size: 64)])
    return try JudgeNet(Pretrained.judge()).matches(picture, [Scene(caption: said)])[0]
  }

  @Test func `a right picture is right in exactly the aspects that its caption mentions`() throws {
    let pair = "a red star above a blue house at night"
    let both = try match(of: pair, pair)
    #expect(both.isRight)
    #expect(both.aspects == [.thing: true, .colour: true, .background: true, .relation: true])
    let dressed = "a small pink cat wearing a blue bow"
    let cat = try match(of: dressed, dressed)
    #expect(cat.isRight)
    #expect(cat.aspects == [.thing: true, .colour: true, .accessory: true, .size: true])
    let corner = "a green boat in the top left"
    #expect(
      try match(of: corner, corner).aspects == [.thing: true, .colour: true, .position: true])
  }

  @Test func `aspects are judged one by one`() throws {
    let shown = "a red star above a blue house at night"
    let other = try match(of: shown, "a red star above a green house in the snow")
    #expect(!other.isRight)
    #expect(other.aspects == [.thing: true, .colour: false, .background: false, .relation: true])
  }

  @Test func `colours that belong to the other thing are wrong only together`() throws {
    let shown = "a red star above a blue house at night"
    let swapped = try match(of: shown, "a blue star above a red house at night")
    #expect(!swapped.isRight)
    #expect(
      swapped.aspects == [.thing: true, .colour: true, .background: true, .relation: true])
  }

  @Test func `a pair in another order or relation is wrong in its relation alone`() throws {
    let shown = "a red star above a blue house at night"
    for said in [
      "a blue house above a red star at night", "a red star to the left of a blue house at night",
    ] {
      let match = try match(of: shown, said)
      #expect(!match.isRight)
      #expect(
        match.aspects == [.thing: true, .colour: true, .background: true, .relation: false])
    }
  }

  @Test func `an accessory is wrong in another colour, if missing, and if not mentioned`() throws {
    let said = "a pink cat wearing a blue bow"
    #expect(try match(of: "a pink cat wearing a red bow", said).aspects[.accessory] == false)
    #expect(try match(of: "a pink cat", said).aspects[.accessory] == false)
    #expect(try match(of: said, "a pink cat").isRight == false)
  }

  @Test func `a report counts the aspects that captions mention`() throws {
    let pair = "a red star above a blue house at night"
    let report = CaptionMatchReport([
      try match(of: pair, pair), try match(of: pair, "a red star above a green house"),
      try match(of: "a pink cat", "a pink cat"),
    ])
    #expect(report.everything.right == 2 && report.everything.count == 3)
    #expect(report[.relation].right == 2 && report[.relation].count == 2)
    #expect(report[.colour].right == 2 && report[.colour].count == 3)
    #expect(report[.accessory].count == 0 && report[.accessory].estimate.value == 0)
    #expect(report[.colour].estimate == Estimate(right: 2, of: 3))
  }

  @Test func `pictures with NaN are an error; a wrong size violates a precondition`() async throws {
    let judge = try JudgeNet(Pretrained.judge())
    let scene = try Scene(caption: "a red star")
    #expect(throws: EvaluationError.nonFinite(what: "the pictures", place: 0)) {
      try judge.matches(Tensor(repeating: .nan, shape: [1, 3, 64, 64]), [scene])
    }
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let scene = try Scene(caption: "a red star")
      _ = try JudgeNet(Pretrained.judge()).matches(Tensor.zeros([1, 3, 32, 32]), [scene])
    }
    #expect(
      lastWords(result).contains(
        "judged pictures: expected shape [1, 3, 64, 64], got [1, 3, 32, 32]"))
  }
}
