import CourseKit
import Solutions
import TensorCore

/// Keeps the k largest logits of each row.
private func largest(_ k: Int, of logits: Tensor, otherwise: Float = -.infinity) -> Tensor {
  let v = logits.shape[1]
  let kept = stride(from: 0, to: logits.count, by: v).flatMap { start -> [Float] in
    let own = logits.scalars[start..<start + v]
    let order = own.sorted(by: >)
    return own.map { k > 0 && $0 >= order[min(k, v) - 1] ? $0 : otherwise }
  }
  return Tensor(shape: logits.shape, kept)
}

enum KeepsOneMore: Mutant4 {
  static let note = Note(
    "4.7", caughtBy: "half of four",
    "one id too many stays: the smallest that stays is at index k - 1")
  static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor {
    largest(max(1, Int((1 - threshold) * Double(logits.shape[1]))) + 1, of: logits)
  }
}

enum KeepsThreshold: Mutant4 {
  static let note = Note(
    "4.7", caughtBy: "random logits",
    "the threshold is taken as the share that stays; that share is 1 - threshold")
  static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor {
    try Reference4.topK(logits, threshold: 1 - threshold)
  }
}

enum ZeroInstead: Mutant4 {
  static let note = Note(
    "4.7", caughtBy: "half of four",
    "what is removed becomes 0, which is a logit like any other; only -∞ has probability 0")
  static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor {
    largest(
      max(1, Int((1 - threshold) * Double(logits.shape[1]))), of: logits, otherwise: 0)
  }
}

enum MayKeepNone: Mutant4 {
  static let note = Note(
    "4.7", caughtBy: "threshold 0 keeps all, 1 keeps one",
    "with a threshold near 1 no id is left: k is at least 1")
  static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor {
    largest(Int((1 - threshold) * Double(logits.shape[1])), of: logits)
  }
}

/// Keeps each id for which `isKept` is true of the sums before and after it, by falling probability.
private func nucleus(_ logits: Tensor, _ isKept: (_ before: Double, _ after: Double) -> Bool)
  -> Tensor
{
  let v = logits.shape[1]
  let probabilities = logits.softmax().scalars
  var kept = logits.scalars
  for start in stride(from: 0, to: kept.count, by: v) {
    var sum = 0.0
    for id in (start..<start + v).sorted(by: { probabilities[$0] > probabilities[$1] }) {
      let after = sum + Double(probabilities[id])
      if !isKept(sum, after) { kept[id] = -.infinity }
      sum = after
    }
  }
  return Tensor(shape: logits.shape, kept)
}

enum StopsBefore: Mutant4 {
  static let note = Note(
    "4.8", caughtBy: "0.5 and 0.3 reach 0.6",
    "the id that reaches p is removed as well; it belongs to the nucleus")
  static func topP(_ logits: Tensor, p: Double) throws -> Tensor {
    nucleus(logits) { before, after in before == 0 || after <= p }
  }
}

enum StopsAfter: Mutant4 {
  static let note = Note(
    "4.8", caughtBy: "random logits",
    "one id too many stays: stop as soon as the sum is p")
  static func topP(_ logits: Tensor, p: Double) throws -> Tensor {
    var isOver = false
    return nucleus(logits) { before, _ in
      if before == 0 { isOver = false }
      defer { if before >= p { isOver = true } }
      return !isOver
    }
  }
}

enum TopPOfLogits: Mutant4 {
  static let note = Note(
    "4.8", caughtBy: "0.5 and 0.3 reach 0.6",
    "every id with a probability below p is removed; it is the sum that is compared with p")
  static func topP(_ logits: Tensor, p: Double) throws -> Tensor {
    nucleus(logits) { before, after in before == 0 || after - before >= p }
  }
}

enum Renormalised: Mutant4 {
  static let note = Note(
    "4.8", caughtBy: "one id always stays, and logits keep their values",
    "the result is probabilities; it should be logits, with -∞ for what is removed")
  static func topP(_ logits: Tensor, p: Double) throws -> Tensor {
    let kept = try Reference4.topP(logits, p: p)
    let probabilities = logits.softmax().scalars
    return Tensor(
      shape: kept.shape, zip(kept.scalars, probabilities).map { $0 == -.infinity ? $0 : $1 })
  }
}

enum FromConditioned: Mutant4 {
  static let note = Note(
    "4.9", caughtBy: "twice as far",
    "the arrow begins at the conditioned logits; it should begin at those without a caption")
  static func guide(conditioned: Tensor, unconditioned: Tensor, scale: Float) throws -> Tensor {
    conditioned + (conditioned - unconditioned) * scale
  }
}

enum GuidedBackwards: Mutant4 {
  static let note = Note(
    "4.9", caughtBy: "twice as far",
    "conditioned and unconditioned are exchanged, so the caption is avoided")
  static func guide(conditioned: Tensor, unconditioned: Tensor, scale: Float) throws -> Tensor {
    conditioned + (unconditioned - conditioned) * scale
  }
}

enum Mixed: Mutant4 {
  static let note = Note(
    "4.9", caughtBy: "twice as far",
    "the difference is not multiplied by the scale")
  static func guide(conditioned: Tensor, unconditioned: Tensor, scale: Float) throws -> Tensor {
    conditioned
  }
}
