// What pictures show and captions say, in one form, so that both can be compared.

/// What a picture shows, or what a caption says, question by question; -1 where it is open.
public struct Facts: Sendable {
  private var answers: [Int8]

  /// What the caption of a scene says.
  public init(saidBy scene: Scene) {
    var answers = [Int8](repeating: -1, count: Attribute.allCases.count)
    for (attribute, answer) in scene.claims { answers[attribute.index] = Int8(answer) }
    self.answers = answers
  }

  /// What a picture of a scene shows, including what its caption leaves open but the layout
  /// decides: the background, and that a bare sticker without a corner lies in the middle.
  public init(shownBy scene: Scene, _ layout: Layout) {
    var shown = scene
    shown.background = layout.background
    var answers = Facts(saidBy: shown).answers
    if case .single(_, _, nil, nil) = scene.arrangement {
      answers[Attribute.position.index] = Int8(Scene.Position.allCases.count)
    }
    self.answers = answers
  }

  /// Only the answers to some questions.
  public func only(_ attributes: Set<Attribute>) -> Facts {
    var facts = self
    for attribute in Attribute.allCases where !attributes.contains(attribute) {
      facts.answers[attribute.index] = -1
    }
    return facts
  }

  /// Whether no question has different answers: then the caption may be true of the picture.
  public func agrees(with other: Facts) -> Bool {
    zip(answers, other.answers).allSatisfy { $0 == $1 || $0 < 0 || $1 < 0 }
  }
}
