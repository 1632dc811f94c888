// Mutants of what travels, of what is kept, and of memory: exercises 6.1 and 6.4 to 6.6.

import CourseKit
import Foundation
import Solutions
import TensorCore

private func mean(_ all: [Tensor]) -> Tensor {
  all.dropFirst().reduce(all[0], +) / Float(all.count)
}

enum OneMachine: Mutant6 {
  static let note = Note(
    "6.5", caughtBy: "the mean of two machines", "only the first machine's gradient is used")
  static func powerSGD(
    _ gradients: [Tensor], query: Tensor
  ) throws -> (mean: Tensor, query: Tensor) {
    try Reference6.powerSGD([gradients[0]], query: query)
  }
}

enum NotOrthonormal: Mutant6 {
  static let note = Note(
    "6.5", caughtBy: "a matrix of rank 1", "P is used as it is; make its columns orthonormal first")
  static func powerSGD(
    _ gradients: [Tensor], query: Tensor
  ) throws -> (mean: Tensor, query: Tensor) {
    let p = mean(gradients.map { matmul($0, query) })
    let q = mean(gradients.map { matmul($0, p, transposeA: true) })
    return (matmul(p, q, transposeB: true), q)
  }
}

enum SumOfMachines: Mutant6 {
  static let note = Note(
    "6.5", caughtBy: "the mean of two machines", "this is the sum over machines; take the mean")
  static func powerSGD(
    _ gradients: [Tensor], query: Tensor
  ) throws -> (mean: Tensor, query: Tensor) {
    let (approximation, next) = try Reference6.powerSGD(gradients, query: query)
    let count = Float(gradients.count)
    return (approximation * count, next * count)
  }
}

enum OldQuery: Mutant6 {
  static let note = Note(
    "6.5", caughtBy: "a matrix of rank 1",
    "the old Q is multiplied with P̂; Q is computed anew as Mᵀ P̂")
  static func powerSGD(
    _ gradients: [Tensor], query: Tensor
  ) throws -> (mean: Tensor, query: Tensor) {
    let p = orthonormal(mean(gradients.map { matmul($0, query) }))
    return (matmul(p, query, transposeB: true), query)
  }
}

enum ProductOnly: Mutant6 {
  static let note = Note(
    "6.5", caughtBy: "random gradients", "the exact mean is returned; only P̂ Qᵀ arrives")
  static func powerSGD(
    _ gradients: [Tensor], query: Tensor
  ) throws -> (mean: Tensor, query: Tensor) {
    (mean(gradients), try Reference6.powerSGD(gradients, query: query).query)
  }
}

/// What is sent of the rows of a matrix, with what `next` makes of the error and what was sent.
private func sent(
  _ gradients: Tensor, keeping k: Int, by size: (Float) -> Float = abs,
  next: (_ total: Float, _ sent: Float, _ gradient: Float) -> Float
) -> Tensor {
  let (steps, n) = (gradients.shape[0], gradients.shape[1])
  let values = gradients.scalars
  var error = [Float](repeating: 0, count: n)
  var all: [Float] = []
  for step in 0..<steps {
    let total = (0..<n).map { error[$0] + values[step * n + $0] }
    let largest = total.indices.sorted { (size(total[$0]), $1) > (size(total[$1]), $0) }
    var sent = [Float](repeating: 0, count: n)
    for i in largest.prefix(k) { sent[i] = total[i] }
    error = (0..<n).map { next(total[$0], sent[$0], values[step * n + $0]) }
    all += sent
  }
  return Tensor(shape: [steps, n], all)
}

enum NoFeedback: Mutant6 {
  static let note = Note(
    "6.6", caughtBy: "[3, 2], then [1, 2], one number a step",
    "what is not sent is lost; add it to the next step")
  static func sent(_ gradients: Tensor, keeping k: Int) throws -> Tensor {
    Mutants.sent(gradients, keeping: k) { _, _, _ in 0 }
  }
}

enum LastErrorOnly: Mutant6 {
  static let note = Note(
    "6.6", caughtBy: "[5, -2] four times, one number a step",
    "only the part of the last gradient that was not sent is kept; keep all that was not sent so far"
  )
  static func sent(_ gradients: Tensor, keeping k: Int) throws -> Tensor {
    Mutants.sent(gradients, keeping: k) { _, sent, gradient in sent == 0 ? gradient : 0 }
  }
}

enum SignedLargest: Mutant6 {
  static let note = Note(
    "6.6", caughtBy: "random gradients", "the largest numbers are sent; take the largest by |x|")
  static func sent(_ gradients: Tensor, keeping k: Int) throws -> Tensor {
    Mutants.sent(gradients, keeping: k, by: { $0 }) { total, sent, _ in total - sent }
  }
}

enum AllOfError: Mutant6 {
  static let note = Note(
    "6.6", caughtBy: "[3, 2], then [1, 2], one number a step",
    "what was sent stays in the error and is sent again; take it away")
  static func sent(_ gradients: Tensor, keeping k: Int) throws -> Tensor {
    Mutants.sent(gradients, keeping: k) { total, _, _ in total }
  }
}

enum StrictAspect: Mutant6 {
  static let note = Note(
    "6.1", caughtBy: "sizes, on either side",
    "a picture twice as long as wide is left out; it just passes")
  static func isKept(_ caption: String, width: Int, height: Int) throws -> Bool {
    try Reference6.isKept(caption, width: width, height: height)
      && max(width, height) != 2 * min(width, height)
  }
}

enum ShortCaptions: Mutant6 {
  static let note = Note(
    "6.1", caughtBy: "short captions", "two words are enough here; three are needed")
  static func isKept(_ caption: String, width: Int, height: Int) throws -> Bool {
    let words = caption.split(separator: " ")
    return try Reference6.isKept(
      words.count == 2 ? caption + " x" : caption, width: width, height: height)
  }
}

enum SpacesCount: Mutant6 {
  static let note = Note(
    "6.1", caughtBy: "other letters",
    "spaces count as characters that are no letters; leave them out")
  static func isKept(_ caption: String, width: Int, height: Int) throws -> Bool {
    let letters = caption.lowercased().count { ("a"..."z").contains($0) }
    return try Reference6.isKept(caption, width: width, height: height)
      && 2 * letters > caption.count
  }
}

enum AnyTaken: Mutant6 {
  static let note = Note(
    "6.1", caughtBy: "dates",
    "\"taken on\" alone is no date: a word that begins with a digit must follow")
  static func isKept(_ caption: String, width: Int, height: Int) throws -> Bool {
    let text = caption.lowercased()
    return try Reference6.isKept(caption, width: width, height: height)
      && !["photographed on", "taken on", "captured on"].contains { text.contains($0) }
  }
}

enum HalfLetters: Mutant6 {
  static let note = Note(
    "6.1", caughtBy: "other letters", "half of the characters is not more than half")
  static func isKept(_ caption: String, width: Int, height: Int) throws -> Bool {
    let characters = caption.lowercased().filter { $0 != " " }
    let letters = characters.count { ("a"..."z").contains($0) }
    let isHalf = 2 * letters == characters.count
    return try Reference6.isKept(
      isHalf ? caption + "a" : caption, width: width, height: height)
  }
}

enum NothingGathered: Mutant6 {
  static let note = Note(
    "6.4", caughtBy: "24 parameters, 2, 2, 6 and 6 bytes, 2 blocks, 6 GPUs",
    "the blocks that are whole for a while are missing")
  static func memory(parameters: Int, bytes: [Int], blocks: Int, gpus: Int) throws -> Int {
    parameters / gpus * bytes.reduce(0, +)
  }
}

enum NoPrefetch: Mutant6 {
  static let note = Note(
    "6.4", caughtBy: "24 parameters, 2, 2, 6 and 6 bytes, 2 blocks, 6 GPUs",
    "there is room for one block's parameters; the next one is on its way already")
  static func memory(parameters: Int, bytes: [Int], blocks: Int, gpus: Int) throws -> Int {
    parameters / gpus * bytes.reduce(0, +) + parameters / blocks * (bytes[0] + bytes[1])
  }
}

enum AllShared: Mutant6 {
  static let note = Note(
    "6.4", caughtBy: "24 parameters, 2, 2, 6 and 6 bytes, 2 blocks, 6 GPUs",
    "the borrowed blocks are divided by the number of GPUs; they are whole")
  static func memory(parameters: Int, bytes: [Int], blocks: Int, gpus: Int) throws -> Int {
    (parameters * bytes.reduce(0, +) + parameters / blocks * (2 * bytes[0] + bytes[1])) / gpus
  }
}

enum SharedBlock: Mutant6 {
  static let note = Note(
    "6.4", caughtBy: "24 parameters, 2, 2, 6 and 6 bytes, 2 blocks, 6 GPUs",
    "Adam's averages are gathered with the block; only parameters and the gradient are")
  static func memory(parameters: Int, bytes: [Int], blocks: Int, gpus: Int) throws -> Int {
    parameters / gpus * bytes.reduce(0, +)
      + parameters / blocks * (2 * bytes[0] + bytes[1] + bytes[2] + bytes[3])
  }
}
