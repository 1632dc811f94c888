// What the network reads off a picture, held against what a caption says.

import StickerWorld

/// What a judge sees on a picture.
public struct Reading: Sendable {
  /// For every attribute, in order, the logarithms of the probabilities of its answers.
  let logProbabilities: [[Float]]

  /// The likeliest answer to a question. What does not apply, such as the second thing of a
  /// single sticker, is a guess without meaning.
  public func answer(_ attribute: Attribute) -> Int {
    let values = logProbabilities[attribute.index]
    return values.indices.max { values[$0] < values[$1] }!
  }

  /// Whether the picture shows what a caption of `scene` says.
  public func shows(_ scene: Scene) -> Verdict {
    Verdict(
      claims: scene.claims.map { ($0.attribute, isTrue: answer($0.attribute) == $0.answer) })
  }

  /// How well it does: the logarithm of the probability that all claims are true, taken as
  /// independent; 0 at best.
  public func score(_ scene: Scene) -> Float {
    scene.claims.reduce(0) { $0 + logProbabilities[$1.attribute.index][$1.answer] }
  }
}

/// Which of a caption's claims are true of a picture.
public struct Verdict: Sendable {
  /// What the caption says something about, and whether that is so.
  public let claims: [(attribute: Attribute, isTrue: Bool)]

  /// Whether all of it is true.
  public var isRight: Bool { claims.allSatisfy(\.isTrue) }

  /// Whether one claim is true; nil if the caption makes none about `attribute`.
  public func isRight(_ attribute: Attribute) -> Bool? {
    claims.first { $0.attribute == attribute }?.isTrue
  }
}
