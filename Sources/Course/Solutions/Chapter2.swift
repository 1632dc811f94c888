import CourseKit
import TensorCore

/// Chapter 2: captions as tokens, and pictures beside captions.
///
/// Letters: B captions, T tokens of a caption, D width of a token, E width of the common space,
/// n pictures, m captions.
public enum Reference2: Chapter2Exercises {
  /// 2.1 The merge loop of byte-pair encoding.
  ///
  /// word: symbols side by side. merges: pairs that may become one symbol, in the order in which
  /// they were learnt. As long as a pair of neighbours is among the merges, take the pair that
  /// was learnt first and merge it everywhere in the word, from left to right. A merged symbol is
  /// the concatenation of the two texts.
  public static func merge(
    _ word: [String], merges: [(left: String, right: String)]
  ) throws -> [String] {
    // BEGIN SOLUTION 2.1
    var symbols = word
    while true {
      let best = merges.first { pair in
        zip(symbols, symbols.dropFirst()).contains { $0 == pair.left && $1 == pair.right }
      }
      guard let (left, right) = best else { return symbols }
      var merged: [String] = []
      var place = 0
      while place < symbols.count {
        let isPair =
          place + 1 < symbols.count && symbols[place] == left && symbols[place + 1] == right
        merged.append(isPair ? left + right : symbols[place])
        place += isPair ? 2 : 1
      }
      symbols = merged
    }
    // END SOLUTION
  }

  /// 2.2 Reads a caption at its end token, which is the one with the largest id.
  ///
  /// states [B, T, D] and ids [B, T] → [B, D]: for each caption the state at the place of its
  /// largest id; at the first such place if there are several.
  public static func pool(_ states: Tensor, ids: IndexTensor) throws -> Tensor {
    // BEGIN SOLUTION 2.2
    let (b, t, d) = (states.shape[0], states.shape[1], states.shape[2])
    let rows = (0..<b).map { caption -> Int32 in
      let own = Array(ids.values[caption * t..<(caption + 1) * t])
      let end = own.firstIndex(of: own.max() ?? 0) ?? 0
      return Int32(caption * t + end)
    }
    return embedding(states.reshaped(b * t, d), IndexTensor(rows))
    // END SOLUTION
  }

  /// 2.3 How well pictures and captions match: e to the `logitScale`, times the cosine of the
  /// angle between their embeddings.
  ///
  /// pictures [n, E] and captions [m, E], of any length but 0 → [n, m].
  public static func similarities(
    _ pictures: Tensor, _ captions: Tensor, logitScale: Float
  ) throws -> Tensor {
    // BEGIN SOLUTION 2.3
    let cosines = matmul(
      pictures.normalized(), captions.normalized(), transposeB: true)  // [n, m]
    return cosines * Tensor(logitScale).exp().item
    // END SOLUTION
  }

  /// 2.4 The symmetric contrastive loss: picture i belongs to caption i.
  ///
  /// logits [n, n] → [], in nats: the mean of two cross-entropies, each a mean over n rows. Which
  /// caption belongs to picture i? Which picture belongs to caption j?
  public static func contrastiveLoss(_ logits: Tensor) throws -> Tensor {
    // BEGIN SOLUTION 2.4
    let targets = IndexTensor((0..<logits.shape[0]).map { Int32($0) })
    let ofPictures = crossEntropy(logits, targets)  // []
    let ofCaptions = crossEntropy(logits.transposed(0, 1), targets)  // []
    return (ofPictures + ofCaptions) / 2
    // END SOLUTION
  }

  /// 2.4 The gradient of that loss with respect to the logits, by hand: without `backward()`.
  ///
  /// logits [n, n] → [n, n].
  public static func contrastiveGradient(_ logits: Tensor) throws -> Tensor {
    // BEGIN SOLUTION 2.4
    let n = logits.shape[0]
    let identity = Tensor(shape: [n, n], (0..<n * n).map { $0 % (n + 1) == 0 ? 1 : 0 })
    let both = logits.softmax(axis: 1) + logits.softmax(axis: 0)  // [n, n]
    return (both - identity * 2) / Float(2 * n)
    // END SOLUTION
  }

  /// 2.5 Captions that are wrong in their colours only.
  ///
  /// Words are separated by single spaces. First, for each place of a colour from left to right,
  /// the caption with that word replaced by each other colour, in the order of `colours`. Then,
  /// if the caption has exactly two colours and they differ, the caption with both exchanged.
  public static func hardNegatives(of caption: String, colours: [String]) throws -> [String] {
    // BEGIN SOLUTION 2.5
    let words = caption.split(separator: " ").map(String.init)
    let places = words.indices.filter { colours.contains(words[$0]) }
    var wrong: [[String]] = []
    for place in places {
      for colour in colours where colour != words[place] {
        var changed = words
        changed[place] = colour
        wrong.append(changed)
      }
    }
    if places.count == 2, words[places[0]] != words[places[1]] {
      var exchanged = words
      exchanged.swapAt(places[0], places[1])
      wrong.append(exchanged)
    }
    return wrong.map { $0.joined(separator: " ") }
    // END SOLUTION
  }

  /// 2.6 A classifier made of captions, from the embeddings of several prompts for each class.
  ///
  /// prompts: for each class [P, E], P may differ → [classes, E]. Bring each prompt to length 1,
  /// take the mean over the prompts of a class, and bring that to length 1.
  public static func classifier(prompts: [Tensor]) throws -> Tensor {
    // BEGIN SOLUTION 2.6
    let means = prompts.map { $0.normalized().mean(axis: 0) }  // each [E]
    return stack(means, axis: 0).normalized()
    // END SOLUTION
  }

  /// 2.6 The class of each picture: the one whose row has the largest cosine with it.
  ///
  /// pictures [n, E], of any length, and classifier [classes, E], rows of length 1 → n numbers of
  /// classes.
  public static func classify(_ pictures: Tensor, classifier: Tensor) throws -> [Int] {
    // BEGIN SOLUTION 2.6
    let scores = matmul(pictures, classifier, transposeB: true)  // [n, classes]
    return scores.argmax(axis: 1).values.map(Int.init)
    // END SOLUTION
  }

  /// 2.7 Retrieval, both ways: picture i belongs to caption i.
  ///
  /// logits [n, n], pictures in rows → two shares in 0 … 1. `captions`: for how many pictures
  /// the right caption has the largest logit. `pictures`: for how many captions the right picture
  /// does. Of equal logits the first counts as the largest.
  public static func retrieval(
    _ logits: Tensor
  ) throws -> (captions: Double, pictures: Double) {
    // BEGIN SOLUTION 2.7
    let n = logits.shape[0]
    let captions = logits.argmax(axis: 1).values.enumerated().count { $0 == Int($1) }
    let pictures = logits.argmax(axis: 0).values.enumerated().count { $0 == Int($1) }
    return (Double(captions) / Double(n), Double(pictures) / Double(n))
    // END SOLUTION
  }
}
