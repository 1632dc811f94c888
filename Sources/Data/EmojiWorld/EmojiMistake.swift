// Captions that are nearly right: wrong in one respect.

import StickerWorld
import TensorCore

/// A way to make the caption of a scene wrong.
public enum EmojiMistake: String, CaseIterable, Sendable {
  /// Another thing in the place of one.
  case thing
  /// The things of a pair exchanged.
  case order
  /// Beside in place of above, or above in place of beside.
  case relation
  /// Another ground.
  case ground
  /// Big in place of small, or small in place of big.
  case size
  /// Another corner.
  case position
  /// Two in place of three, or three in place of two.
  case count

  /// `scene` with one thing wrong; nil if it cannot be wrong in this way. Other things are from `things`.
  public func corrupt(
    _ scene: EmojiScene, things: [EmojiThing], using random: inout Random
  ) -> EmojiScene? {
    func other<T: Equatable>(than value: T, in values: [T]) -> T {
      let others = values.filter { $0 != value }
      return others[random.integer(below: others.count)]
    }
    switch (self, scene.arrangement) {
    case (.ground, _):
      guard let ground = scene.ground else { return nil }
      return EmojiScene(
        scene.arrangement, ground: other(than: ground, in: EmojiScene.Ground.allCases))
    case (.thing, .single(let thing, let size, let position)):
      return EmojiScene(
        .single(other(than: thing, in: things), size: size, position: position),
        ground: scene.ground)
    case (.thing, .pair(let first, let relation, let second)):
      let strangers = things.filter { $0 != first && $0 != second }
      if strangers.isEmpty { return nil }
      let stranger = strangers[random.integer(below: strangers.count)]
      let isFirst = random.integer(below: 2) == 0
      return EmojiScene(
        .pair(
          first: isFirst ? stranger : first, relation, second: isFirst ? second : stranger),
        ground: scene.ground)
    case (.thing, .several(let thing, let count)):
      return EmojiScene(
        .several(other(than: thing, in: things), count: count), ground: scene.ground)
    case (.order, .pair(let first, let relation, let second)):
      return EmojiScene(.pair(first: second, relation, second: first), ground: scene.ground)
    case (.relation, .pair(let first, let relation, let second)):
      return EmojiScene(
        .pair(first: first, relation == .above ? .leftOf : .above, second: second),
        ground: scene.ground)
    case (.size, .single(let thing, let size?, let position)):
      return EmojiScene(
        .single(thing, size: size == .small ? .big : .small, position: position),
        ground: scene.ground)
    case (.position, .single(let thing, let size, let position?)):
      return EmojiScene(
        .single(thing, size: size, position: other(than: position, in: Scene.Position.allCases)),
        ground: scene.ground)
    case (.count, .several(let thing, let count)):
      return EmojiScene(.several(thing, count: 5 - count), ground: scene.ground)
    default: return nil
    }
  }

  /// Up to `count` scenes that differ from `scene` in one way each, none of them held out from training:
  /// what is held out must not be learnt as a wrong answer either.
  public static func some(
    _ count: Int, for scene: EmojiScene, things: [EmojiThing], using random: inout Random
  ) -> [EmojiScene] {
    var kinds = allCases
    random.shuffle(&kinds)
    // Only an exchange asks what is where; it always comes first.
    kinds.sort { $0 == .order && $1 != .order }
    var wrong: [EmojiScene] = []
    for kind in kinds where wrong.count < count {
      for _ in 0..<16 {
        guard let scene = kind.corrupt(scene, things: things, using: &random) else { break }
        if scene.split == .train {
          wrong.append(scene)
          break
        }
      }
    }
    return wrong
  }
}
