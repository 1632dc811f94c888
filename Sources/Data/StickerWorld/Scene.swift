// What a caption says about a picture, and nothing else. Where exactly things lie, how large
// they are to the pixel and where the clouds float is the `Layout`'s business.

/// The things that can be stuck onto a picture.
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

/// What lies behind the stickers.
public enum Background: String, CaseIterable, Codable, Sendable {
  case sky, night, grass, beach, snow, sunset

  /// Its name in figures and commands. Captions speak of it in phrases.
  public var name: String { rawValue }
}

/// A thing in a colour: "a red star".
public struct Sticker: Hashable, Codable, Sendable {
  /// The main colour; what is brown or white by nature stays so.
  public var colour: Colour
  /// What the sticker shows.
  public var thing: Thing

  /// The sticker "`colour` `thing`".
  public init(_ colour: Colour, _ thing: Thing) {
    self.colour = colour
    self.thing = thing
  }
}

/// Something to wear: "a blue hat".
public struct Accessory: Hashable, Codable, Sendable {
  /// What can be worn.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    case hat, bow

    /// The word for it in captions.
    public var name: String { rawValue }
  }

  /// The accessory's own colour, whoever wears it.
  public var colour: Colour
  /// What is worn.
  public var kind: Kind

  /// The accessory "`colour` `kind`".
  public init(_ colour: Colour, _ kind: Kind) {
    self.colour = colour
    self.kind = kind
  }
}

/// What a caption says about a picture. `nil` means that it does not say.
///
///     let scene = try Scene(caption: "a blue house below a red star, at night")
///     print(scene)              // a red star above a blue house at night
///     let picture = scene.render(Layout(for: scene, seed: 7), size: 64)
public struct Scene: Hashable, Codable, Sendable {
  /// How much of the picture a single sticker fills: about a third of its width, or two thirds.
  public enum Size: String, CaseIterable, Codable, Sendable {
    case small, big

    /// The plainest word for it in captions.
    public var name: String { rawValue }
  }

  /// The corner towards which a single sticker lies. Without one it lies around the middle.
  public enum Position: String, CaseIterable, Codable, Sendable {
    case topLeft = "top left"
    case topRight = "top right"
    case bottomLeft = "bottom left"
    case bottomRight = "bottom right"

    /// The words for it in captions.
    public var name: String { rawValue }
  }

  /// How the first sticker of a pair lies to the second. The other two relations are these
  /// seen from the second sticker: "b below a" is the scene "a above b".
  public enum Relation: String, CaseIterable, Codable, Sendable {
    case above
    case leftOf = "to the left of"

    /// The words for it in captions, said of the first sticker.
    public var name: String { rawValue }
  }

  /// What is on the picture: one sticker, perhaps dressed, or two.
  public enum Arrangement: Hashable, Codable, Sendable {
    case single(Sticker, size: Size?, position: Position?, wearing: Accessory?)
    case pair(first: Sticker, Relation, second: Sticker)
  }

  /// What is on the picture.
  public var arrangement: Arrangement
  /// What lies behind it.
  public var background: Background?

  /// The scene of `arrangement` before `background`, nil for any.
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
