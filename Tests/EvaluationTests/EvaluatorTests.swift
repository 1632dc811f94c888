import ClassifierTraining
import Foundation
import Images
import Pretrained
import StickerJudge
import StickerWorld
import TensorCore
import Testing
import VisionTransformer

@testable import Evaluation

/// Tests the evaluator on generators whose pictures are known to be right or wrong.
@Suite struct EvaluatorTests {
  private let judge: JudgeNet

  init() throws { judge = try JudgeNet(Pretrained.judge()) }

  /// Candidates of which only the first is right: the others have another background.
  private func firstIsRight(_ caption: String, _ seed: UInt64, _ count: Int) throws -> Tensor {
    let scene = try Scene(caption: caption)
    var pictures: [Image] = []
    for i in 0..<count {
      let background: Background = scene.background == .night ? .snow : .night
      let shown = i == 0 ? scene : Scene(scene.arrangement, background: background)
      pictures.append(shown.render(Layout(for: shown, seed: seed &+ UInt64(i)), size: 64))
    }
    return Tensor(pictures)
  }

  /// A score that is never wrong: the judge's.
  private func judgesScore(_ pictures: Tensor, _ caption: String) throws -> [Float] {
    let scene = try Scene(caption: caption)
    return judge.judge(Image.pictures(of: pictures)).map { $0.score(scene) }
  }

  private func settings(
    _ splits: [StickerWorld.Split], captions: Int = 20, seed: UInt64 = 1
  ) -> EvaluationSettings {
    EvaluationSettings(
      splits: splits, captionsPerSplit: captions, candidates: 4, bestOf: [1, 2, 8], seed: seed)
  }

  /// The share of captions that name a background. For all others every candidate is right.
  private func shareWithBackground(_ split: StickerWorld.Split, _ captions: Int) -> Double {
    let named = (0..<captions).count {
      StickerWorld.sample(split, seed: 1, index: $0).scene.background != nil
    }
    return Double(named) / Double(captions)
  }

  @Test func `a rival is measured like any other, and a panel compares it with the best`() throws {
    // The rival draws every scene with another background.
    let panel = Panel([.init(judge: [8, 8], realism: [8, 8])], seed: 1)
    let report = try Evaluator(
      settings([.validation, .unseenPairs]), judge: judge, classifier: Pretrained.classifier(),
      panel: panel
    ).run(
      candidates: firstIsRight, scores: judgesScore,
      rival: { try self.firstIsRight($0, $1, 2).sliced(axis: 0, 1..<2) })
    let match = try #require(report.measures.captionMatch["validation"])
    #expect(
      abs(try #require(match["rival"]) - (1 - shareWithBackground(.validation, 20))) < 1e-9)
    #expect(try #require(report.measures.frechetDistance["held_out"]?["rival"]) > 0)
    for part in ["validation", "unseenPairs", "held_out"] {
      for question in ["realism", "match"] {
        let shares = try #require(report.votes[part]?[question])
        #expect(abs(shares.ours + shares.rival + shares.neither - 1) < 1e-12)
        #expect(shares.histogram.reduce(0, +) == 20 && shares.histogram.count == 2)
      }
      #expect(report.votes[part]?["realism"]?.neither == 0)
    }
    #expect(report.description.contains("more realistic, best of 4 against the rival"))
    let again = try JSONDecoder().decode(EvaluationReport.self, from: report.json())
    #expect(again == report)
  }

  @Test func `one right candidate of four is found by a score that knows it`() throws {
    let report = try Evaluator(settings([.validation]), judge: judge).run(
      candidates: firstIsRight, scores: judgesScore, reconstruct: { $0 })
    let named = shareWithBackground(.validation, 20)
    let open = 1 - named
    let match = try #require(report.measures.captionMatch["validation"])
    let expected = [
      "real": 1, "reconstructions": 1, "mean_of_samples": open + named / 4,
      "best_of_1": open + named / 4, "best_of_2": open + named / 2, "best_of_4": 1,
      "oracle_of_2": open + named / 2, "oracle_of_4": 1,
    ]
    #expect(Set(match.keys) == Set(expected.keys))
    for (way, share) in expected {
      #expect(abs(try #require(match[way]) - share) < 1e-9, "\(way)")
    }

    // Only captions that name a background can be wrong in it; nothing else is ever wrong.
    let background = try #require(report.measures[.background]["validation"])
    #expect(abs(try #require(background["mean_of_samples"]) - 0.25) < 1e-9)
    #expect(abs(try #require(background["best_of_4"]) - 1) < 1e-9)
    #expect(report.measures[.thing]["validation"]?["mean_of_samples"] == 1)
    #expect(report.captions == ["validation": 20])
    #expect(report.attributeCaptions["background"] == ["validation": Int(20 * named)])
    #expect(report.attributeCaptions["thing"] == ["validation": 20])
    #expect(report.settings.bestOf == [1, 2, 4])
    #expect(report.measures.frechetDistance.isEmpty && report.measures.inceptionScore.isEmpty)

    // The values of captions are 1/4 or 1.
    let error = try #require(
      report.standardErrors.captionMatch["validation"]?["mean_of_samples"])
    #expect(abs(error - 0.75 * (named * open / 19).squareRoot()) < 1e-9)
    let score = try #require(report.measures.clipScore["validation"])
    #expect(try #require(score["best_of_4"]) > #require(score["best_of_1"]))
  }

  @Test func `a score that prefers wrong pictures never finds the right one`() throws {
    let report = try Evaluator(settings([.validation]), judge: judge).run(
      candidates: firstIsRight, scores: { try judgesScore($0, $1).map { -$0 } })
    let open = 1 - shareWithBackground(.validation, 20)
    let match = try #require(report.measures.captionMatch["validation"])
    #expect(abs(try #require(match["best_of_4"]) - open) < 1e-9)
    #expect(abs(try #require(match["best_of_2"]) - open) < 1e-9)
    #expect(match["oracle_of_4"] == 1 && match["reconstructions"] == nil)
  }

  @Test func `held-out splits are also measured together`() throws {
    let splits: [StickerWorld.Split] = [.validation, .unseenColours, .unseenPairs]
    var progress: [Evaluator.Progress] = []
    let report = try Evaluator(settings(splits, captions: 6), judge: judge).run(
      candidates: firstIsRight, scores: judgesScore,
      progress: { progress.append($0) })
    let match = report.measures.captionMatch
    #expect(Set(match.keys) == ["validation", "unseenColours", "unseenPairs", "held_out"])
    #expect(report.captions["held_out"] == 12 && report.captions["validation"] == 6)
    let parts = try ["unseenColours", "unseenPairs"].map {
      try #require(match[$0]?["mean_of_samples"])
    }
    let together = try #require(match["held_out"]?["mean_of_samples"])
    #expect(abs(together - (parts[0] + parts[1]) / 2) < 1e-12)
    #expect(progress.map(\.done) == Array(1...18) && progress.allSatisfy { $0.total == 18 })
    #expect(progress.allSatisfy { $0.choice.match.isRight && $0.captionMatch.value == 1 })
    for step in progress {
      let scene = try Scene(caption: step.caption)
      #expect(scene.split == step.split)
      #expect(step.rightCandidates == (scene.background == nil ? 4 : 1))
    }
  }

  @Test func `the report is written as JSON and as a table`() throws {
    var random = Random(seed: 5)
    let tiny = ViTConfiguration(imageSize: 64, patch: 32, width: 8, layers: 1, heads: 2)
    let evaluator = Evaluator(
      settings([.validation, .unseenAccessories], captions: 5), judge: judge,
      classifier: AttributeClassifier(stickers: tiny, &random))
    func run() throws -> EvaluationReport {
      try evaluator.run(
        candidates: firstIsRight, scores: judgesScore, reconstruct: { $0 })
    }
    let report = try run()
    #expect(try run() == report)

    let frechet = try #require(report.measures.frechetDistance["validation"])
    #expect(
      Set(frechet.keys) == ["reconstructions", "best_of_1", "best_of_2", "best_of_4"])
    #expect(abs(try #require(frechet["reconstructions"])) < 1e-6)
    #expect(try #require(frechet["best_of_4"]) > 0)
    let scores = try #require(report.measures.inceptionScore["held_out"])
    #expect(scores.count == 5 && scores.values.allSatisfy { (1...14).contains($0) })

    #expect(report.standardErrors.inceptionScore.isEmpty)

    let json = try report.json()
    #expect(try JSONDecoder().decode(EvaluationReport.self, from: json) == report)
    let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    let match = try #require(object["caption_match"] as? [String: [String: Double]])
    #expect(match["validation"]?["best_of_4"] == 1 && match["held_out"]?["best_of_4"] == 1)
    #expect(object["candidates"] as? Int == 4 && object["seed"] as? Int == 1)
    let errors = try #require(object["standard_error"] as? [String: Any])
    #expect(errors["caption_match"] is [String: [String: Double]])

    let lines = report.description.split(separator: "\n").map(String.init)
    #expect(lines[0].hasSuffix("held out") && lines[0].contains("unseenAccessories"))
    #expect(lines[1] == "caption match, %")
    #expect(lines.contains { $0.hasPrefix("  best of 4") && $0.contains("100.0 ± 0.0") })
    #expect(
      lines.last
        == "captions: validation 5, unseenAccessories 5, held out 5; 4 candidates each, seed 1")
  }

  @Test func `what cannot be measured is an error`() throws {
    let evaluator = Evaluator(settings([.validation], captions: 2), judge: judge)
    #expect(throws: EvaluationError.self) {
      try evaluator.run(
        candidates: { _, _, n in Tensor(repeating: .nan, shape: [n, 3, 64, 64]) },
        scores: judgesScore)
    }
    #expect(throws: EvaluationError.self) {
      try evaluator.run(
        candidates: firstIsRight,
        scores: { pictures, _ in
          [Float](repeating: .nan, count: pictures.shape[0])
        })
    }
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try evaluator.run(candidates: { _, _, _ in throw Stop() }, scores: judgesScore)
    }
    var random = Random(seed: 5)
    let tiny = ViTConfiguration(imageSize: 64, patch: 32, width: 8, layers: 1, heads: 2)
    let single = Evaluator(
      settings([.validation], captions: 1), judge: judge,
      classifier: AttributeClassifier(stickers: tiny, &random))
    let error = EvaluationError.tooFewPictures(
      measure: "the evaluation of a split", pictures: 1, needed: 2)
    #expect(throws: error) { try single.run(candidates: firstIsRight, scores: judgesScore) }
  }

  @Test func `a wrong number of candidates violates a precondition`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let settings = EvaluationSettings(captionsPerSplit: 1, candidates: 4)
      _ = try Evaluator(settings, judge: try JudgeNet(Pretrained.judge())).run(
        candidates: { _, _, _ in Tensor.zeros([3, 3, 64, 64]) }, scores: { _, _ in [] })
    }
    #expect(lastWords(result).contains("expected shape [4, 3, 64, 64], got [3, 3, 64, 64]"))
  }

  @Test func `any number of pictures can be described`() {
    var random = Random(seed: 6)
    let tiny = ViTConfiguration(imageSize: 64, patch: 32, width: 8, layers: 1, heads: 2)
    let classifier = AttributeClassifier(stickers: tiny, &random)
    let pictures = Tensor.uniform([70, 3, 64, 64], 0, 1, &random)
    let (features, things) = classifier.describe(pictures)
    #expect(features.shape == [70, 8] && things.shape == [70, Thing.allCases.count])
    #expect(things.sum(axis: 1).scalars.allSatisfy { abs($0 - 1) < 1e-5 })
    let last = classifier.features(pictures.sliced(axis: 0, 69..<70)).scalars
    #expect(zip(features.at(69, axis: 0).scalars, last).allSatisfy { abs($0 - $1) < 1e-5 })
  }
}
