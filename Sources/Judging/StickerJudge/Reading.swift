// What the judge reads off a picture, compared with what a caption says.

import StickerWorld

/// What a judge reads off a picture.
public struct Reading: Sendable {
  /// For each attribute, in order, the logarithms of the probabilities of its answers.
  let logProbabilities: [[Float]]

  /// The likeliest answer for an attribute. If the attribute does not apply, such as the second
  /// thing of a single sticker, the answer is meaningless.
  public func answer(_ attribute: Attribute) -> Int {
    let values = logProbabilities[attribute.index]
    return values.indices.max { values[$0] < values[$1] }!
  }

  /// Compares the picture with the claims of a caption of `scene`.
  public func shows(_ scene: Scene) -> Verdict {
    Verdict(
      claims: scene.claims.map { ($0.attribute, isTrue: answer($0.attribute) == $0.answer) })
  }

  /// How well the picture shows a caption of `scene`: the logarithm of the probability that all its
  /// claims are true, taken as independent; 0 at best.
  public func score(_ scene: Scene) -> Float {
    scene.claims.reduce(0) { $0 + logProbabilities[$1.attribute.index][$1.answer] }
  }
}

/// Which of a caption's claims are true of a picture.
public struct Verdict: Sendable {
  /// The attributes that the caption makes a claim about, and whether the claim is true.
  public let claims: [(attribute: Attribute, isTrue: Bool)]

  /// Whether all claims are true.
  public var isRight: Bool { claims.allSatisfy(\.isTrue) }

  /// Whether the claim about `attribute` is true; nil if the caption makes none.
  public func isRight(_ attribute: Attribute) -> Bool? {
    claims.first { $0.attribute == attribute }?.isTrue
  }
}
