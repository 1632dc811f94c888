// Captions that leave things out, so that a single word gets a meaning of its own.

import StickerWorld
import TensorCore

/// How much of a scene a caption says.
///
/// Sticker world's own captions always name thing and colour together. A CLIP that reads nothing
/// else never has to know what "star" means without a colour, and fails on what people try first:
/// "a star".
public enum Detail: CaseIterable, Sendable {
  /// Everything that the scene's own captions say.
  case everything
  /// "a star", "a star at night"
  case thing
  /// "something red", "something red at night"
  case colour
  /// "at night"
  case background

  /// The detail of a caption in training: two in five captions of single stickers name only one
  /// attribute.
  static func random(for scene: Scene, using random: inout Random) -> Detail {
    guard case .single = scene.arrangement, random.integer(below: 5) < 2 else {
      return .everything
    }
    let possible: [Detail] =
      scene.background == nil ? [.thing, .colour] : [.thing, .colour, .background]
    return possible[random.integer(below: possible.count)]
  }

  /// A caption of a scene in this detail, and the facts that it states.
  func caption(of scene: Scene, using random: inout Random) -> (caption: String, facts: Facts) {
    let facts = Facts(saidBy: scene)
    let sticker = scene.stickers[0]
    let sceneries = scene.background?.phrases ?? []
    // Half of the captions leave the background open.
    let scenery =
      sceneries.isEmpty || (self != .background && random.integer(below: 2) == 0)
      ? nil : sceneries[random.integer(below: sceneries.count)]
    let place = scenery.map { " \($0)" } ?? ""
    let said: Set<Attribute> = scenery == nil ? [] : [.background]
    switch self {
    case .everything: return (scene.caption(using: &random), facts)
    case .thing:
      return ("\(article(sticker.thing.name))\(place)", facts.only(said.union([.thing])))
    case .colour:
      return ("something \(sticker.colour.name)\(place)", facts.only(said.union([.colour])))
    case .background: return (scenery ?? "", facts.only(said))
    }
  }

  /// The ways in which a caption in this detail can be wrong.
  var negatives: [HardNegative] {
    switch self {
    case .everything: HardNegative.allCases
    case .thing: [.thing]
    case .colour: [.colour]
    case .background: [.background]
    }
  }
}

/// The word with its article.
private func article(_ word: String) -> String {
  "aeiou".contains(word.first ?? "x") ? "an \(word)" : "a \(word)"
}
