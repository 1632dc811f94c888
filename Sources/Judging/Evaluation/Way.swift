/// A way to obtain a picture for a caption.
enum Way: Hashable {
  /// The data set's own picture.
  case real
  /// That picture through the dVAE.
  case reconstructions
  /// A picture by another model.
  case rival
  /// Any of the candidates.
  case meanOfSamples
  /// The best of n by the score.
  case bestOf(Int)
  /// A right one, if there is one among n.
  case oracle(Int)

  /// All ways, in the order of tables. The oracle of 1 has no choice, so it is left out.
  static func all(bestOf numbers: [Int]) -> [Way] {
    [.real, .reconstructions, .rival, .meanOfSamples] + numbers.map(Way.bestOf)
      + numbers.filter { $0 > 1 }.map(Way.oracle)
  }

  /// The name in JSON.
  var key: String {
    switch self {
    case .real: "real"
    case .reconstructions: "reconstructions"
    case .rival: "rival"
    case .meanOfSamples: "mean_of_samples"
    case .bestOf(let n): "best_of_\(n)"
    case .oracle(let n): "oracle_of_\(n)"
    }
  }

  /// The name in tables.
  var title: String {
    switch self {
    case .real: "real pictures"
    case .reconstructions: "their reconstructions"
    case .rival: "the rival's pictures"
    case .meanOfSamples: "mean of samples"
    case .bestOf(let n): "best of \(n)"
    case .oracle(let n): "oracle of \(n)"
    }
  }
}
