import CourseKit
import Solutions
import TensorCore

let chapter4: [any Mutant4.Type] = [
  OnePadding.self, PaddingFromZero.self, PaddingInFront.self, LastTokensKept.self,
  SameRowOnly.self, RowOneShort.self, RowSeesFuture.self, RowWithoutText.self,
  ColumnWithoutItself.self, ColumnSeesFuture.self, ColumnIsRow.self, ColumnCountsText.self,
  NoWrapAround.self, TrailingWindow.self, KernelForReach.self, NoRightHalf.self, PlainMean.self,
  WeightsExchanged.self, NotShifted.self, SummedParts.self, CacheNotKept.self, NewestUnseen.self,
  OneHead.self, CacheInFront.self, KeepsOneMore.self, KeepsThreshold.self, ZeroInstead.self,
  MayKeepNone.self, StopsBefore.self, StopsAfter.self, TopPOfLogits.self, Renormalised.self,
  FromConditioned.self, GuidedBackwards.self, Mixed.self, GivenNotRead.self, DrawnNotRead.self,
  OneCodeBehind.self, ReadAgain.self, DrawnOver.self, PartOfARowKept.self, DrawsFirst.self,
]

enum OnePadding: Mutant4 {
  static let note = Note(
    "4.1", caughtBy: "a caption of two tokens",
    "all places have the same padding token; each place has its own: V + p")
  static func pad(_ captions: [[Int32]], length: Int, vocabulary: Int) throws -> IndexTensor {
    let right = try Reference4.pad(captions, length: length, vocabulary: vocabulary)
    return IndexTensor(shape: right.shape, right.values.map { min($0, Int32(vocabulary)) })
  }
}

enum PaddingFromZero: Mutant4 {
  static let note = Note(
    "4.1", caughtBy: "a caption of two tokens",
    "the padding is numbered from the end of the caption; place p has the id V + p, whatever came "
      + "before")
  static func pad(_ captions: [[Int32]], length: Int, vocabulary: Int) throws -> IndexTensor {
    let ids = captions.flatMap { caption in
      (0..<length).map { $0 < caption.count ? caption[$0] : Int32(vocabulary + $0 - caption.count) }
    }
    return IndexTensor(shape: [captions.count, length], ids)
  }
}

enum PaddingInFront: Mutant4 {
  static let note = Note(
    "4.1", caughtBy: "a caption of two tokens",
    "the padding comes before the caption; it should come after it")
  static func pad(_ captions: [[Int32]], length: Int, vocabulary: Int) throws -> IndexTensor {
    let ids = captions.flatMap { caption -> [Int32] in
      let kept = caption.prefix(length)
      return (0..<length - kept.count).map { Int32(vocabulary + $0) } + kept
    }
    return IndexTensor(shape: [captions.count, length], ids)
  }
}

enum LastTokensKept: Mutant4 {
  static let note = Note(
    "4.1", caughtBy: "a caption that is too long",
    "the last tokens of a long caption are kept; keep the first")
  static func pad(_ captions: [[Int32]], length: Int, vocabulary: Int) throws -> IndexTensor {
    try Reference4.pad(
      captions.map { Array($0.suffix(length)) }, length: length, vocabulary: vocabulary)
  }
}

/// The mean cross-entropies of caption and picture.
private func parts(_ logits: Tensor, _ tokens: IndexTensor, _ text: Int) -> (Tensor, Tensor) {
  let (b, s, v) = (logits.shape[0], logits.shape[1], logits.shape[2])
  func part(_ places: Range<Int>) -> Tensor {
    let targets = (0..<b).flatMap { row in places.map { tokens.values[row * (s + 1) + $0 + 1] } }
    return crossEntropy(
      logits.sliced(axis: 1, places).reshaped(b * places.count, v), IndexTensor(targets))
  }
  return (part(0..<text), part(text..<s))
}

enum PlainMean: Mutant4 {
  static let note = Note(
    "4.5", caughtBy: "one caption token, one image token",
    "this is the mean over all tokens; caption and picture weigh 1/8 and 7/8")
  static func loss(_ logits: Tensor, tokens: IndexTensor, text: Int) throws -> Tensor {
    let (caption, picture) = parts(logits, tokens, text)
    let share = Float(text) / Float(logits.shape[1])
    return caption * share + picture * (1 - share)
  }
}

enum WeightsExchanged: Mutant4 {
  static let note = Note(
    "4.5", caughtBy: "one caption token, one image token",
    "the weights are exchanged: the picture weighs 7/8")
  static func loss(_ logits: Tensor, tokens: IndexTensor, text: Int) throws -> Tensor {
    let (caption, picture) = parts(logits, tokens, text)
    return caption * 0.875 + picture * 0.125
  }
}

enum NotShifted: Mutant4 {
  static let note = Note(
    "4.5", caughtBy: "random logits",
    "the logits at place i are compared with token i, which the model has seen; use token i + 1")
  static func loss(_ logits: Tensor, tokens: IndexTensor, text: Int) throws -> Tensor {
    let width = tokens.shape[1]
    let shifted = tokens.values.indices.map { place in
      tokens.values[place % width == 0 ? place : place - 1]
    }
    return try Reference4.loss(
      logits, tokens: IndexTensor(shape: tokens.shape, shifted), text: text)
  }
}

enum SummedParts: Mutant4 {
  static let note = Note(
    "4.5", caughtBy: "random logits",
    "the cross-entropies are added up over tokens; each kind has a mean of its own")
  static func loss(_ logits: Tensor, tokens: IndexTensor, text: Int) throws -> Tensor {
    let (caption, picture) = parts(logits, tokens, text)
    let b = logits.shape[0]
    return caption * (0.125 * Float(b * text))
      + picture * (0.875 * Float(b * (logits.shape[1] - text)))
  }
}

enum CacheNotKept: Mutant4 {
  static let note = Note(
    "4.6", caughtBy: "two equal keys: the mean of their values",
    "what was appended is not put back into the cache, so the next token cannot see it")
  static func attentionStep(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: inout KeyValueCache, heads: Int
  ) throws -> Tensor {
    var copy = cache
    return try Reference4.attentionStep(query, key, value, cache: &copy, heads: heads)
  }
}

enum NewestUnseen: Mutant4 {
  static let note = Note(
    "4.6", caughtBy: "two equal keys: the mean of their values",
    "the newest token does not see itself: append its key and value before attending")
  static func attentionStep(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: inout KeyValueCache, heads: Int
  ) throws -> Tensor {
    let before = cache
    let right = try Reference4.attentionStep(query, key, value, cache: &cache, heads: heads)
    guard let keys = before.keys, let values = before.values else { return right }
    return attention(query.reshaped(query.shape[0], 1, -1), keys, values, heads: heads)
      .reshaped(query.shape)
  }
}

enum OneHead: Mutant4 {
  static let note = Note(
    "4.6", caughtBy: "four steps of two heads",
    "all of the width is treated as one head; h heads lie side by side in it")
  static func attentionStep(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: inout KeyValueCache, heads: Int
  ) throws -> Tensor {
    try Reference4.attentionStep(query, key, value, cache: &cache, heads: 1)
  }
}

enum CacheInFront: Mutant4 {
  static let note = Note(
    "4.6", caughtBy: "four steps of two heads",
    "the newest key goes to the end and the newest value to the front: their order must agree")
  static func attentionStep(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, cache: inout KeyValueCache, heads: Int
  ) throws -> Tensor {
    let before = cache.values
    _ = try Reference4.attentionStep(query, key, value, cache: &cache, heads: heads)
    let (b, d) = (query.shape[0], query.shape[1])
    let newest = value.reshaped(b, 1, d)
    let values = before.map { concatenate([newest, $0], axis: 1) } ?? newest
    cache.values = values
    let keys = cache.keys ?? key.reshaped(b, 1, d)
    return attention(query.reshaped(b, 1, d), keys, values, heads: heads).reshaped(b, d)
  }
}
