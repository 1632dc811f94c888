import DALLE
import TensorCore

/// Pairs on which a model is measured during training. The losses on them go into the log.
public struct DALLEEvaluation {
  /// Text ids [n, T] and codes [n, N].
  public let text, image: IndexTensor
  /// Steps between two measurements.
  public let interval: Int

  /// The first `count` pairs of a set, encoded for a transformer.
  ///
  /// Throws a `CheckpointError` if the set cannot be read, or a `TextError` if a caption cannot be
  /// encoded.
  public init(
    _ set: TokenSet, _ transformer: CaptionedDALLE, count: Int, every interval: Int
  ) throws {
    let c = transformer.model.configuration
    try set.check(rows: c.rows, columns: c.columns, vocabulary: c.imageVocabulary)
    let n = min(count, set.count)
    text = try IndexTensor(
      shape: [n, c.textLength],
      (0..<n).flatMap { try transformer.ids(set.caption(at: $0), truncate: true) })
    image = try IndexTensor(
      shape: [n, set.rows * set.columns], (0..<n).flatMap { try set.codes(at: $0) })
    self.interval = interval
  }

  /// The model's mean losses over all pairs, in nats per token, without gradient.
  public func losses(_ model: DALLE) -> (text: Double, image: Double) {
    let n = text.shape[0]
    var sum = (text: 0.0, image: 0.0)
    withoutGradient {
      for rows in (0..<n).parts(of: 16) {
        let loss = model(text: text.rows(rows), image: image.rows(rows))
        sum.text += Double(loss.text.item) * Double(rows.count)
        sum.image += Double(loss.image.item) * Double(rows.count)
      }
    }
    return (sum.text / Double(n), sum.image / Double(n))
  }
}
