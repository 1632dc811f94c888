// What a caption says about a picture of emoji, and the grammar of captions.

import StickerWorld
import TensorCore

/// What a caption says; `nil` means that it leaves something open.
///
///     let scene = EmojiScene(.pair(first: fox, .above, second: pizza), ground: .night)
///     print(scene)  // a fox above a pizza at night
public struct EmojiScene: Hashable, Sendable {
  /// The things of a picture.
  public enum Arrangement: Hashable, Sendable {
    /// One thing.
    case single(EmojiThing, size: Scene.Size?, position: Scene.Position?)
    /// Two different things, the first above or to the left of the second.
    case pair(first: EmojiThing, Scene.Relation, second: EmojiThing)
    /// Two or three of a thing.
    case several(EmojiThing, count: Int)
  }

  /// What stands behind the things.
  public enum Ground: String, CaseIterable, Sendable {
    case white, pink, yellow, sky, grass, night

    /// Its phrases in captions, the plainest one first.
    public var phrases: [String] {
      switch self {
      case .white, .pink, .yellow: ["on a \(rawValue) background", "on \(rawValue)"]
      case .sky: ["in the sky", "under a blue sky"]
      case .grass: ["on the grass", "in a meadow"]
      case .night: ["at night", "under the stars"]
      }
    }
  }

  /// The things of the picture.
  public let arrangement: Arrangement
  /// What stands behind them.
  public let ground: Ground?

  /// The scene of `arrangement` before `ground`; nil stands for any.
  public init(_ arrangement: Arrangement, ground: Ground?) {
    switch arrangement {
    case .single: break
    case .pair(let first, _, let second):
      precondition(first != second, "a pair has two different things, got two of \(first.name)")
    case .several(let thing, let count):
      precondition(
        (2...3).contains(count), "several are two or three, got \(count) of \(thing.name)")
    }
    (self.arrangement, self.ground) = (arrangement, ground)
  }

  /// The different things, in the order in which they are named.
  public var things: [EmojiThing] {
    switch arrangement {
    case .single(let thing, _, _), .several(let thing, _): [thing]
    case .pair(let first, _, let second): [first, second]
    }
  }
}

extension EmojiScene: CustomStringConvertible {
  /// Every caption of the scene, the plainest one first.
  public var captions: [String] {
    guard let ground else { return subjects }
    return ground.phrases.flatMap { phrase in subjects.map { "\($0) \(phrase)" } }
      + ground.phrases.flatMap { phrase in subjects.map { "\(phrase), \($0)" } }
  }

  /// The plainest caption.
  public var description: String { captions[0] }

  private var subjects: [String] {
    switch arrangement {
    case .single(let thing, let size, let position):
      let subjects = size?.phrases.map { "a \($0) \(thing.name)" } ?? [thing.name.withArticle]
      guard let position else { return subjects }
      return position.phrases.flatMap { phrase in subjects.map { "\($0) \(phrase)" } }
    case .pair(let first, let relation, let second):
      let (a, b) = (first.name.withArticle, second.name.withArticle)
      return relation.phrases.map { "\(a) \($0) \(b)" }
        + relation.reversePhrases.map { "\(b) \($0) \(a)" }
    case .several(let thing, let count): return ["\(count == 2 ? "two" : "three") \(thing.plural)"]
    }
  }
}
