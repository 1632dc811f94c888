// Several processes that train one model: how they begin together, and what they tell one another in
// every step.

import Collectives
import Foundation
import Synchronization
import TensorCore

/// The processes that train together in this program.
public enum TrainingRanks {
  /// Those of trainings that begin from now on; one, if nothing else is set.
  public static var current: any Collective {
    get { ranks.withLock { $0 } }
    set { ranks.withLock { $0 = newValue } }
  }

  /// Whether this training has ended early, as it has on all other ranks after the same step.
  public internal(set) static var allEnd: Bool {
    get { ending.load(ordering: .relaxed) }
    set { ending.store(newValue, ordering: .relaxed) }
  }

  private static let ranks = Mutex<any Collective>(OneProcess())
  private static let ending = Atomic<Bool>(false)
}

extension Trainer {
  /// This rank's part of a batch, [B, …] → [B / n, …].
  public func share(of batch: Tensor) -> Tensor {
    ranks.count == 1 ? batch : batch.sliced(axis: 0, ranks.share(of: batch.shape[0]))
  }

  /// Gives all ranks the state of rank 0 after `step` steps, and returns the number of steps.
  func agree<Carried: Codable>(on step: Int, _ carried: inout Carried) throws -> Int {
    if ranks.count == 1 { return step }
    let mine = Position(
      step: step, optimizerSteps: optimizer.steps, averageUpdates: average?.updates ?? 0,
      carried: carried)
    let json = Data(ranks.broadcast(Array(try JSONEncoder().encode(mine))))
    let position = try JSONDecoder().decode(Position<Carried>.self, from: json)
    for (_, tensor) in TrainingState.tensors(model, optimizer, average) {
      tensor.update { ranks.broadcast(UnsafeMutableRawBufferPointer($0)) }
    }
    optimizer.steps = position.optimizerSteps
    average?.updates = position.averageUpdates
    carried = position.carried
    return position.step
  }

  /// Runs the forward and backward pass of a step, and replaces all gradients by their means over
  /// the ranks.
  func exchanging<Result>(_ body: () throws -> Result) throws -> Result {
    if ranks.count == 1 { return try body() }
    let exchange = GradientExchange(ranks, optimizer.groups.flatMap(\.parameters))
    let result = try exchange.run(body)
    exchange.finish()
    return result
  }

  /// The means of all measurements over the ranks, and whether any rank was asked to stop.
  func average(_ mine: Metrics, isStopping: Bool) -> (Metrics, isStopping: Bool) {
    if ranks.count == 1 { return (mine, isStopping) }
    let sums = ranks.sum([mine.loss] + mine.others.map(\.value) + [isStopping ? 1 : 0])
    let means = sums.map { $0 / Float(ranks.count) }
    var metrics = Metrics(loss: means[0])
    for (other, mean) in zip(mine.others, means.dropFirst()) { metrics.add(other.name, mean) }
    return (metrics, sums[sums.count - 1] > 0)
  }
}
