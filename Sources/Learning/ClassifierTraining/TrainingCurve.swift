/// The losses and accuracies of a run. It is saved with the state of the run, so that after a
/// resumption it is complete.
public struct TrainingCurve: Codable, Equatable, Sendable {
  /// The number of steps over which losses are averaged.
  public static let interval = 50
  /// Mean losses over 50 steps each, in nats.
  public private(set) var losses: [Float] = []
  /// The accuracies of each measurement, in the order of `StickerAttribute`.
  public private(set) var accuracies: [[Double]] = []
  private var sum: Float = 0
  private var count = 0

  /// The curve of a run that has not begun.
  public init() {}

  /// For each loss the number of steps after which it was recorded.
  public var steps: [Double] { losses.indices.map { Double(($0 + 1) * Self.interval) } }

  mutating func add(_ loss: Float) {
    sum += loss
    count += 1
    if count == Self.interval {
      losses.append(sum / Float(count))
      (sum, count) = (0, 0)
    }
  }

  mutating func add(accuracies: [Double]) { self.accuracies.append(accuracies) }
}
