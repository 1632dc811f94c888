// What a caption says about a picture, and nothing else. Exact places and sizes, and the details
// of the background, belong to the `Layout`.

import TensorCore  // in the browser, for `Codable`

/// The things that stickers show.
public enum Thing: String, CaseIterable, Codable, Sendable {
  case star, heart, moon, house, tree, fish, mushroom, flower, boat, rocket, ball
  case cat, penguin, ghost

  /// The word for it in captions.
  public var name: String { rawValue }
  /// Its place among all things, from 0.
  public var index: Int { Self.allCases.firstIndex(of: self)! }
  /// The things that wear accessories in the data set.
  public static let wearers: [Thing] = [.cat, .penguin, .ghost]
}

/// The colours of things and accessories.
public enum Colour: String, CaseIterable, Codable, Sendable {
  case red, orange, yellow, green, blue, purple, pink, white

  /// The word for it in captions.
  public var name: String { rawValue }
  /// Its place among all colours, from 0.
  public var index: Int { Self.allCases.firstIndex(of: self)! }
}

/// The scenery behind the stickers.
public enum Background: String, CaseIterable, Codable, Sendable {
  case sky, night, grass, beach, snow, sunset

  /// Its name in figures and commands. Captions use its `phrases`.
  public var name: String { rawValue }
}

/// A thing in a colour: "a red star".
public struct Sticker: Hashable, Codable, Sendable {
  /// The main colour. Parts such as wood and eyes keep their natural colours.
  public var colour: Colour
  /// What the sticker shows.
  public var thing: Thing

  /// The sticker "`colour` `thing`".
  public init(_ colour: Colour, _ thing: Thing) {
    self.colour = colour
    self.thing = thing
  }
}

/// An accessory in a colour: "a blue hat".
public struct Accessory: Hashable, Codable, Sendable {
  /// The accessories there are.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    case hat, bow

    /// The word for it in captions.
    public var name: String { rawValue }
  }

  /// The accessory's own colour, which need not be that of the sticker that wears it.
  public var colour: Colour
  /// Whether it is a hat or a bow.
  public var kind: Kind

  /// The accessory "`colour` `kind`".
  public init(_ colour: Colour, _ kind: Kind) {
    self.colour = colour
    self.kind = kind
  }
}

/// What a caption says about a picture. `nil` means that the caption leaves it open.
///
///     let scene = try Scene(caption: "a blue house below a red star, at night")
///     print(scene)              // a red star above a blue house at night
///     let picture = scene.render(Layout(for: scene, seed: 7), size: 64)
public struct Scene: Hashable, Codable, Sendable {
  /// The width of a single sticker: about a third of the picture's width, or two thirds.
  public enum Size: String, CaseIterable, Codable, Sendable {
    case small, big

    /// The plainest word for it in captions.
    public var name: String { rawValue }
  }

  /// The corner near which a single sticker lies. Without one it lies around the middle.
  public enum Position: String, CaseIterable, Codable, Sendable {
    case topLeft = "top left"
    case topRight = "top right"
    case bottomLeft = "bottom left"
    case bottomRight = "bottom right"

    /// The words for it in captions.
    public var name: String { rawValue }
  }

  /// The place of the first sticker of a pair relative to the second. The other two relations are
  /// these as seen from the second sticker: "b below a" is the scene "a above b".
  public enum Relation: String, CaseIterable, Codable, Sendable {
    case above
    case leftOf = "to the left of"

    /// The words for it in captions, said of the first sticker.
    public var name: String { rawValue }
  }

  /// The stickers of a picture: one, perhaps with an accessory, or two.
  public enum Arrangement: Hashable, Codable, Sendable {
    /// One sticker.
    case single(Sticker, size: Size?, position: Position?, wearing: Accessory?)
    /// Two stickers, the first above or to the left of the second.
    case pair(first: Sticker, Relation, second: Sticker)
  }

  /// The stickers of the picture.
  public var arrangement: Arrangement
  /// The scenery behind the stickers.
  public var background: Background?

  /// The scene of `arrangement` in front of `background`; nil stands for any.
  public init(_ arrangement: Arrangement, background: Background?) {
    self.arrangement = arrangement
    self.background = background
  }

  /// The stickers in the order in which they are named.
  public var stickers: [Sticker] {
    switch arrangement {
    case .single(let sticker, _, _, _): [sticker]
    case .pair(let first, _, let second): [first, second]
    }
  }
}
