import CourseKit
import Solutions
import TensorCore

/// A wrong answer to one exercise of chapter 1; all others are the reference's.
protocol Mutant1: Chapter1Exercises {
  /// The exercise that it answers wrongly, and how.
  static var note: Note { get }
}

extension Mutant1 {
  static var mutant: Mutant {
    var implementation = reference
    implementation.chapter1 = self
    return note.mutant("\(self)", implementation)
  }

  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    try Reference1.patchify(images, patch: patch)
  }
  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    try Reference1.unpatchify(patches, patch: patch, rows: rows, columns: columns)
  }
  static func embed(_ images: Tensor, weight: Tensor, bias: Tensor) throws -> Tensor {
    try Reference1.embed(images, weight: weight, bias: bias)
  }
  static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    try Reference1.attention(query, key, value)
  }
  static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor {
    try Reference1.interpolate(positions, from: from, to: to)
  }
  static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor {
    try Reference1.normalize(x, gain: gain, bias: bias)
  }
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    try Reference1.block(x, weights, heads: heads)
  }
  static func rollout(_ probabilities: [Tensor]) throws -> Tensor {
    try Reference1.rollout(probabilities)
  }
  static func corruption(patches: Int, using random: inout Random) throws -> [Int?] {
    try Reference1.corruption(patches: patches, using: &random)
  }
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    try Reference1.maskedLoss(logits, colours: colours, sources: sources)
  }
}
