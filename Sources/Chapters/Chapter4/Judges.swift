// Does a picture show what its caption says?

import ClassifierTraining
import DALLE
import Foundation
import Images
import Notebook
import Pretrained
import StickerJudge
import StickerWorld
import TensorCore
import VisionTransformer

/// The judge, which checks every claim of a caption, and chapter 1's classifier, which reads single
/// stickers. Both are independent of the transformer.
struct Judges {
  private let judge: JudgeNet
  private let classifier: AttributeClassifier

  init() throws {
    judge = try JudgeNet(Pretrained.judge())
    classifier = try Pretrained.classifier()
  }

  /// Draws a picture for each of the first `count` captions of a split, and judges them.
  func score(
    _ name: String, _ split: StickerWorld.Split, _ count: Int, _ options: SamplingOptions,
    seed: UInt64, _ painter: Painter
  ) throws -> Score {
    let samples = (0..<count).map { StickerWorld.sample(split, seed: seed, index: $0) }
    let codes = try painter.draw(samples.map(\.caption), seed: seed, options)
    return score(name, painter.decode(codes), samples.map(\.scene))
  }

  /// Judges pictures [n, 3, 64, 64] of scenes.
  func score(_ name: String, _ pictures: Tensor, _ scenes: [Scene]) -> Score {
    let verdicts = zip(judge.judge(Image.pictures(of: pictures)), scenes).map { $0.shows($1) }
    func share(_ attributes: Set<Attribute>) -> Double {
      let claims = verdicts.flatMap(\.claims).filter { attributes.contains($0.attribute) }
      return Double(claims.count(where: \.isTrue)) / Double(max(claims.count, 1))
    }
    return Score(
      name: name, count: scenes.count,
      right: Double(verdicts.count(where: \.isRight)) / Double(scenes.count),
      things: share([.thing, .thing2]), colours: share([.colour, .colour2]),
      places: share([.axis, .position, .size]), backgrounds: share([.background]),
      classified: classified(pictures, scenes))
  }

  /// Which of pictures [n, 3, 64, 64] show all that captions say, for a sheet of them.
  func marks(_ pictures: Tensor, _ captions: [String]) throws -> [PictureMark] {
    try zip(judge.judge(Image.pictures(of: pictures)), captions).map { verdict, caption in
      PictureMark(isRight: verdict.shows(try Scene(caption: caption)).isRight)
    }
  }

  /// How often the classifier reads thing and colour of single stickers as the caption says them;
  /// nil if there are none.
  private func classified(_ pictures: Tensor, _ scenes: [Scene]) -> [Double]? {
    let singles = scenes.indices.filter { scenes[$0].stickers.count == 1 }
    if singles.isEmpty { return nil }
    let answers = withoutGradient {
      classifier(stack(singles.map { pictures.at($0, axis: 0) }, axis: 0))
    }.map { $0.argmax(axis: 1).values }
    let stickers = singles.map { scenes[$0].stickers[0] }
    let things = zip(answers[0], stickers).count { Int($0) == $1.thing.index }
    let colours = zip(answers[1], stickers).count { Int($0) == $1.colour.index }
    return [things, colours].map { Double($0) / Double(singles.count) }
  }
}

/// The judges' verdict on some pictures: shares of claims that are true.
struct Score: Codable {
  let name: String
  let count: Int
  /// The share of pictures that show everything their captions say.
  let right: Double
  let things, colours, places, backgrounds: Double
  /// Thing and colour of single stickers, by chapter 1's classifier.
  let classified: [Double]?

  /// The standard error of `right`.
  var error: Double { (right * (1 - right) / Double(count)).squareRoot() }

  static let headers = [
    "%", "all right", "±", "things", "colours", "places", "grounds", "thing, ch. 1",
    "colour, ch. 1",
  ]

  var row: [any TableValue] {
    let shares = [right, error, things, colours, places, backgrounds] + (classified ?? [])
    let texts = shares.map { String(format: "%.1f", $0 * 100) }
    return [name] + texts + Array(repeating: "", count: 8 - texts.count)
  }
}
