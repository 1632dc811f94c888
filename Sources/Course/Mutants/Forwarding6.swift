import CourseKit
import Solutions
import TensorCore

/// A wrong answer to one exercise of chapter 6; all others are the reference's.
protocol Mutant6: Chapter6Exercises {
  /// The exercise that it answers wrongly, and how.
  static var note: Note { get }
}

extension Mutant6 {
  static var mutant: Mutant {
    var implementation = reference
    implementation.chapter6 = self
    return note.mutant("\(self)", implementation)
  }

  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    try Reference6.rounded(
      x, exponentBits: exponentBits, significandBits: significandBits, bias: bias)
  }
  static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]] {
    try Reference6.scales(overflows, machines: machines)
  }
  static func powerSGD(
    _ gradients: [Tensor], query: Tensor
  ) throws -> (mean: Tensor, query: Tensor) {
    try Reference6.powerSGD(gradients, query: query)
  }
  static func sent(_ gradients: Tensor, keeping k: Int) throws -> Tensor {
    try Reference6.sent(gradients, keeping: k)
  }
  static func isKept(_ caption: String, width: Int, height: Int) throws -> Bool {
    try Reference6.isKept(caption, width: width, height: height)
  }
  static func memory(parameters: Int, bytes: [Int], blocks: Int, gpus: Int) throws -> Int {
    try Reference6.memory(parameters: parameters, bytes: bytes, blocks: blocks, gpus: gpus)
  }
}
