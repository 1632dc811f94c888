// Captions that are nearly right. A CLIP must see them to learn which colour belongs to which
// thing, and what is on which side.

import StickerWorld
import TensorCore

/// A way to make a caption of a sticker scene wrong.
public enum HardNegative: String, CaseIterable, Sendable {
  /// The colours of a pair swapped.
  case colourSwap
  /// The stickers of a pair swapped: left becomes right.
  case orderSwap
  /// Beside instead of above, or vice versa.
  case relation
  /// Another thing.
  case thing
  /// Another colour.
  case colour
  /// Another background.
  case background
  /// Big instead of small, or vice versa.
  case size
  /// Another corner.
  case position
  /// An accessory of another colour or kind, or none.
  case accessory

  /// `scene` with one thing wrong; nil if it cannot be wrong in this way.
  public func corrupt(_ scene: Scene, using random: inout Random) -> Scene? {
    var scene = scene
    switch (self, scene.arrangement) {
    case (.background, _):
      guard let background = scene.background else { return nil }
      scene.background = other(than: background, using: &random)
    case (.colourSwap, .pair(let first, let relation, let second)):
      if first.colour == second.colour || first.thing == second.thing { return nil }
      scene.arrangement = .pair(
        first: Sticker(second.colour, first.thing), relation,
        second: Sticker(first.colour, second.thing))
    case (.orderSwap, .pair(let first, let relation, let second)):
      if first == second { return nil }
      scene.arrangement = .pair(first: second, relation, second: first)
    case (.relation, .pair(let first, let relation, let second)):
      scene.arrangement = .pair(
        first: first, relation == .above ? .leftOf : .above, second: second)
    case (.thing, _), (.colour, _): changeSticker(of: &scene, using: &random)
    case (.size, .single(let sticker, let size?, let position, let accessory)):
      scene.arrangement = .single(
        sticker, size: other(than: size, using: &random), position: position, wearing: accessory)
    case (.position, .single(let sticker, let size, let position?, let accessory)):
      scene.arrangement = .single(
        sticker, size: size, position: other(than: position, using: &random), wearing: accessory)
    case (.accessory, .single(let sticker, let size, let position, let accessory?)):
      let changed: Accessory? =
        switch random.integer(below: 4) {
        case 0: nil
        case 1: Accessory(accessory.colour, accessory.kind == .hat ? .bow : .hat)
        default: Accessory(other(than: accessory.colour, using: &random), accessory.kind)
        }
      scene.arrangement = .single(sticker, size: size, position: position, wearing: changed)
    default: return nil
    }
    return scene
  }

  /// Gives one of the stickers another thing or colour.
  private func changeSticker(of scene: inout Scene, using random: inout Random) {
    func changed(_ sticker: Sticker) -> Sticker {
      self == .thing
        ? Sticker(sticker.colour, other(than: sticker.thing, using: &random))
        : Sticker(other(than: sticker.colour, using: &random), sticker.thing)
    }
    switch scene.arrangement {
    case .single(let sticker, let size, let position, let accessory):
      scene.arrangement = .single(
        changed(sticker), size: size, position: position, wearing: accessory)
    case .pair(let first, let relation, let second):
      scene.arrangement =
        random.integer(below: 2) == 0
        ? .pair(first: changed(first), relation, second: second)
        : .pair(first: first, relation, second: changed(second))
    }
  }

  /// A scene of the train split with one thing wrong; nil if there is none, or if 64 draws did not
  /// meet one. What is held out from training must not be learnt as a wrong answer either.
  package func corruptWithinTraining(_ scene: Scene, using random: inout Random) -> Scene? {
    for _ in 0..<64 {
      guard let corrupted = corrupt(scene, using: &random) else { return nil }
      if corrupted.split == .train { return corrupted }
    }
    return nil
  }

  /// Scenes of the train split that differ from `scene` in one way: for a pair up to three, first
  /// the swaps, which only binding can tell apart; for a single sticker up to two. A caption that
  /// names only one attribute can only be wrong about that.
  static func some(
    for scene: Scene, _ detail: Detail = .everything, using random: inout Random
  ) -> [Scene] {
    var kinds = detail.negatives
    if kinds.count == 1 { kinds.append(kinds[0]) }
    random.shuffle(&kinds)
    let binding = kinds.filter { [.colourSwap, .orderSwap].contains($0) }
    let ordered = binding + kinds.filter { !binding.contains($0) }
    var scenes: [Scene] = []
    let isPair = scene.stickers.count == 2
    for kind in ordered where scenes.count < (isPair ? 3 : 2) {
      if let wrong = kind.corruptWithinTraining(scene, using: &random) { scenes.append(wrong) }
    }
    return scenes
  }
}

/// One of the other values.
private func other<Value: CaseIterable & Equatable>(
  than value: Value, using random: inout Random
) -> Value {
  let others = Value.allCases.filter { $0 != value }
  return others[random.integer(below: others.count)]
}
