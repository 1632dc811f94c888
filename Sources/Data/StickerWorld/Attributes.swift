// What can be right or wrong about a picture, one question at a time.

/// A question about a picture, with a fixed list of answers.
public enum Attribute: String, CaseIterable, Sendable {
  /// A bare sticker, a pair or a dressed sticker: 3 answers.
  case kind
  /// 6 answers, in the order of `Background`.
  case background
  /// How the two of a pair lie, in the order of `Scene.Relation`.
  case axis
  /// The only sticker, or of a pair the upper or left one.
  case thing, colour
  /// The lower or right one of a pair.
  case thing2, colour2
  /// Small or big.
  case size
  /// The four corners in the order of `Scene.Position`, then the middle.
  case position
  /// A hat or a bow, and its colour.
  case accessory, accessoryColour

  /// How many answers there are.
  public var answers: Int {
    switch self {
    case .kind: 3
    case .background: Background.allCases.count
    case .axis: Scene.Relation.allCases.count
    case .thing, .thing2: Thing.allCases.count
    case .colour, .colour2, .accessoryColour: Colour.allCases.count
    case .size: Scene.Size.allCases.count
    case .position: Scene.Position.allCases.count + 1
    case .accessory: Accessory.Kind.allCases.count
    }
  }

  /// The answer to `position` of a sticker around the middle.
  public static let middle = Scene.Position.allCases.count

  /// Its place among all attributes, from 0.
  public var index: Int { Self.allCases.firstIndex(of: self)! }
}

extension Scene {
  /// The answers that a caption of this scene gives, in the order of `Attribute`; what it
  /// leaves open is missing. The kind is always said: a caption names all that is stuck on.
  public var claims: [(attribute: Attribute, answer: Int)] {
    let claims: [(Attribute, Int?)]
    switch arrangement {
    case .single(let sticker, let size, let position, let accessory):
      claims = [
        (.kind, accessory == nil ? 0 : 2), (.background, index(of: background)),
        (.thing, sticker.thing.index), (.colour, sticker.colour.index),
        (.size, index(of: size)), (.position, index(of: position)),
        (.accessory, index(of: accessory?.kind)), (.accessoryColour, accessory?.colour.index),
      ]
    case .pair(let first, let relation, let second):
      claims = [
        (.kind, 1), (.background, index(of: background)), (.axis, index(of: relation)),
        (.thing, first.thing.index), (.colour, first.colour.index),
        (.thing2, second.thing.index), (.colour2, second.colour.index),
      ]
    }
    return claims.compactMap { attribute, answer in answer.map { (attribute, $0) } }
  }

  /// All scenes whose captions differ from this one's in a single claim that is wrong where
  /// this one's is right: another colour, another background, the pair the other way round, …
  public var alternatives: [Scene] {
    var scenes = Background.allCases.compactMap { other in
      background == nil ? nil : Scene(arrangement, background: other)
    }
    func add(_ arrangement: Arrangement) {
      scenes.append(Scene(arrangement, background: background))
    }
    switch arrangement {
    case .single(let sticker, let size, let position, let accessory):
      for other in sticker.alternatives
      where accessory == nil || Thing.wearers.contains(other.thing) {
        add(.single(other, size: size, position: position, wearing: accessory))
      }
      for other in Size.allCases where size != nil {
        add(.single(sticker, size: other, position: position, wearing: accessory))
      }
      for other in Position.allCases where position != nil {
        add(.single(sticker, size: size, position: other, wearing: accessory))
      }
      if let accessory {
        for colour in Colour.allCases {
          let other = Accessory(colour, accessory.kind)
          add(.single(sticker, size: size, position: position, wearing: other))
        }
        let other = Accessory(accessory.colour, accessory.kind == .hat ? .bow : .hat)
        add(.single(sticker, size: size, position: position, wearing: other))
        add(.single(sticker, size: size, position: position, wearing: nil))
      } else if position == nil && Thing.wearers.contains(sticker.thing) {
        for colour in Colour.allCases {
          for kind in Accessory.Kind.allCases {
            let accessory = Accessory(colour, kind)
            add(.single(sticker, size: size, position: nil, wearing: accessory))
          }
        }
      }
    case .pair(let first, let relation, let second):
      for other in first.alternatives { add(.pair(first: other, relation, second: second)) }
      for other in second.alternatives { add(.pair(first: first, relation, second: other)) }
      add(.pair(first: first, relation == .above ? .leftOf : .above, second: second))
      add(.pair(first: second, relation, second: first))
    }
    return scenes.filter { $0 != self }
  }

  private func index<T: CaseIterable & Equatable>(of value: T?) -> Int? {
    value.flatMap { value in T.allCases.enumerated().first { $0.element == value }?.offset }
  }
}

extension Sticker {
  /// The stickers with another thing or another colour.
  fileprivate var alternatives: [Sticker] {
    Thing.allCases.filter { $0 != thing }.map { Sticker(colour, $0) }
      + Colour.allCases.filter { $0 != colour }.map { Sticker($0, thing) }
  }
}
