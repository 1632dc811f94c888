/// How a run went. It is kept with the state of the run, so that a resumed one has all of it.
public struct TrainingCurve: Codable, Equatable, Sendable {
  /// Steps over which losses are averaged.
  public static let interval = 50
  /// Mean losses of 50 steps each, in nats.
  public private(set) var losses: [Float] = []
  /// What was measured on the way, in the order of `StickerAttribute`.
  public private(set) var accuracies: [[Double]] = []
  private var sum: Float = 0
  private var count = 0

  /// A run that has not begun.
  public init() {}

  /// The last of the steps behind each loss.
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
