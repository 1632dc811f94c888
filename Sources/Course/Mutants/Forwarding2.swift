import CourseKit
import Solutions
import TensorCore

/// A wrong answer to one exercise of chapter 2; all others are the reference's.
protocol Mutant2: Chapter2Exercises {
  /// The exercise that it answers wrongly, and how.
  static var note: Note { get }
}

extension Mutant2 {
  static var mutant: Mutant {
    var implementation = reference
    implementation.chapter2 = self
    return note.mutant("\(self)", implementation)
  }

  static func merge(_ word: [String], merges: [(left: String, right: String)]) throws -> [String] {
    try Reference2.merge(word, merges: merges)
  }
  static func pool(_ states: Tensor, ids: IndexTensor) throws -> Tensor {
    try Reference2.pool(states, ids: ids)
  }
  static func similarities(_ pictures: Tensor, _ captions: Tensor, logitScale: Float) throws
    -> Tensor
  {
    try Reference2.similarities(pictures, captions, logitScale: logitScale)
  }
  static func contrastiveLoss(_ logits: Tensor) throws -> Tensor {
    try Reference2.contrastiveLoss(logits)
  }
  static func contrastiveGradient(_ logits: Tensor) throws -> Tensor {
    try Reference2.contrastiveGradient(logits)
  }
  static func classifier(prompts: [Tensor]) throws -> Tensor {
    try Reference2.classifier(prompts: prompts)
  }
  static func classify(_ pictures: Tensor, classifier: Tensor) throws -> [Int] {
    try Reference2.classify(pictures, classifier: classifier)
  }
  static func hardNegatives(of caption: String, colours: [String]) throws -> [String] {
    try Reference2.hardNegatives(of: caption, colours: colours)
  }
  static func retrieval(_ logits: Tensor) throws -> (captions: Double, pictures: Double) {
    try Reference2.retrieval(logits)
  }
}
