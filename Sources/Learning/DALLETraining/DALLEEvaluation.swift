import DALLE
import TensorCore

/// Pairs on which a model is measured during training: the log has its losses on them.
public struct DALLEEvaluation {
  /// Text ids [n, T] and codes [n, N].
  public let text, image: IndexTensor
  /// After how many steps each time.
  public let interval: Int

  /// The first `count` pairs of a set.
  public init(_ set: TokenSet, _ transformer: CaptionedDALLE, count: Int, every interval: Int)
    throws
  {
    let n = min(count, set.count)
    text = try IndexTensor(
      shape: [n, transformer.model.configuration.textLength],
      (0..<n).flatMap { try transformer.ids(set.caption(at: $0), truncate: true) })
    image = try IndexTensor(
      shape: [n, set.rows * set.columns], (0..<n).flatMap { try set.codes(at: $0) })
    self.interval = interval
  }

  /// The model's losses, in nats per token.
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
