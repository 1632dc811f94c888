// All that a caption leaves open about its picture and that is drawn at random: exact places and
// sizes, tilts, and the details of the background.

import TensorCore

/// The exact place of everything in a scene. Lengths are in points: every picture is 64 points
/// wide and high, however many pixels it has.
public struct Layout: Hashable, Codable, Sendable {
  /// The place of a sticker.
  public struct Placement: Hashable, Codable, Sendable {
    /// The centre of the sticker, from the left and from the top.
    public var x, y: Float
    /// Half the sticker's width without its border.
    public var radius: Float
    /// Clockwise tilt in degrees.
    public var tilt: Float
  }

  /// One placement for each of the scene's stickers.
  public var placements: [Placement]
  /// The scene's background, or a random one where the scene names none.
  public var background: Background
  /// The seed of clouds, stars, waves and hills.
  public var details: UInt64

  /// A random layout for `scene`.
  public init(for scene: Scene, using random: inout Random) {
    switch scene.arrangement {
    case .single(_, let size, let position, let accessory):
      placements = [Placement(size: size, position: position, using: &random)]
      if accessory != nil { placements[0].makeRoom() }
    case .pair(_, let relation, _):
      let near = Placement(pairSide: -1, relation, using: &random)
      placements = [near, Placement(pairSide: 1, relation, using: &random)]
    }
    background = scene.background ?? random.element(of: Background.allCases)
    details = random.next()
  }

  /// The layout number `seed` of `scene`.
  public init(for scene: Scene, seed: UInt64) {
    var random = Random(seed: seed).split("layout")
    self.init(for: scene, using: &random)
  }
}

extension Layout.Placement {
  /// A single sticker: around the middle, or towards a corner as far as its size allows.
  init(size: Scene.Size?, position: Scene.Position?, using random: inout Random) {
    switch size {
    case .small: radius = random.uniform(10.5, 12)
    case .big: radius = random.uniform(19, 21)
    case nil: radius = random.uniform(10.5, 21)
    }
    // Room between the sticker with its border and the edge of the picture.
    let room = 32 - radius - 3
    let away = position == nil ? 0 : room * 0.8
    let loose = room * (position == nil ? 0.3 : 0.2)
    let isLeft = position == .topLeft || position == .bottomLeft
    let isTop = position == .topLeft || position == .topRight
    x = 32 + (isLeft ? -away : away) + random.uniform(-loose, loose)
    y = 32 + (isTop ? -away : away) + random.uniform(-loose, loose)
    tilt = random.uniform(-8, 8)
  }

  /// The first (`pairSide` −1) or second (1) sticker of a pair.
  init(pairSide side: Float, _ relation: Scene.Relation, using random: inout Random) {
    let along = 32 + side * 15.2 + random.uniform(-1, 1)
    let across = 32 + random.uniform(-3, 3)
    x = relation == .leftOf ? along : across
    y = relation == .leftOf ? across : along
    radius = random.uniform(12, 13)
    tilt = random.uniform(-8, 8)
  }

  /// Lowers the sticker so that there is room for a hat, makes a big one smaller, and a small
  /// one a little larger, for its hat to be seen.
  mutating func makeRoom() {
    let lowered = y + 0.2 * radius
    radius = 5.5 + 0.6 * radius
    // With its hat it reaches from 1.4 radii above its centre to one below; the border needs 3.
    y = max(1.4 * radius + 3, min(61 - radius, lowered))
  }
}
