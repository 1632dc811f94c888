// The grammar of captions. A scene can be put in several ways, and all of them say the same: no
// caption mentions what the scene leaves open.
//
//   caption = scenery "," subject | subject scenery | subject
//   subject = "a" size? colour thing wearing? position?
//           | "a" colour thing relation "a" colour thing
//   wearing = ("wearing" | "with") "a" colour ("hat" | "bow")

import TensorCore

extension Scene: CustomStringConvertible {
  /// Every caption of the scene, the plainest one first.
  public var captions: [String] {
    guard let background else { return subjects }
    return subjects.followed(by: background.phrases)
      + background.phrases.map { "\($0)," }.followed(by: subjects)
  }

  /// One of the `captions`, all of them being equally likely.
  public func caption(using random: inout Random) -> String {
    let captions = captions
    return captions[random.integer(below: captions.count)]
  }

  /// The plainest caption.
  public var description: String { captions[0] }

  private var subjects: [String] {
    switch arrangement {
    case .single(let sticker, let size, let position, let accessory):
      var subjects =
        size?.phrases.map { "\($0) \(sticker.name)".withArticle } ?? [sticker.name.withArticle]
      if let accessory { subjects = subjects.followed(by: accessory.phrases) }
      if let position { subjects = subjects.followed(by: position.phrases) }
      return subjects
    case .pair(let first, let relation, let second):
      return relation.phrases.map { "\(first.name.withArticle) \($0) \(second.name.withArticle)" }
        + relation.reversePhrases.map {
          "\(second.name.withArticle) \($0) \(first.name.withArticle)"
        }
    }
  }
}

extension [String] {
  /// Each of these phrases with each of `endings` after it.
  fileprivate func followed(by endings: [String]) -> [String] {
    flatMap { start in endings.map { "\(start) \($0)" } }
  }
}

extension String {
  /// The phrase with "a" or "an" before it.
  package var withArticle: String {
    let hasVowel = "aeiou".contains(first ?? "x") && !hasPrefix("uni")
    return "\(hasVowel ? "an" : "a") \(self)"
  }
}

// MARK: - Phrases

extension Sticker {
  /// "red star"
  public var name: String { "\(colour.name) \(thing.name)" }
}

extension Accessory {
  /// "red hat"
  public var name: String { "\(colour.name) \(kind.name)" }

  var phrases: [String] { Self.verbs.map { "\($0) \(name.withArticle)" } }
  static let verbs = ["wearing", "with"]
}

extension Background {
  /// Its phrases in captions, the plainest one first.
  public var phrases: [String] {
    switch self {
    case .sky: ["in the sky", "among the clouds"]
    case .night: ["at night", "under the stars"]
    case .grass: ["on the grass", "in a meadow"]
    case .beach: ["on the beach", "by the sea"]
    case .snow: ["in the snow", "in winter"]
    case .sunset: ["at sunset", "in the evening"]
    }
  }
}

extension Scene.Size {
  /// Its phrases in captions, the plainest one first.
  package var phrases: [String] { self == .small ? ["small", "little"] : ["big", "large"] }
}

extension Scene.Position {
  /// Its phrases in captions, the plainest one first.
  package var phrases: [String] { ["in the \(name)", "in the \(name) corner"] }
}

extension Scene.Relation {
  /// The phrases between the first sticker and the second.
  package var phrases: [String] { [name] }
  /// The phrases between the second sticker and the first.
  package var reversePhrases: [String] { self == .above ? ["below"] : ["to the right of"] }
}

extension Colour {
  var phrases: [String] { [name] }
}

extension Thing {
  var phrases: [String] { [name] }
}

extension Accessory.Kind {
  var phrases: [String] { [name] }
}
