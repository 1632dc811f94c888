// How often a classifier is right, and what it confuses.

import StickerWorld
import TensorCore
import VisionTransformer

/// The results of a classifier on labelled stickers.
public struct ClassificationReport: Sendable {
  /// For each attribute the counts of pictures, [true value][predicted value].
  public let confusion: [StickerAttribute: [[Int]]]
  /// The number of pictures.
  public let count: Int

  /// The share of pictures whose `attribute` was right, 0 … 1.
  public func accuracy(_ attribute: StickerAttribute) -> Double {
    guard let table = confusion[attribute] else { return 0 }
    return Double(table.indices.reduce(0) { $0 + table[$1][$1] }) / Double(max(1, count))
  }
}

extension ClassificationReport {
  /// The accuracies of all attributes, in order.
  public var accuracies: [Double] { StickerAttribute.allCases.map(accuracy) }
}

extension AttributeClassifier {
  /// Classifies `stickers` and counts the results, 64 pictures at a time and without gradient.
  public func evaluate(_ stickers: LabelledStickers) -> ClassificationReport {
    ClassificationReport(stickers) { self($0) }
  }
}

extension ClassificationReport {
  /// The results of a classifier of pictures [B, 3, H, W] → logits [B, values] for each attribute, 64
  /// pictures at a time and without gradient.
  public init(_ stickers: LabelledStickers, _ classify: (Tensor) -> [Tensor]) {
    let count = stickers.images.shape[0]
    var confusion: [StickerAttribute: [[Int]]] = [:]
    for attribute in StickerAttribute.allCases {
      let n = attribute.values.count
      confusion[attribute] = [[Int]](repeating: [Int](repeating: 0, count: n), count: n)
    }
    for range in (0..<count).parts(of: 64) {
      let logits = withoutGradient { classify(stickers.images.sliced(axis: 0, range)) }
      for ((attribute, labels), logits) in zip(
        zip(StickerAttribute.allCases, stickers.labels), logits)
      {
        for (i, predicted) in zip(range, logits.argmax(axis: 1).values) {
          confusion[attribute]?[Int(labels.values[i])][Int(predicted)] += 1
        }
      }
    }
    (self.confusion, self.count) = (confusion, count)
  }
}
