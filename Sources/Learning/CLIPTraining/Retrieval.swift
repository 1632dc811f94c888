// Measures of a CLIP: retrieval, zero-shot classification, and nearly right captions.

import CLIP
import DiscreteVAE
import StickerWorld
import TensorCore
import Text

/// How often the matching picture or caption is found among many, 0 … 1.
public struct Retrieval: Equatable, Sendable {
  /// The share of pictures whose caption is found.
  public let imageToText: Double
  /// The share of captions whose picture is found.
  public let textToImage: Double
}

extension CaptionMatcher {
  /// Retrieval among `count` pairs of a split, chosen such that no caption is true of another's
  /// picture.
  ///
  /// Throws a `TextError` if a caption has more tokens than the model reads.
  public func retrieval(
    _ split: StickerWorld.Split, count: Int = 256, using random: inout Random
  ) throws(TextError) -> Retrieval {
    var samples: [(scene: Scene, layout: Layout)] = []
    var captions: [String] = []
    var facts: [(said: Facts, shown: Facts)] = []
    while samples.count < count {
      let (scene, layout, caption) = StickerWorld.sample(split, using: &random)
      let new = (said: Facts(saidBy: scene), shown: Facts(shownBy: scene, layout))
      let isClear = facts.allSatisfy {
        !$0.said.agrees(with: new.shown) && !new.said.agrees(with: $0.shown)
      }
      guard isClear else { continue }
      samples.append((scene, layout))
      captions.append(caption)
      facts.append(new)
    }
    let scores = try similarities(StickerWorld.render(samples), captions)  // [n, n]
    func share(_ found: IndexTensor) -> Double {
      Double(found.values.enumerated().count { $0.offset == Int($0.element) }) / Double(count)
    }
    return Retrieval(
      imageToText: share(scores.argmax(axis: 1)), textToImage: share(scores.argmax(axis: 0)))
  }

  /// The share of pictures of a split, 0 … 1, that are closer to their caption than to one that is
  /// wrong in this way; nil if too few scenes of the split can be. Wrong captions are of any scenes,
  /// those held out from training included, or of scenes in `splits` only. With a `dvae` the model
  /// sees reconstructions of the pictures.
  ///
  /// Throws a `TextError` if a caption has more tokens than the model reads.
  public func accuracy(
    _ negative: HardNegative, _ split: StickerWorld.Split, count: Int = 256,
    wrongIn splits: [StickerWorld.Split]? = nil, through dvae: DiscreteVAE? = nil,
    using random: inout Random
  ) throws(TextError) -> Double? {
    var samples: [(scene: Scene, layout: Layout)] = []
    var captions: [String] = []
    var tries = 0
    while samples.count < count && tries < 100 * count {
      tries += 1
      let (scene, layout, caption) = StickerWorld.sample(split, using: &random)
      guard let wrong = negative.corrupt(scene, using: &random),
        splits?.contains(where: { $0 == wrong.split }) ?? true
      else { continue }
      samples.append((scene, layout))
      captions += [caption, wrong.caption(using: &random)]
    }
    if samples.count < count { return nil }
    let images = Tensor(StickerWorld.render(samples))  // [n, 3, H, W]
    let pictures = embed(dvae.map { $0.decode($0.encode(images)) } ?? images)  // [n, E]
    let texts = try embed(captions).reshaped(count, 2, pictures.shape[1])  // [n, 2, E]
    let scores = (texts * pictures.reshaped(count, 1, pictures.shape[1])).sum(axis: 2)  // [n, 2]
    let right = (0..<count).count { scores[$0, 0] > scores[$0, 1] }
    return Double(right) / Double(count)
  }

  /// A classifier made of captions (CLIP §3.1), [classes, E]: for each class the mean embedding of
  /// all prompts, with the class's name instead of `{}`, scaled to length 1.
  ///
  /// Throws a `TextError` if a prompt has more tokens than the model reads.
  public func zeroShotClassifier(
    _ classes: [String], prompts: [String]
  ) throws(TextError) -> Tensor {
    precondition(!prompts.isEmpty, "a classifier needs 1 or more prompts")
    var rows: [Tensor] = []
    for name in classes {
      // "a orange star" is wrong in every prompt that begins with "a {}".
      let captions = prompts.map { prompt in
        let caption = prompt.replacing("{}", with: name)
        return "aeiou".contains(name.prefix(1))
          ? caption.replacing("a \(name)", with: "an \(name)") : caption
      }
      rows.append(try embed(captions).mean(axis: 0))
    }
    return stack(rows, axis: 0).normalized()
  }
}
