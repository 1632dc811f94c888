// Which scenes training never sees, by rules that look at the scene alone.

import StickerWorld
import TensorCore

/// The parts of the world. A scene belongs to at most one part: to none if several of its combinations
/// are held out.
public enum EmojiSplit: String, CaseIterable, Codable, Sendable {
  /// The scenes for training.
  case train
  /// Scenes like those for training, which never sees them: one in sixteen.
  case validation
  /// Two things that never meet in training: one pair in ten.
  case unseenPairs
  /// A size that training never names for a thing: half of the things are never called small, or never big.
  case unseenSizes
  /// A thing in the corner in which training never shows it.
  case unseenPlaces
}

extension EmojiScene {
  /// The only part of the world that may show this scene.
  public var split: EmojiSplit? {
    switch (hasHeldOutPair, hasHeldOutSize, hasHeldOutPlace) {
    case (false, false, false):
      var coin = Random(seed: 0).split(description)
      return coin.integer(below: 16) == 0 ? .validation : .train
    case (true, false, false): return .unseenPairs
    case (false, true, false): return .unseenSizes
    case (false, false, true): return .unseenPlaces
    default: return nil
    }
  }

  private var hasHeldOutPair: Bool {
    guard case .pair(let first, _, let second) = arrangement else { return false }
    // Whichever is named first. The first two never meet, so that every world has such a pair.
    let (low, high) = (min(first.number, second.number), max(first.number, second.number))
    var coin = Random(seed: 0).split("pair/\(low)/\(high)")
    return (low, high) == (0, 1) || coin.integer(below: 10) == 0
  }

  private var hasHeldOutSize: Bool {
    guard case .single(let thing, let size?, _) = arrangement else { return false }
    return thing.number % 4 == 0 && size == .small || thing.number % 4 == 2 && size == .big
  }

  private var hasHeldOutPlace: Bool {
    guard case .single(let thing, _, let position?) = arrangement else { return false }
    let corners = Scene.Position.allCases
    return corners[thing.number / 4 % corners.count] == position
  }
}
