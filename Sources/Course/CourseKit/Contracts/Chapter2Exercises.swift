import TensorCore

/// What chapter 2 asks for: captions as tokens, and pictures beside captions.
///
/// A function throws `NotAttempted` until it is written, and then whatever its author throws.
public protocol Chapter2Exercises: SendableMetatype {
  /// 2.1: the symbols of a word, merged.
  static func merge(_ word: [String], merges: [(left: String, right: String)]) throws -> [String]
  /// 2.2: states [B, T, D] and ids [B, T] → the states of the end tokens [B, D].
  static func pool(_ states: Tensor, ids: IndexTensor) throws -> Tensor
  /// 2.3: pictures [n, E] and captions [m, E] → logits [n, m].
  static func similarities(
    _ pictures: Tensor, _ captions: Tensor, logitScale: Float
  ) throws -> Tensor
  /// 2.4: logits [n, n] → the symmetric contrastive loss [].
  static func contrastiveLoss(_ logits: Tensor) throws -> Tensor
  /// 2.4: logits [n, n] → the gradient of that loss [n, n].
  static func contrastiveGradient(_ logits: Tensor) throws -> Tensor
  /// 2.5: captions that are wrong in their colours only.
  static func hardNegatives(of caption: String, colours: [String]) throws -> [String]
  /// 2.6: the embeddings of the prompts of each class [P, E] → classifier [classes, E].
  static func classifier(prompts: [Tensor]) throws -> Tensor
  /// 2.6: pictures [n, E] and classifier [classes, E] → the class of each picture.
  static func classify(_ pictures: Tensor, classifier: Tensor) throws -> [Int]
  /// 2.7: logits [n, n] → how often the right caption, and the right picture, comes first.
  static func retrieval(_ logits: Tensor) throws -> (captions: Double, pictures: Double)
}
