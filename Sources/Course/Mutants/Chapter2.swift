import CourseKit
import Solutions
import TensorCore

let chapter2: [any Mutant2.Type] = [
  MergesOnce.self, LeftmostFirst.self, OneMergeOnly.self, AtFirstPlaceOnly.self, LastPlace.self,
  LastOfSeveral.self, MeanPooling.self, SmallestID.self, NotOfLengthOne.self,
  ScaleNotExponential.self, TransposedLogits.self, DividedByScale.self, RowsOnly.self,
  SummedLosses.self, GradientNotHalved.self, GradientOfRows.self, OneHotForgotten.self,
  ExchangeFirst.self, NoExchange.self, ItselfIncluded.self, Substrings.self,
  PromptsNotNormalised.self, MeanNotNormalised.self, FirstPromptOnly.self, ClosestToLast.self,
  SameWayTwice.self, CountsNotShares.self, WaysExchanged.self,
]

enum MergesOnce: Mutant2 {
  static let note = Note(
    "2.1", caughtBy: "random words and merges",
    "each merge is tried once, in the order of the list; after a merge look from the start again")
  static func merge(_ word: [String], merges: [(left: String, right: String)]) throws -> [String] {
    try merges.reduce(word) { try Reference2.merge($0, merges: [$1]) }
  }
}

enum LeftmostFirst: Mutant2 {
  static let note = Note(
    "2.1", caughtBy: "the pair learnt first goes first",
    "the leftmost pair that can merge goes first; it should be the pair that was learnt first")
  static func merge(_ word: [String], merges: [(left: String, right: String)]) throws -> [String] {
    var symbols = word
    while let place = symbols.indices.dropLast().first(where: { place in
      merges.contains { $0.left == symbols[place] && $0.right == symbols[place + 1] }
    }) {
      symbols.replaceSubrange(place...place + 1, with: [symbols[place] + symbols[place + 1]])
    }
    return symbols
  }
}

enum OneMergeOnly: Mutant2 {
  static let note = Note(
    "2.1", caughtBy: "lower", "only one pair is merged: continue until no pair is among the merges")
  static func merge(_ word: [String], merges: [(left: String, right: String)]) throws -> [String] {
    let best = merges.first { pair in
      zip(word, word.dropFirst()).contains { $0 == pair.left && $1 == pair.right }
    }
    return try best.map { try Reference2.merge(word, merges: [$0]) } ?? word
  }
}

enum AtFirstPlaceOnly: Mutant2 {
  static let note = Note(
    "2.1", caughtBy: "everywhere, from left to right",
    "overlapping pairs are merged from right to left; they should be merged from left to right")
  static func merge(_ word: [String], merges: [(left: String, right: String)]) throws -> [String] {
    func turned(_ symbol: String) -> String { String(symbol.reversed()) }
    let backwards = merges.map { (left: turned($0.right), right: turned($0.left)) }
    return try Reference2.merge(word.reversed().map(turned), merges: backwards).reversed()
      .map(turned)
  }
}

enum LastPlace: Mutant2 {
  static let note = Note(
    "2.2", caughtBy: "ends at places 2 and 1",
    "the last place is read, which may be padding; the end token has the largest id")
  static func pool(_ states: Tensor, ids: IndexTensor) throws -> Tensor { states.at(-1, axis: 1) }
}

enum LastOfSeveral: Mutant2 {
  static let note = Note(
    "2.2", caughtBy: "the first of several ends",
    "the last of several end tokens is read; everything after the first is padding")
  static func pool(_ states: Tensor, ids: IndexTensor) throws -> Tensor {
    let (b, t) = (ids.shape[0], ids.shape[1])
    let turned = (0..<b).flatMap { ids.values[$0 * t..<($0 + 1) * t].reversed() }
    return try Reference2.pool(states.reversed(axis: 1), ids: IndexTensor(shape: ids.shape, turned))
  }
}

enum MeanPooling: Mutant2 {
  static let note = Note(
    "2.2", caughtBy: "ends at places 2 and 1",
    "the mean over all places is taken; CLIP reads the end token, which has seen all others")
  static func pool(_ states: Tensor, ids: IndexTensor) throws -> Tensor { states.mean(axis: 1) }
}

enum SmallestID: Mutant2 {
  static let note = Note(
    "2.2", caughtBy: "ends at places 2 and 1",
    "the place of the smallest id is read; the end token has the largest")
  static func pool(_ states: Tensor, ids: IndexTensor) throws -> Tensor {
    try Reference2.pool(states, ids: IndexTensor(shape: ids.shape, ids.values.map { -$0 }))
  }
}

enum NotOfLengthOne: Mutant2 {
  static let note = Note(
    "2.3", caughtBy: "cosines 0.6, 0.8, 0 and 1",
    "the embeddings are not brought to length 1, so these are products and not cosines")
  static func similarities(_ pictures: Tensor, _ captions: Tensor, logitScale: Float) throws
    -> Tensor
  {
    matmul(pictures, captions, transposeB: true) * Tensor(logitScale).exp().item
  }
}

enum ScaleNotExponential: Mutant2 {
  static let note = Note(
    "2.3", caughtBy: "a scale of 100",
    "logitScale is the logarithm of the scale: multiply by e to its power")
  static func similarities(_ pictures: Tensor, _ captions: Tensor, logitScale: Float) throws
    -> Tensor
  {
    try Reference2.similarities(pictures, captions, logitScale: 0) * logitScale
  }
}

enum TransposedLogits: Mutant2 {
  static let note = Note(
    "2.3", caughtBy: "shape [3, 2]",
    "captions are in rows and pictures in columns; it should be the other way round")
  static func similarities(_ pictures: Tensor, _ captions: Tensor, logitScale: Float) throws
    -> Tensor
  {
    try Reference2.similarities(captions, pictures, logitScale: logitScale)
  }
}

enum DividedByScale: Mutant2 {
  static let note = Note(
    "2.3", caughtBy: "a scale of 100",
    "the cosines are divided by the scale as if it were a temperature; multiply")
  static func similarities(_ pictures: Tensor, _ captions: Tensor, logitScale: Float) throws
    -> Tensor
  {
    try Reference2.similarities(pictures, captions, logitScale: -logitScale)
  }
}

enum RowsOnly: Mutant2 {
  static let note = Note(
    "2.4", caughtBy: "loss of two pairs",
    "only the rows are asked; the columns ask which picture belongs to a caption")
  static func contrastiveLoss(_ logits: Tensor) throws -> Tensor {
    crossEntropy(logits, IndexTensor((0..<logits.shape[0]).map { Int32($0) }))
  }
}

enum SummedLosses: Mutant2 {
  static let note = Note(
    "2.4", caughtBy: "loss of two pairs",
    "the two cross-entropies are added; the loss is their mean")
  static func contrastiveLoss(_ logits: Tensor) throws -> Tensor {
    try Reference2.contrastiveLoss(logits) * 2
  }
}

enum GradientNotHalved: Mutant2 {
  static let note = Note(
    "2.4", caughtBy: "gradient of a loss that knows nothing",
    "the gradient is twice as large as it should be: the loss is the mean of two cross-entropies")
  static func contrastiveGradient(_ logits: Tensor) throws -> Tensor {
    try Reference2.contrastiveGradient(logits) * 2
  }
}

enum GradientOfRows: Mutant2 {
  static let note = Note(
    "2.4", caughtBy: "your gradient is that of your loss",
    "the gradient is that of the rows only: every logit is also part of a column")
  static func contrastiveGradient(_ logits: Tensor) throws -> Tensor {
    let n = logits.shape[0]
    let identity = Tensor(shape: [n, n], (0..<n * n).map { $0 % (n + 1) == 0 ? 1 : 0 })
    return (logits.softmax(axis: 1) - identity) / Float(n)
  }
}

enum OneHotForgotten: Mutant2 {
  static let note = Note(
    "2.4", caughtBy: "gradient of a loss that knows nothing",
    "the right answers are not subtracted: on the diagonal the gradient is softmax - 1")
  static func contrastiveGradient(_ logits: Tensor) throws -> Tensor {
    (logits.softmax(axis: 1) + logits.softmax(axis: 0)) / Float(2 * logits.shape[0])
  }
}

enum PromptsNotNormalised: Mutant2 {
  static let note = Note(
    "2.6", caughtBy: "a long and a short prompt",
    "long prompts count more than short ones: bring each to length 1 before the mean")
  static func classifier(prompts: [Tensor]) throws -> Tensor {
    stack(prompts.map { $0.mean(axis: 0) }, axis: 0).normalized()
  }
}

enum MeanNotNormalised: Mutant2 {
  static let note = Note(
    "2.6", caughtBy: "rows have length 1",
    "a mean of vectors of length 1 is shorter: bring it to length 1 again")
  static func classifier(prompts: [Tensor]) throws -> Tensor {
    stack(prompts.map { $0.normalized().mean(axis: 0) }, axis: 0)
  }
}

enum FirstPromptOnly: Mutant2 {
  static let note = Note(
    "2.6", caughtBy: "a long and a short prompt",
    "only the first prompt of each class is used; a class is the mean of all of its prompts")
  static func classifier(prompts: [Tensor]) throws -> Tensor {
    try Reference2.classifier(prompts: prompts.map { $0.sliced(axis: 0, 0..<1) })
  }
}

enum ClosestToLast: Mutant2 {
  static let note = Note(
    "2.6", caughtBy: "the classes of random pictures",
    "the class with the smallest cosine is chosen; it should be the largest")
  static func classify(_ pictures: Tensor, classifier: Tensor) throws -> [Int] {
    try Reference2.classify(pictures, classifier: -classifier)
  }
}

enum ExchangeFirst: Mutant2 {
  static let note = Note(
    "2.5", caughtBy: "two colours, and their exchange",
    "the exchange comes first; it should come after the replacements")
  static func hardNegatives(of caption: String, colours: [String]) throws -> [String] {
    var wrong = try Reference2.hardNegatives(of: caption, colours: colours)
    if let last = wrong.popLast() { wrong.insert(last, at: 0) }
    return wrong
  }
}

enum NoExchange: Mutant2 {
  static let note = Note(
    "2.5", caughtBy: "two colours, and their exchange",
    "the caption with its two colours exchanged is missing: it is what teaches binding")
  static func hardNegatives(of caption: String, colours: [String]) throws -> [String] {
    let words = caption.split(separator: " ").map(String.init)
    return words.indices.filter { colours.contains(words[$0]) }.flatMap { place in
      colours.filter { $0 != words[place] }.map { colour in
        var changed = words
        changed[place] = colour
        return changed.joined(separator: " ")
      }
    }
  }
}

enum ItselfIncluded: Mutant2 {
  static let note = Note(
    "2.5", caughtBy: "one colour",
    "the caption itself is among its negatives: leave out the colour that is there already")
  static func hardNegatives(of caption: String, colours: [String]) throws -> [String] {
    [caption] + (try Reference2.hardNegatives(of: caption, colours: colours))
  }
}

enum Substrings: Mutant2 {
  static let note = Note(
    "2.5", caughtBy: "no colour, nothing to get wrong",
    "colours are found inside words: redwood is not a colour; split the caption into words")
  static func hardNegatives(of caption: String, colours: [String]) throws -> [String] {
    if caption.split(separator: " ").contains(where: { colours.contains(String($0)) }) {
      return try Reference2.hardNegatives(of: caption, colours: colours)
    }
    return colours.filter(caption.contains).flatMap { old in
      colours.filter { $0 != old }.map { caption.replacing(old, with: $0) }
    }
  }
}

enum SameWayTwice: Mutant2 {
  static let note = Note(
    "2.7", caughtBy: "a caption that all pictures like",
    "both shares look along the rows; captions look for pictures along the columns")
  static func retrieval(_ logits: Tensor) throws -> (captions: Double, pictures: Double) {
    let shares = try Reference2.retrieval(logits)
    return (shares.captions, shares.captions)
  }
}

enum CountsNotShares: Mutant2 {
  static let note = Note(
    "2.7", caughtBy: "a caption that all pictures like",
    "these are counts: divide by n as a Double, because integer division drops the remainder")
  static func retrieval(_ logits: Tensor) throws -> (captions: Double, pictures: Double) {
    let (shares, n) = (try Reference2.retrieval(logits), Double(logits.shape[0]))
    return (shares.captions * n, shares.pictures * n)
  }
}

enum WaysExchanged: Mutant2 {
  static let note = Note(
    "2.7", caughtBy: "exchanged roles exchange the shares",
    "the two shares are exchanged: captions are found along the rows, axis 1")
  static func retrieval(_ logits: Tensor) throws -> (captions: Double, pictures: Double) {
    let shares = try Reference2.retrieval(logits)
    return (shares.pictures, shares.captions)
  }
}
