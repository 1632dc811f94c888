import CourseKit
import Solutions
import TensorCore

let chapter4: [any Mutant4.Type] = [
  OnePadding.self, PaddingFromZero.self, PaddingInFront.self, LastTokensKept.self,
  SameRowOnly.self, RowOneShort.self, RowSeesFuture.self, RowWithoutText.self,
  ColumnWithoutItself.self, ColumnSeesFuture.self, ColumnIsRow.self, ColumnCountsText.self,
  NoWrapAround.self, WindowBehind.self, KernelForReach.self, NoRightHalf.self,
  PlainMean.self, WeightsExchanged.self, NotShifted.self, SummedParts.self,
  CacheNotKept.self, NewestUnseen.self, OneHead.self, CacheInFront.self,
  KeepsOneMore.self, KeepsThreshold.self, ZeroInstead.self, MayKeepNone.self,
  StopsBefore.self, StopsAfter.self, TopPOfLogits.self, Renormalised.self,
  FromConditioned.self, GuidedBackwards.self, Mixed.self,
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
    "the padding stands in front of the caption; it should stand behind it")
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
    "of a long caption the last tokens are kept; keep the first")
  static func pad(_ captions: [[Int32]], length: Int, vocabulary: Int) throws -> IndexTensor {
    try Reference4.pad(
      captions.map { Array($0.suffix(length)) }, length: length, vocabulary: vocabulary)
  }
}

/// A mask in which text is as it should be, and image tokens see one another by a rule.
private func mask(
  _ text: Int, _ grid: Int, _ rule: (_ query: Int, _ key: Int) -> Bool
) -> Mask {
  let size = text + grid * grid
  return Mask(
    shape: [size, size],
    (0..<size * size).map { place in
      let (query, key) = (place / size, place % size)
      if query < text || key < text { return key <= query ? 1 : 0 }
      return rule(query - text, key - text) ? 1 : 0
    })
}

enum SameRowOnly: Mutant4 {
  static let note = Note(
    "4.2", caughtBy: "one text token and 2×2 image tokens",
    "a token sees its own row only; it sees the n tokens before it, across the edge of its row")
  static func rowMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { $1 <= $0 && $0 / grid == $1 / grid }
  }
}

enum RowOneShort: Mutant4 {
  static let note = Note(
    "4.2", caughtBy: "the last token of a 4×4 grid sees five",
    "n tokens are seen in all; it is n and the token itself, up to the one right above")
  static func rowMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { $1 <= $0 && $0 - $1 < grid }
  }
}

enum RowSeesFuture: Mutant4 {
  static let note = Note(
    "4.2", caughtBy: "one text token and 2×2 image tokens",
    "tokens see later ones: q - k must not be negative")
  static func rowMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { $0 - $1 <= grid }
  }
}

enum RowWithoutText: Mutant4 {
  static let note = Note(
    "4.2", caughtBy: "the last token of a 4×4 grid sees five",
    "image tokens do not see all of the text: the rule for rows holds among image tokens only")
  static func rowMask(text: Int, grid: Int) throws -> Mask {
    let size = text + grid * grid
    return Mask(
      shape: [size, size],
      (0..<size * size).map { place in
        let (query, key) = (place / size, place % size)
        if query < text { return key <= query ? 1 : 0 }
        return key <= query && query - key <= grid ? 1 : 0
      })
  }
}

enum ColumnWithoutItself: Mutant4 {
  static let note = Note(
    "4.3", caughtBy: "the last token of a 4×4 grid sees four",
    "a token does not see itself; q = k belongs to its column")
  static func columnMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { $1 < $0 && ($0 - $1) % grid == 0 }
  }
}

enum ColumnSeesFuture: Mutant4 {
  static let note = Note(
    "4.3", caughtBy: "one text token and 2×2 image tokens",
    "tokens see the whole column, also what is below them and not yet drawn")
  static func columnMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { ($0 - $1) % grid == 0 }
  }
}

enum ColumnIsRow: Mutant4 {
  static let note = Note(
    "4.3", caughtBy: "one text token and 2×2 image tokens",
    "tokens of one row are seen: q / n is the row, q % n is the column")
  static func columnMask(text: Int, grid: Int) throws -> Mask {
    mask(text, grid) { $1 <= $0 && $0 / grid == $1 / grid }
  }
}

enum ColumnCountsText: Mutant4 {
  static let note = Note(
    "4.3", caughtBy: "one text token and 2×2 image tokens",
    "text is treated like a picture: image tokens see all text, whatever column it would be in")
  static func columnMask(text: Int, grid: Int) throws -> Mask {
    let size = text + grid * grid
    return Mask(
      shape: [size, size],
      (0..<size * size).map { place in
        let (query, key) = (place / size, place % size)
        if query < text { return key <= query ? 1 : 0 }
        return key <= query && (query - key) % grid == 0 ? 1 : 0
      })
  }
}

enum NoWrapAround: Mutant4 {
  static let note = Note(
    "4.4", caughtBy: "windows wrap around at the left edge",
    "the window is cut off at the left and right edge; by DALL·E's offsets it wraps around")
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    mask(text, grid) {
      $1 <= $0 && $0 / grid - $1 / grid <= kernel / 2
        && abs($0 % grid - $1 % grid) <= kernel / 2
    }
  }
}

enum WindowBehind: Mutant4 {
  static let note = Note(
    "4.4", caughtBy: "3×3: the last token of a 4×4 grid sees five",
    "the window ends at the token in both directions; it is centred on it, and what is later is "
      + "cut away")
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    let offsets = Set((0..<kernel).flatMap { i in (0..<kernel).map { grid * i + $0 } })
    return mask(text, grid) { $1 <= $0 && offsets.contains($0 - $1) }
  }
}

enum KernelForReach: Mutant4 {
  static let note = Note(
    "4.4", caughtBy: "3×3: the last token of a 4×4 grid sees five",
    "the window reaches `kernel` tokens to each side; it reaches (kernel - 1) / 2")
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    try Reference4.convolutionMask(text: text, grid: grid, kernel: 2 * kernel + 1)
  }
}

enum NoRightHalf: Mutant4 {
  static let note = Note(
    "4.4", caughtBy: "3×3: the last token of a 4×4 grid sees five",
    "what is above and to the right is not seen: j runs from -r to r in the rows above")
  static func convolutionMask(text: Int, grid: Int, kernel: Int) throws -> Mask {
    let reach = kernel / 2
    let offsets = Set((0...reach).flatMap { i in (0...reach).map { grid * i + $0 } })
    return mask(text, grid) { $1 <= $0 && offsets.contains($0 - $1) }
  }
}

/// The mean cross-entropies of caption and picture.
private func parts(_ logits: Tensor, _ tokens: IndexTensor, _ text: Int) throws -> (Tensor, Tensor)
{
  // 1/8 a + 7/8 b for the weights as they are, and for the two kinds exchanged.
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
    let (caption, picture) = try parts(logits, tokens, text)
    let share = Float(text) / Float(logits.shape[1])
    return caption * share + picture * (1 - share)
  }
}

enum WeightsExchanged: Mutant4 {
  static let note = Note(
    "4.5", caughtBy: "one caption token, one image token",
    "the weights are exchanged: the picture weighs 7/8")
  static func loss(_ logits: Tensor, tokens: IndexTensor, text: Int) throws -> Tensor {
    let (caption, picture) = try parts(logits, tokens, text)
    return caption * 0.875 + picture * 0.125
  }
}

enum NotShifted: Mutant4 {
  static let note = Note(
    "4.5", caughtBy: "random logits",
    "the logits at place i are held against token i, which the model has seen; it is token i + 1")
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
    let (caption, picture) = try parts(logits, tokens, text)
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
    "the newest key is appended behind and the newest value in front: their order must agree")
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
    "one id too many stays: the smallest that stays has the index k - 1")
  static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor {
    largest(max(1, Int((1 - threshold) * Double(logits.shape[1]))) + 1, of: logits)
  }
}

enum KeepsThreshold: Mutant4 {
  static let note = Note(
    "4.7", caughtBy: "random logits",
    "the threshold is taken for the share that stays; 1 - threshold stays")
  static func topK(_ logits: Tensor, threshold: Double) throws -> Tensor {
    try Reference4.topK(logits, threshold: 1 - threshold)
  }
}

enum ZeroInstead: Mutant4 {
  static let note = Note(
    "4.7", caughtBy: "half of four",
    "what is removed becomes 0, which is still a logit like others; -∞ has probability 0")
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

/// Keeps ids by falling probability while `isKept` says so of the sum before and after an id.
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
    "every id with a probability below p is removed; it is the sum that is held against p")
  static func topP(_ logits: Tensor, p: Double) throws -> Tensor {
    nucleus(logits) { before, after in before == 0 || after - before >= p }
  }
}

enum Renormalised: Mutant4 {
  static let note = Note(
    "4.8", caughtBy: "one id always stays, and logits keep their values",
    "probabilities come out; logits should, with -∞ for what is removed")
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
    "the arrow begins at the conditioned logits; it begins at those without a caption")
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
