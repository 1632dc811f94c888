// From a caption back to the scene it describes, by the grammar in Captions.swift.

import Files

/// Why a caption describes no scene of sticker world.
public enum CaptionError: Error, Equatable, CustomStringConvertible {
  /// The word occurs in no caption.
  case unknownWord(String)
  /// The caption should have `expected` in place of `found`, which is nil at its end.
  case unexpected(found: String?, expected: String)

  /// A sentence with the wrong word and what is possible instead.
  public var description: String {
    switch self {
    case .unknownWord(let word):
      let things = Thing.allCases.map { $0.name }.joined(separator: ", ")
      let colours = Colour.allCases.map { $0.name }.joined(separator: ", ")
      return
        "sticker world has no word “\(printable(word, limit: 60))”; its things are \(things), its colours \(colours)"
    case .unexpected(let found, let expected):
      let place = found.map { "before “\(printable($0, limit: 60))”" } ?? "at the end"
      let example = "a red star above a blue house at night"
      return "the caption needs \(expected) \(place), as in “\(example)”"
    }
  }
}

extension Scene {
  /// The scene that `caption` describes. Case and punctuation do not matter.
  ///
  /// Throws a `CaptionError` that names the first word that is unknown or out of place.
  public init(caption: String) throws(CaptionError) {
    var reader = try CaptionReader(caption)
    var background = reader.read(Background.self, { $0.phrases })
    reader.skipArticle()
    let size = reader.read(Scene.Size.self, { $0.phrases })
    let first = try reader.sticker()
    let arrangement: Arrangement

    if size == nil, let relation = reader.read(Relation.self, { $0.phrases }) {
      arrangement = .pair(first: first, relation, second: try reader.sticker())
    } else if size == nil, let relation = reader.read(Relation.self, { $0.reversePhrases }) {
      arrangement = .pair(first: try reader.sticker(), relation, second: first)
    } else {
      let accessory = try reader.accessory()
      let position = reader.read(Position.self, { $0.phrases })
      arrangement = .single(first, size: size, position: position, wearing: accessory)
    }
    background = background ?? reader.read(Background.self, { $0.phrases })
    if let word = reader.next {
      throw .unexpected(found: word, expected: "to end")
    }
    self.init(arrangement, background: background)
  }
}

/// The words of a caption, read one phrase after the other.
private struct CaptionReader {
  private var words: ArraySlice<Substring>

  init(_ caption: String) throws(CaptionError) {
    let lower = caption.lowercased()
    words = lower.split { !$0.isLetter && !$0.isNumber }[...]
    if let stranger = words.first(where: { !StickerWorld.vocabulary.contains(String($0)) }) {
      throw .unknownWord(String(stranger))
    }
  }

  /// The next word; nil at the end.
  var next: String? { words.first.map(String.init) }

  /// Reads the longest phrase that comes next, and returns the case of `T` that it stands for.
  mutating func read<T: CaseIterable>(_ type: T.Type, _ phrases: (T) -> [String]) -> T? {
    var found: (T, length: Int)?
    for candidate in T.allCases {
      for phrase in phrases(candidate).map({ $0.split(separator: " ") })
      where words.starts(with: phrase) && phrase.count > found?.length ?? 0 {
        found = (candidate, phrase.count)
      }
    }
    words = words.dropFirst(found?.length ?? 0)
    return found?.0
  }

  mutating func skipArticle() {
    if next == "a" || next == "an" { words = words.dropFirst() }
  }

  /// Reads an article, which may be missing, a colour and a thing.
  mutating func sticker() throws(CaptionError) -> Sticker {
    skipArticle()
    guard let colour = read(Colour.self, { $0.phrases }) else { throw expected("a colour") }
    guard let thing = read(Thing.self, { $0.phrases }) else { throw expected("a thing") }
    return Sticker(colour, thing)
  }

  /// Reads "wearing a", a colour and an accessory; nil if the caption has none here.
  mutating func accessory() throws(CaptionError) -> Accessory? {
    guard let verb = next, Accessory.verbs.contains(verb) else { return nil }
    words = words.dropFirst()
    skipArticle()
    guard let colour = read(Colour.self, { $0.phrases }) else { throw expected("a colour") }
    guard let kind = read(Accessory.Kind.self, { $0.phrases }) else {
      throw expected("a hat or a bow")
    }
    return Accessory(colour, kind)
  }

  private func expected(_ what: String) -> CaptionError {
    .unexpected(found: next, expected: what)
  }
}
