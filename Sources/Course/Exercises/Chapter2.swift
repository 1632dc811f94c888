// Your room: write between BEGIN YOUR CODE and END YOUR CODE, in place of the `throw`.
// `make grade EX=2.1` grades, `make hint EX=2.1` helps, and
// chapters/exercises.md says how it all works.

import CourseKit
import TensorCore

/// Chapter 2: captions as tokens, and pictures beside captions.
///
/// Letters: B captions, T tokens of a caption, D width of a token, E width of the common space,
/// n pictures, m captions.
public enum YourChapter2: Chapter2Exercises {
  /// 2.1 The merge loop of byte-pair encoding.
  ///
  /// word: symbols side by side. merges: pairs that may become one symbol, in the order in which
  /// they were learnt. As long as a pair of neighbours is among the merges, take the pair that
  /// was learnt first and merge it everywhere in the word, from left to right. A merged symbol is
  /// the concatenation of the two texts.
  public static func merge(
    _ word: [String], merges: [(left: String, right: String)]
  ) throws -> [String] {
    // BEGIN YOUR CODE 2.1
    throw NotAttempted("2.1")
    // END YOUR CODE
  }

  /// 2.2 Reads a caption at its end token, which is the one with the largest id.
  ///
  /// states [B, T, D] and ids [B, T] → [B, D]: for each caption the state at the place of its
  /// largest id; at the first such place if there are several.
  public static func pool(_ states: Tensor, ids: IndexTensor) throws -> Tensor {
    // BEGIN YOUR CODE 2.2
    throw NotAttempted("2.2")
    // END YOUR CODE
  }

  /// 2.3 How well pictures and captions match: e to the `logitScale`, times the cosine of the
  /// angle between their embeddings.
  ///
  /// pictures [n, E] and captions [m, E], of any length but 0 → [n, m].
  public static func similarities(
    _ pictures: Tensor, _ captions: Tensor, logitScale: Float
  ) throws -> Tensor {
    // BEGIN YOUR CODE 2.3
    throw NotAttempted("2.3")
    // END YOUR CODE
  }

  /// 2.4 The symmetric contrastive loss: picture i belongs to caption i.
  ///
  /// logits [n, n] → [], in nats: the mean of two cross-entropies, each a mean over n rows. Which
  /// caption belongs to picture i? Which picture belongs to caption j?
  public static func contrastiveLoss(_ logits: Tensor) throws -> Tensor {
    // BEGIN YOUR CODE 2.4
    throw NotAttempted("2.4")
    // END YOUR CODE
  }

  /// 2.4 The gradient of that loss with respect to the logits, by hand: without `backward()`.
  ///
  /// logits [n, n] → [n, n].
  public static func contrastiveGradient(_ logits: Tensor) throws -> Tensor {
    // BEGIN YOUR CODE 2.4
    throw NotAttempted("2.4")
    // END YOUR CODE
  }

  /// 2.5 Captions that are wrong in their colours only.
  ///
  /// Words are separated by single spaces. First, for each place of a colour from left to right,
  /// the caption with that word replaced by each other colour, in the order of `colours`. Then,
  /// if the caption has exactly two colours and they differ, the caption with both exchanged.
  public static func hardNegatives(of caption: String, colours: [String]) throws -> [String] {
    // BEGIN YOUR CODE 2.5
    throw NotAttempted("2.5")
    // END YOUR CODE
  }

  /// 2.6 A classifier made of captions, from the embeddings of several prompts for each class.
  ///
  /// prompts: for each class [P, E], P may differ → [classes, E]. Bring each prompt to length 1,
  /// take the mean over the prompts of a class, and bring that to length 1.
  public static func classifier(prompts: [Tensor]) throws -> Tensor {
    // BEGIN YOUR CODE 2.6
    throw NotAttempted("2.6")
    // END YOUR CODE
  }

  /// 2.6 The class of each picture: the one whose row has the largest cosine with it.
  ///
  /// pictures [n, E], of any length, and classifier [classes, E], rows of length 1 → n numbers of
  /// classes.
  public static func classify(_ pictures: Tensor, classifier: Tensor) throws -> [Int] {
    // BEGIN YOUR CODE 2.6
    throw NotAttempted("2.6")
    // END YOUR CODE
  }

  /// 2.7 Retrieval, both ways: picture i belongs to caption i.
  ///
  /// logits [n, n], pictures in rows → two shares in 0 … 1. `captions`: for how many pictures
  /// the right caption has the largest logit. `pictures`: for how many captions the right picture
  /// does. Of equal logits the first counts as the largest.
  public static func retrieval(
    _ logits: Tensor
  ) throws -> (captions: Double, pictures: Double) {
    // BEGIN YOUR CODE 2.7
    throw NotAttempted("2.7")
    // END YOUR CODE
  }
}
