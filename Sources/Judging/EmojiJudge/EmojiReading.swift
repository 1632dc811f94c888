// What a judge finds on a picture.

import EmojiWorld

/// What a judge found on a picture.
public struct EmojiReading: Sendable {
  /// A thing and its place.
  public struct Found: Sendable {
    /// What it is.
    public let thing: EmojiThing
    /// Where it is.
    public let place: EmojiLayout.Place
    /// What orders the things of a picture: how much it explains, in squares of colours; to a network,
    /// its chance.
    let gain: Float
    /// 1 if the picture is the drawing there, 0 if it differs from it as much as the bare ground does,
    /// and less if it differs more; to a network, its chance.
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
  static let leastFit: Float = 0.75

  /// Whether a thing is there.
  func has(_ thing: EmojiThing) -> Bool { found.contains { $0.thing == thing } }

  /// Compares the picture with the claims of a caption of `scene`.
  public func shows(_ scene: EmojiScene) -> EmojiVerdict {
    EmojiContent(ground: ground, things: found.map { ($0.thing, $0.place) }).shows(scene)
  }
}

extension EmojiLayout.Place {
  /// Whether a thing there is in the picture, but for a point.
  var isInside: Bool {
    min(x, y) - half > -1 && max(x, y) + half < 65
  }
}
