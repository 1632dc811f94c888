// All that a caption leaves open: exact places and sizes, and the ground if it names none.

import StickerWorld
import TensorCore

/// How freely things are placed.
public enum EmojiPlacement: String, CaseIterable, Sendable {
  /// Middles are 8 points apart, and a thing is 28 or 40 points large. A model with a code for each 8×8
  /// pixels then sees an equally large thing as the same codes wherever it is.
  case grid
  /// Anywhere, and as large as there is room for: no two pictures of a thing are the same.
  case free
}

/// The exact place of everything in a scene, in points: every picture is 64 points wide and high.
public struct EmojiLayout: Hashable, Sendable {
  /// The middle of a thing from the left and from the top, and half of its longer side.
  public struct Place: Hashable, Sendable {
    /// In points.
    public fileprivate(set) var x, y, half: Double

    /// A thing in the middle of (x, y) whose longer side has twice `half` points.
    public init(x: Double, y: Double, half: Double) {
      precondition(
        x.isFinite && y.isFinite && half.isFinite && half > 0,
        "a place is finite, and its half above 0, got (\(x), \(y)) and \(half)")
      (self.x, self.y, self.half) = (x, y, half)
    }
  }

  /// A place for each thing that is to be seen.
  public var places: [Place]
  /// The scene's ground, or a random one where the scene names none.
  public var ground: EmojiScene.Ground

  /// The layout number `seed` of `scene`, on the grid or anywhere.
  public init(for scene: EmojiScene, _ placement: EmojiPlacement = .grid, seed: UInt64) {
    var random = Random(seed: seed).split("layout")
    self.init(for: scene, placement, using: &random)
  }

  /// A random layout for `scene`, on the grid or anywhere.
  public init(
    for scene: EmojiScene, _ placement: EmojiPlacement = .grid, using random: inout Random
  ) {
    func uniform(_ range: ClosedRange<Double>) -> Double {
      Double(random.uniform(Float(range.lowerBound), Float(range.upperBound)))
    }
    func near(_ x: Double, _ y: Double, loose: Double, half: ClosedRange<Double>) -> Place {
      Place(
        x: x + uniform(-loose...loose), y: y + uniform(-loose...loose), half: uniform(half))
    }
    switch scene.arrangement {
    case .single(_, let size, let position):
      let half: ClosedRange<Double> =
        switch size {
        case .small: 11...14
        case .big: 19...21
        case nil: 11...21
        }
      var place = Place(x: 32, y: 32, half: uniform(half))
      // Room between the thing and the edge of the picture.
      let room = 31 - place.half
      let away = position == nil ? 0 : 0.8 * room
      let loose = room * (position == nil ? 0.3 : 0.2)
      let isLeft = position == .topLeft || position == .bottomLeft
      let isTop = position == .topLeft || position == .topRight
      place.x += (isLeft ? -away : away) + uniform(-loose...loose)
      place.y += (isTop ? -away : away) + uniform(-loose...loose)
      places = [place]
    case .pair(_, let relation, _):
      let across = [32 + uniform(-3...3), 32 + uniform(-3...3)]
      places = [-15.5, 15.5].enumerated().map { i, side in
        relation == .leftOf
          ? near(32 + side, across[i], loose: 1, half: 13...14.5)
          : near(across[i], 32 + side, loose: 1, half: 13...14.5)
      }
    case .several(_, let count):
      let points: [(Double, Double)] =
        count == 3
        ? [(32, 16), (16, 48), (48, 48)]
        : random.integer(below: 2) == 0 ? [(16, 32), (48, 32)] : [(32, 16), (32, 48)]
      places = points.map { near($0.0, $0.1, loose: 2, half: 11.5...13) }
    }
    let grounds = EmojiScene.Ground.allCases
    ground = scene.ground ?? grounds[random.integer(below: grounds.count)]
    if placement == .grid {
      let isInCorner = if case .single(_, _, .some) = scene.arrangement { true } else { false }
      places = places.map { $0.onGrid(isInCorner) }
    }
  }
}

extension EmojiLayout.Place {
  /// The nearest place of the grid, which has 8×8 squares, or in a corner the outermost one. A small thing covers
  /// 4×4 squares and has its middle where four of them meet, a big one covers 5×5 and has it in the middle of one.
  fileprivate func onGrid(_ isInCorner: Bool) -> Self {
    let isSmall = half < 17
    let (first, last): (Double, Double) = isSmall ? (16, 48) : (20, 44)
    func snapped(_ z: Double) -> Double {
      if isInCorner { return z < 32 ? first : last }
      return min(max(first + 8 * ((z - first) / 8).rounded(), first), last)
    }
    return Self(x: snapped(x), y: snapped(y), half: isSmall ? 14 : 20)
  }
}
