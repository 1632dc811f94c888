// From a caption to the ids that the transformer reads: exercises 2.1 and 4.1.

import DALLE
import TensorCore
import Text

extension Drawing {
  /// The ids of a caption without padding: by merging, exercise 2.1.
  ///
  /// Throws a `TextError` if it is too long.
  func ids(_ caption: String) throws(TextError) -> [Int32] {
    let (tokenizer, text) = (transformer.tokenizer, cleaned(caption))
    let ids = try transformer.ids(caption).filter { $0 != 0 }
    let words = tokenizer.words(text)
    let known = Dictionary(uniqueKeysWithValues: zip(tokenizer.vocabulary, Int32(0)...))
    let merges = tokenizer.merges
    let tokens = steps.take("2.1") {
      try words.flatMap { try steps.yours.chapter2.merge($0, merges: merges) }
    } misfit: { tokens in
      if tokens.joined() != words.joined().joined() { return "its tokens spell another caption" }
      if let token = tokens.first(where: { known[$0] == nil }) {
        return "the model has no token \"\(token)\""
      }
      return tokens.count > sizes.textLength
        ? "\(tokens.count) tokens are more than the \(sizes.textLength) that the model reads" : nil
    } else: {
      ids.map { tokenizer.vocabulary[Int($0)] }
    }
    return tokens.compactMap { known[$0] }
  }

  /// The text of two streams [2, 1 + T], with the caption and without: padding, exercise 4.1.
  func streams(_ ids: [Int32]) -> IndexTensor {
    let (t, v) = (sizes.textLength, sizes.textVocabulary)
    let padded = steps.take("4.1") {
      try chapter4.pad([ids, []], length: t, vocabulary: v)
    } misfit: { padded in
      if padded.shape != [2, t] { return "its shape \(padded.shape) is not \([2, t])" }
      let stranger = padded.values.first { !(0..<Int32(sizes.textIDs)).contains($0) }
      return stranger.map { "the model has no id \($0)" }
    } else: {
      let zeros = [Int32](repeating: 0, count: t - ids.count)
      let text = ids + zeros + [Int32](repeating: 0, count: t)
      let whole = model.stream(IndexTensor(shape: [2, t], text)).values
      return IndexTensor(shape: [2, t], Array(whole[1...t] + whole[(t + 2)...]))
    }
    let rows = [padded.values.prefix(t), padded.values.suffix(t)]
    return IndexTensor(shape: [2, 1 + t], rows.flatMap { [sizes.startID] + $0 })
  }
}
