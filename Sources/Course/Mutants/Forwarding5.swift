import CourseKit
import Solutions
import TensorCore

/// A wrong answer to one exercise of chapter 5; all others are the reference's.
protocol Mutant5: Chapter5Exercises {
  /// The exercise that it answers wrongly, and how.
  static var note: Note { get }
}

extension Mutant5 {
  static var mutant: Mutant {
    var implementation = reference
    implementation.chapter5 = self
    return note.mutant("\(self)", implementation)
  }

  static func majority(_ votes: [[Int]], options: Int) throws -> [Int] {
    try Reference5.majority(votes, options: options)
  }
  static func rerank(_ pictures: Tensor, caption: Tensor, keep k: Int) throws -> [Int] {
    try Reference5.rerank(pictures, caption: caption, keep: k)
  }
  static func bestOf(_ n: Int, scores: [Double], qualities: [Double]) throws -> Double {
    try Reference5.bestOf(n, scores: scores, qualities: qualities)
  }
  static func inceptionScore(_ probabilities: Tensor, splits: Int) throws -> Double {
    try Reference5.inceptionScore(probabilities, splits: splits)
  }
  static func matchingLoss(real: Tensor, drawn: Tensor, mismatched: Tensor) throws -> Double {
    try Reference5.matchingLoss(real: real, drawn: drawn, mismatched: mismatched)
  }
  static func gradientPenalty(w: Tensor, u: Tensor, weight k: Float, power p: Int) throws
    -> [Tensor]
  {
    try Reference5.gradientPenalty(w: w, u: u, weight: k, power: p)
  }
  static func frechetDistance(_ a: Tensor, _ b: Tensor) throws -> Double {
    try Reference5.frechetDistance(a, b)
  }
}
