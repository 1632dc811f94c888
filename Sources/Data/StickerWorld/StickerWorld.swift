// The data set: which scenes it has, how frequent they are, and which of them training never sees.

import TensorCore

/// Sticker world, an endless supply of small pictures with captions.
///
///     var random = Random(seed: 7)
///     let (scene, layout, caption) = StickerWorld.sample(.train, using: &random)
///     let picture = scene.render(layout, size: 64)
public enum StickerWorld {
  /// A random scene of `split`, with a layout and a caption for it.
  public static func sample(
    _ split: Split, using random: inout Random
  ) -> (scene: Scene, layout: Layout, caption: String) {
    let kind: Kind =
      switch split {
      case .train, .validation, .unseenColours: .any(using: &random)
      case .unseenPairs: .pair
      case .unseenAccessories: .dressed
      }
    var scene = Scene.any(kind, using: &random)
    while scene.split != split { scene = .any(kind, using: &random) }
    let layout = Layout(for: scene, using: &random)
    return (scene, layout, scene.caption(using: &random))
  }

  /// Sample number `index` of the endless list that `seed` makes of `split`.
  public static func sample(
    _ split: Split, seed: UInt64, index: Int
  ) -> (scene: Scene, layout: Layout, caption: String) {
    var random = Random(seed: seed).split("stickers/\(split.name)").split(index)
    return sample(split, using: &random)
  }

  /// The kinds of scenes: half of all scenes are single stickers, 35 % pairs, and 15 % single
  /// stickers with an accessory.
  enum Kind {
    case single, pair, dressed

    static func any(using random: inout Random) -> Kind {
      switch random.integer(below: 100) {
      case ..<50: .single
      case ..<85: .pair
      default: .dressed
      }
    }
  }

  /// Every word that a caption can contain, sorted.
  public static let vocabulary: [String] = {
    let phrases =
      ["a an"] + Accessory.verbs + Background.allCases.flatMap { $0.phrases }
      + Scene.Size.allCases.flatMap { $0.phrases } + Scene.Position.allCases.flatMap { $0.phrases }
      + Scene.Relation.allCases.flatMap { $0.phrases + $0.reversePhrases }
      + Colour.allCases.map { $0.name } + Thing.allCases.map { $0.name }
      + Accessory.Kind.allCases.map { $0.name }
    return Set(phrases.flatMap { $0.split(separator: " ").map(String.init) }).sorted()
  }()

  /// The parts of the data set. A scene belongs to at most one part: to none if several of its
  /// combinations are held out, so that each held-out part tests one of them.
  public enum Split: String, CaseIterable, Codable, Sendable {
    /// The scenes for training.
    case train
    /// Scenes like those for training, which never sees them: one in sixteen.
    case validation
    /// A thing in a colour that training never shows it in.
    case unseenColours
    /// Two things that never meet in training.
    case unseenPairs
    /// A hat or bow that training never puts on this head.
    case unseenAccessories

    /// The split's name in figures and commands.
    public var name: String { rawValue }
  }
}

extension Scene {
  /// The only part of the data set that may show this scene. A rule decides it from the scene
  /// alone, so that the parts cannot overlap.
  public var split: StickerWorld.Split? {
    switch (hasHeldOutColour, hasHeldOutPair, hasHeldOutAccessory) {
    case (false, false, false):
      // A random number seeded with the scene: random streams mix well.
      var coin = Random(seed: 0).split(description)
      return coin.integer(below: 16) == 0 ? .validation : .train
    case (true, false, false): return .unseenColours
    case (false, true, false): return .unseenPairs
    case (false, false, true): return .unseenAccessories
    default: return nil
    }
  }

  /// For each thing there is one colour, number 5·thing + 1 modulo 8, that training never shows it in:
  /// orange stars, pink hearts, red houses, …
  public var hasHeldOutColour: Bool {
    stickers.contains { $0.colour.index == (5 * $0.thing.index + 1) % Colour.allCases.count }
  }

  /// For each thing there is another that it never meets in training, for the first thing the last,
  /// for the second the last but one: star and ghost, heart and penguin, …
  public var hasHeldOutPair: Bool {
    guard case .pair(let first, _, let second) = arrangement else { return false }
    return first.thing.index + second.thing.index == Thing.allCases.count - 1
  }

  /// Training shows no cat in a red hat, no penguin in a blue one and no ghost in a yellow
  /// one, and never dresses anything else.
  public var hasHeldOutAccessory: Bool {
    guard case .single(let sticker, _, _, let accessory?) = arrangement else { return false }
    switch sticker.thing {
    case .cat: return accessory == Accessory(.red, .hat)
    case .penguin: return accessory == Accessory(.blue, .hat)
    case .ghost: return accessory == Accessory(.yellow, .hat)
    default: return true
    }
  }

  /// A random scene of a kind, whatever its split.
  static func any(_ kind: StickerWorld.Kind, using random: inout Random) -> Scene {
    let arrangement: Arrangement
    switch kind {
    case .single:
      let isAnywhere = random.integer(below: 2) == 0
      arrangement = .single(
        .any(using: &random), size: anySize(using: &random),
        position: isAnywhere ? nil : random.element(of: Position.allCases), wearing: nil)
    case .pair:
      arrangement = .pair(
        first: .any(using: &random), random.element(of: Relation.allCases),
        second: .any(using: &random))
    case .dressed:
      let wearer = Sticker(
        random.element(of: Colour.allCases), random.element(of: Thing.wearers))
      let isBow = random.integer(below: 3) == 0
      arrangement = .single(
        wearer, size: anySize(using: &random), position: nil,
        wearing: Accessory(random.element(of: Colour.allCases), isBow ? .bow : .hat))
    }
    let isOpen = random.integer(below: 10) == 0
    return Scene(arrangement, background: isOpen ? nil : random.element(of: Background.allCases))
  }

  private static func anySize(using random: inout Random) -> Size? {
    random.integer(below: 4) == 0 ? nil : random.element(of: Size.allCases)
  }
}

extension Sticker {
  fileprivate static func any(using random: inout Random) -> Sticker {
    Sticker(random.element(of: Colour.allCases), random.element(of: Thing.allCases))
  }
}

extension Random {
  /// One of `choices`, each as likely as the others.
  mutating func element<T>(of choices: [T]) -> T { choices[integer(below: choices.count)] }
}
