// What is on a picture, held against what a caption says.

import StickerWorld

/// The ground of a picture, and the things on it with their places.
public struct EmojiContent: Sendable {
  /// The ground.
  public let ground: EmojiScene.Ground
  /// The things, in any order.
  public let things: [(thing: EmojiThing, place: EmojiLayout.Place)]

  /// These things on a ground.
  public init(
    ground: EmojiScene.Ground, things: [(thing: EmojiThing, place: EmojiLayout.Place)]
  ) {
    (self.ground, self.things) = (ground, things)
  }

  /// The content of a picture that was drawn by a layout of a scene.
  public init(_ scene: EmojiScene, _ layout: EmojiLayout) {
    (ground, things) = (layout.ground, Array(zip(scene.shown, layout.places)))
  }

  /// Compares the picture with the claims of a caption of `scene`.
  public func shows(_ scene: EmojiScene) -> EmojiVerdict {
    var claims: [EmojiAspect: Bool] = [:]
    if let ground = scene.ground { claims[.ground] = ground == self.ground }
    let seen = things.map(\.thing)
    switch scene.arrangement {
    case .single(let thing, let size, let position):
      claims[.thing] = seen == [thing]
      let first = things.first?.place
      if let size { claims[.size] = first.map { ($0.half < 16.5) == (size == .small) } ?? false }
      if let position { claims[.position] = first?.isIn(position) ?? false }
    case .pair(let first, let relation, let second):
      claims[.thing] = Set(seen) == [first, second] && seen.count == 2
      let places = [first, second].map { thing in things.first { $0.thing == thing }?.place }
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
  /// Whether it lies in a corner, as far as its size allows.
  fileprivate func isIn(_ position: Scene.Position) -> Bool {
    // Layouts move things in corners by 0.6 to 1 of the room, others by 0.3 at most; the grid rounds these to
    // 8 of the 17 points that a small thing has.
    let least = 0.5 * (31 - half)
    let isLeft = position == .topLeft || position == .bottomLeft
    let isTop = position == .topLeft || position == .topRight
    return (isLeft ? 32 - x : x - 32) > least && (isTop ? 32 - y : y - 32) > least
  }
}
