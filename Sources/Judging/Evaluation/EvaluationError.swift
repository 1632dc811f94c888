/// The reason why something could not be measured.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// There were fewer pictures than a measure needs.
  case tooFewPictures(measure: String, pictures: Int, needed: Int)
  /// The output of a model, named by `what`, holds NaN or infinity, first at `place`.
  case nonFinite(what: String, place: Int)

  /// A sentence for the user.
  public var description: String {
    switch self {
    case .tooFewPictures(let measure, let pictures, let needed):
      "\(measure) needs \(needed) or more pictures, got \(pictures)"
    case .nonFinite(let what, let place):
      "\(what): value \(place) is NaN or infinite, so there is nothing to measure; the model that "
        + "produced it is damaged, or its training went wrong"
    }
  }
}
