// How far a judge may be trusted: pictures of which the content is known.

import EmojiWorld
import Evaluation
import Images
import StickerJudge
import TensorCore

/// An exam for a reader of emoji pictures.
///
///     let exam = EmojiExam(world, pictures: 256, seed: 5)
///     for (kind, share) in exam.run(judge) { print(kind.rawValue, share) }
public struct EmojiExam {
  /// The kinds of pictures.
  public enum Kind: String, CaseIterable, Sendable {
    /// As the world draws them; their captions are true.
    case real
    /// At half of the width and height, and back.
    case softened
    /// Through a dVAE.
    case reconstructed
    /// With a caption that is wrong in one respect, which must be found out.
    case mistaken
    /// A thing is blended with another one, so that it is neither.
    case blended

    /// Whether the caption of such a picture is true.
    public var isTrue: Bool { [.real, .softened, .reconstructed].contains(self) }
  }

  private let cases: [(kind: Kind, picture: Image, scene: EmojiScene)]

  /// So many pictures of each kind, of all splits in turn. Without a way to `reconstruct` that kind is
  /// left out.
  public init(
    _ world: EmojiWorld, pictures count: Int, seed: UInt64,
    reconstruct: (([Image]) -> [Image])? = nil
  ) {
    let splits = EmojiSplit.allCases
    let samples = (0..<count).map {
      world.sample(splits[$0 % splits.count], seed: seed, index: $0)
    }
    let real = parallelMap(samples.indices) {
      world.render(samples[$0].scene, samples[$0].layout)
    }
    var cases: [(kind: Kind, picture: Image, scene: EmojiScene)] = []
    let back = reconstruct?(real)
    for (i, sample) in samples.enumerated() {
      var random = Random(seed: seed).split("exam").split(i)
      cases.append((.real, real[i], sample.scene))
      let half = real[i].resized(width: 32, height: 32, .area)
      cases.append(
        (.softened, half.resized(width: 64, height: 64, .bilinear(antialias: false)), sample.scene))
      if let back { cases.append((.reconstructed, back[i], sample.scene)) }
      let content = EmojiContent(sample.scene, sample.layout)
      let wrong = EmojiMistake.some(3, for: sample.scene, things: world.things, using: &random)
      // By chance it may be true: of a thing whose size its caption leaves open, for instance.
      if let scene = wrong.first(where: { !content.shows($0).isRight }) {
        cases.append((.mistaken, real[i], scene))
      }
      if let other = EmojiMistake.thing.corrupt(sample.scene, things: world.things, using: &random)
      {
        let picture = real[i].blended(with: world.render(other, sample.layout))
        cases.append((.blended, picture, sample.scene))
      }
    }
    self.cases = cases
  }

  /// The share of each kind that is read rightly: a true caption is found true, a wrong one wrong.
  public func run(_ reader: some EmojiReader) -> [(kind: Kind, right: Estimate)] {
    let readings = reader.read(cases.map(\.picture))
    return Kind.allCases.compactMap { kind in
      let verdicts = zip(cases, readings).filter { $0.0.kind == kind }
        .map { $0.1.shows($0.0.scene).isRight == kind.isTrue }
      return verdicts.isEmpty
        ? nil : (kind, Estimate(right: verdicts.count { $0 }, of: verdicts.count))
    }
  }
}

extension Image {
  /// The mean of two pictures of the same size.
  func blended(with other: Image) -> Image {
    var result = self
    for i in pixels.indices {
      result.pixels[i] = UInt8((Int(pixels[i]) + Int(other.pixels[i])) / 2)
    }
    return result
  }
}
