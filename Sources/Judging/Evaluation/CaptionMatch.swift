// Whether a picture shows what its caption says, according to the judge.

import Images
import StickerJudge
import StickerWorld
import TensorCore

/// One aspect of what a caption says.
public enum Aspect: String, CaseIterable, Codable, Sendable {
  /// All things that are named, wherever they are.
  case thing
  /// All colours of things, whichever thing has them.
  case colour
  /// The background.
  case background
  /// That there are two things, and where the first is relative to the second.
  case relation
  /// What is worn, and its colour.
  case accessory
  /// Small or big.
  case size
  /// The corner.
  case position
}

/// A judge's verdict on one picture and one caption.
public struct CaptionMatch: Equatable, Sendable {
  /// Whether everything that the caption says is true. That is more than every aspect alone: things
  /// and colours must also belong together, and no accessory may appear that the caption does not
  /// mention.
  public let isRight: Bool
  /// For each aspect that the caption mentions, whether it is right, taken alone.
  public let aspects: [Aspect: Bool]

  /// Whether there are as many things as the caption names, and a hat or bow if it names one.
  public let isOfItsKind: Bool
  /// For a caption of two things, whether both are there, each in its colour, wherever they are.
  public let isBound: Bool?

  /// Compares a reading of a picture with a caption's scene.
  public init(_ reading: Reading, _ scene: Scene) {
    let verdict = reading.shows(scene)
    var aspects: [Aspect: Bool] = [
      .background: verdict.isRight(.background),
      .size: verdict.isRight(.size),
      .position: verdict.isRight(.position),
    ].compactMapValues { $0 }
    let isOfItsKind = verdict.isRight(.kind) == true
    var isBound: Bool?
    if case .pair(let first, _, let second) = scene.arrangement {
      let pair = PairReading(reading)
      let things = [first.thing.index, second.thing.index]
      let colours = [first.colour.index, second.colour.index]
      aspects[.thing] = pair.things.sorted() == things.sorted()
      aspects[.colour] = pair.colours.sorted() == colours.sorted()
      let isInOrder =
        pair.agreement(things, colours) >= pair.agreement(things.reversed(), colours.reversed())
      aspects[.relation] = isOfItsKind && verdict.isRight(.axis) == true && isInOrder
      isBound = isOfItsKind && pair.isBound(things, colours)
    } else {
      aspects[.thing] = verdict.isRight(.thing)
      aspects[.colour] = verdict.isRight(.colour)
      if let isRight = verdict.isRight(.accessory) {
        aspects[.accessory] = isOfItsKind && isRight && verdict.isRight(.accessoryColour) == true
      }
    }
    self.isRight = verdict.isRight
    self.aspects = aspects
    self.isOfItsKind = isOfItsKind
    self.isBound = isBound
  }
}

/// The two stickers that a judge sees, the upper or the left one first.
private struct PairReading {
  let things: [Int]
  let colours: [Int]

  init(_ reading: Reading) {
    things = [reading.answer(.thing), reading.answer(.thing2)]
    colours = [reading.answer(.colour), reading.answer(.colour2)]
  }

  /// Whether the two are these things in these colours, in any order.
  func isBound(_ things: [Int], _ colours: [Int]) -> Bool {
    let seen = Array(zip(self.things, self.colours))
    let said = Array(zip(things, colours))
    return zip(seen, said).allSatisfy { $0 == $1 }
      || zip(seen, said.reversed()).allSatisfy { $0 == $1 }
  }

  /// The number of answers that agree, of four.
  func agreement(_ things: [Int], _ colours: [Int]) -> Int {
    zip(self.things + self.colours, things + colours).count { $0 == $1 }
  }
}

extension JudgeNet {
  /// Compares pictures [n, 3, 64, 64] in 0 … 1 with the scenes of their n captions.
  ///
  /// Throws `EvaluationError.nonFinite` if a pixel is NaN or infinite.
  public func matches(
    _ pictures: Tensor, _ scenes: [Scene]
  ) throws(EvaluationError) -> [CaptionMatch] {
    pictures.expect(scenes.count, 3, JudgeNet.size, JudgeNet.size, name: "judged pictures")
    try pictures.checkFinite("the pictures")
    let readings = judge(Image.pictures(of: pictures))
    return zip(readings, scenes).map { CaptionMatch($0, $1) }
  }
}

/// The shares of pictures that show what their captions say.
public struct CaptionMatchReport: Codable, Equatable, Sendable {
  /// Counts of cases that were judged, and of those that were right.
  public struct Share: Codable, Equatable, Sendable {
    /// The number of right cases.
    public private(set) var right = 0
    /// The number of all cases.
    public private(set) var count = 0

    /// The share right / count with its binomial standard error.
    public var estimate: Estimate { Estimate(right: right, of: count) }

    mutating func add(_ isRight: Bool) {
      count += 1
      if isRight { right += 1 }
    }
  }

  /// Pictures on which everything is right.
  public private(set) var everything = Share()
  /// The same for each aspect alone, over pictures whose captions mention it.
  private var aspects: [String: Share] = [:]

  /// Counts some matches.
  public init(_ matches: [CaptionMatch] = []) {
    for match in matches { add(match) }
  }

  /// Counts one more picture.
  public mutating func add(_ match: CaptionMatch) {
    everything.add(match.isRight)
    for (aspect, isRight) in match.aspects {
      aspects[aspect.rawValue, default: Share()].add(isRight)
    }
  }

  /// The pictures on which one aspect is right, of those whose captions mention it.
  public subscript(aspect: Aspect) -> Share { aspects[aspect.rawValue] ?? Share() }
}
