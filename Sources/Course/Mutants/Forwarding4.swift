import CourseKit
import Solutions
import TensorCore

/// A wrong answer to one exercise of chapter 4; all others are the reference's.
protocol Mutant4: Chapter4Exercises {
  /// The exercise that it answers wrongly, and how.
  static var note: Note { get }
}

extension Mutant4 {
  static var mutant: Mutant {
    var implementation = reference
    implementation.chapter4 = self
    return note.mutant("\(self)", implementation)
  }

  static func pad(_ captions: [[Int32]], length: Int, vocabulary: Int) throws -> IndexTensor {
    try Reference4.pad(captions, length: length, vocabulary: vocabulary)
  }
  static func rowMask(text: Int, grid: Int) throws -> Mask {
    try Reference4.rowMask(text: text, grid: grid)
  }
  static func columnMask(text: Int, grid: Int) throws -> Mask {
    try Reference4.columnMask(text: text, grid: grid)
  }
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    try Reference4.convolutionMask(text: text, grid: grid, kernel: kernel)
  }
  static func loss(_ logits: Tensor, tokens: IndexTensor, text: Int) throws -> Tensor {
    try Reference4.loss(logits, tokens: tokens, text: text)
  }
  static func attentionStep(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: inout KeyValueCache, heads: Int
  ) throws -> Tensor {
    try Reference4.attentionStep(query, key, value, cache: &cache, heads: heads)
  }
  static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor {
    try Reference4.topK(logits, threshold: threshold)
  }
  static func topP(_ logits: Tensor, p: Double) throws -> Tensor {
    try Reference4.topP(logits, p: p)
  }
  static func guide(conditioned: Tensor, unconditioned: Tensor, scale: Float) throws -> Tensor {
    try Reference4.guide(conditioned: conditioned, unconditioned: unconditioned, scale: scale)
  }
  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32] {
    try Reference4.completed(given, grid: grid, stream: stream)
  }
}
