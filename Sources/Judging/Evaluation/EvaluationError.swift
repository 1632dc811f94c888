/// Why something could not be measured. `description` says it to the user.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// A measure was asked of fewer pictures than it is defined for.
  case tooFewPictures(measure: String, pictures: Int, needed: Int)
  /// What a model gave, `what`, has a NaN or an infinite value, the first at `place`.
  case nonFinite(what: String, place: Int)

  /// One sentence.
  public var description: String {
    switch self {
    case .tooFewPictures(let measure, let pictures, let needed):
      "\(measure) needs \(needed) or more pictures, got \(pictures)"
    case .nonFinite(let what, let place):
      "\(what): value \(place) is NaN or infinite, so there is nothing to measure; the model that "
        + "made it is damaged or its training went wrong"
    }
  }
}
