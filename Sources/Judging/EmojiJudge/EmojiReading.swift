// What is on a picture, held against what a caption says.

import EmojiWorld
import StickerWorld

/// What a judge found on a picture.
public struct EmojiReading: Sendable {
  /// A thing and its place.
  public struct Found: Sendable {
    /// What it is.
    public let thing: EmojiThing
    /// Where it is.
    public let place: EmojiLayout.Place
    /// How much of the picture it explains, in squares of colours.
    let gain: Float
    /// 1 if the picture is the drawing there, 0 if it differs from it as much as the bare ground does,
    /// and less if it differs more.
    public let fit: Float

    /// Whether a thing at another place would lie over it.
    func overlaps(_ other: EmojiLayout.Place) -> Bool {
      max(abs(place.x - other.x), abs(place.y - other.y)) < 0.8 * (place.half + other.half)
    }
  }

  /// The ground.
  public let ground: EmojiScene.Ground
  /// The things, the one that explains most first.
  public let found: [Found]

  /// The sizes that things have, half of the longer side, and a little more.
  static let sizes = 9.5...22.5
  /// Below this fit nothing is recognised.
  static let leastFit: Float = 0.65

  /// Whether a thing is there.
  func has(_ thing: EmojiThing) -> Bool { found.contains { $0.thing == thing } }

  /// Compares the picture with the claims of a caption of `scene`.
  public func shows(_ scene: EmojiScene) -> EmojiVerdict {
    var claims: [EmojiAspect: Bool] = [:]
    if let ground = scene.ground { claims[.ground] = ground == self.ground }
    let seen = found.map(\.thing)
    switch scene.arrangement {
    case .single(let thing, let size, let position):
      claims[.thing] = seen == [thing]
      let first = found.first?.place
      if let size { claims[.size] = first.map { ($0.half < 16.5) == (size == .small) } ?? false }
      if let position { claims[.position] = first?.isIn(position) ?? false }
    case .pair(let first, let relation, let second):
      claims[.thing] = Set(seen) == [first, second] && seen.count == 2
      let places = [first, second].map { thing in found.first { $0.thing == thing }?.place }
      if let a = places[0], let b = places[1] {
        let (dx, dy) = (b.x - a.x, b.y - a.y)
        claims[.relation] = relation == .leftOf ? dx > abs(dy) : dy > abs(dx)
      } else {
        claims[.relation] = false
      }
    case .several(let thing, let count):
      claims[.thing] = !seen.isEmpty && Set(seen) == [thing]
      claims[.count] = seen.count == count
    }
    return EmojiVerdict(claims: claims)
  }
}

/// What a caption may say of a picture.
public enum EmojiAspect: String, CaseIterable, Codable, Sendable {
  /// All things that are named are there, and no others.
  case thing
  /// What stands behind them.
  case ground
  /// Where the first of a pair is, seen from the second.
  case relation
  /// Small or big.
  case size
  /// The corner.
  case position
  /// Two or three.
  case count
}

/// Which of a caption's claims are true of a picture.
public struct EmojiVerdict: Equatable, Sendable {
  /// For each aspect that the caption speaks of, whether it is right.
  public let claims: [EmojiAspect: Bool]

  /// Whether all claims are true.
  public var isRight: Bool { claims.values.allSatisfy { $0 } }
}

extension EmojiLayout.Place {
  /// Whether a thing there is in the picture, but for a point.
  var isInside: Bool {
    min(x, y) - half > -1 && max(x, y) + half < 65
  }

  /// Whether it lies in a corner, as far as its size allows.
  fileprivate func isIn(_ position: Scene.Position) -> Bool {
    // Layouts move things in corners by 0.6 to 1 of the room, others by 0.3 at most.
    let least = 0.45 * (31 - half)
    let isLeft = position == .topLeft || position == .bottomLeft
    let isTop = position == .topLeft || position == .topRight
    return (isLeft ? 32 - x : x - 32) > least && (isTop ? 32 - y : y - 32) > least
  }
}
