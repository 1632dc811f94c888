// Mutants of the loss over corrupted patches, exercise 1.10.

import CourseKit
import Solutions
import TensorCore

/// The loss with other sources than those that were drawn, by place; nil where a patch shall not
/// count.
private func loss(
  _ logits: Tensor, _ colours: IndexTensor, _ sources: [Int?],
  _ changed: (_ place: Int, _ source: Int?) -> Int?
) throws -> Tensor {
  let n = logits.shape[1]
  return try Reference1.maskedLoss(
    logits, colours: colours, sources: sources.enumerated().map { changed($0 % n, $1) })
}

enum EveryPatch: Mutant1 {
  static let note = Note(
    "1.10", caughtBy: "one hidden, one exchanged, one as it was",
    "the mean is over all patches; those that were left alone are no riddle and must not count")
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    try loss(logits, colours, sources) { place, _ in place }
  }
}

enum LeftAloneOnly: Mutant1 {
  static let note = Note(
    "1.10", caughtBy: "one hidden, one exchanged, one as it was",
    "the patches that count are those that were left alone: nil says that nothing was done to one")
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    try loss(logits, colours, sources) { place, source in source == nil ? place : nil }
  }
}

enum HiddenOnly: Mutant1 {
  static let note = Note(
    "1.10", caughtBy: "one hidden, one exchanged, one as it was",
    "only the hidden patches count; exchanged ones and those left as they were are asked for, too")
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    let n = logits.shape[1]
    return try loss(logits, colours, sources) { _, source in source == n ? source : nil }
  }
}

enum KeptLeftOut: Mutant1 {
  static let note = Note(
    "1.10", caughtBy: "one hidden, one exchanged, one as it was",
    "patches with their own number do not count here; they look intact, and are asked for as well")
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    try loss(logits, colours, sources) { place, source in source == place ? nil : source }
  }
}

enum ColourOfSource: Mutant1 {
  static let note = Note(
    "1.10", caughtBy: "one hidden, one exchanged, one as it was",
    "the right colour of an exchanged patch is taken from the patch that was put there; what is "
      + "asked for is the colour of the one that was there before")
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    let n = logits.shape[1]
    let taken = sources.enumerated().map { place, source in
      guard let source, source < n else { return colours.values[place] }
      return colours.values[place / n * n + source]
    }
    return try Reference1.maskedLoss(
      logits, colours: IndexTensor(shape: colours.shape, taken), sources: sources)
  }
}

enum DividedByAll: Mutant1 {
  static let note = Note(
    "1.10", caughtBy: "one hidden, one exchanged, one as it was",
    "the sum is divided by the number of all patches; only the corrupted ones are in it")
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    let mean = try Reference1.maskedLoss(logits, colours: colours, sources: sources)
    return mean * (Float(sources.count { $0 != nil }) / Float(sources.count))
  }
}

enum NotDivided: Mutant1 {
  static let note = Note(
    "1.10", caughtBy: "one hidden, one exchanged, one as it was",
    "this is the sum over the corrupted patches; their mean is asked for")
  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    let mean = try Reference1.maskedLoss(logits, colours: colours, sources: sources)
    return mean * Float(sources.count { $0 != nil })
  }
}
