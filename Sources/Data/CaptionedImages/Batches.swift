import Foundation

/// The batches of a training run, made on another thread ahead of the model.
///
///     let batches = Batches(StickerPairs(.train, size: 64, seed: 1), batchSize: 32, seed: 7)
///     for step in 0..<1000 {
///       let batch = try batches.batch(step)
///       …
///     }
///
/// A batch depends only on the source, the size, the seed and the number of the step: to resume a
/// run, ask for the step that it had reached.
public final class Batches {
  private let queue: BatchQueue

  /// Batches of pairs from a source.
  ///
  /// - Parameters:
  ///   - source: The source of the pairs.
  ///   - batchSize: Pairs per batch, B.
  ///   - seed: The random seed for the order of the pairs, and for crops and captions at every visit.
  ///   - ahead: The number of batches that may wait for the model.
  public init(_ source: any PairSource, batchSize: Int, seed: UInt64, ahead: Int = 2) {
    precondition(batchSize > 0, "a batch has 1 or more pairs, not \(batchSize)")
    precondition(ahead > 0, "1 or more batches are made ahead, not \(ahead)")
    let queue = BatchQueue(BatchMaker(source, batchSize: batchSize, seed: seed), ahead: ahead)
    self.queue = queue
    // The thread knows the queue, not `self`, so that `self` can go.
    let thread = Thread { queue.fill() }
    thread.name = "batches"
    thread.start()
  }

  deinit { queue.close() }

  /// The batch of step number `step`, from 0 on. Batches of consecutive steps are ready soonest.
  ///
  /// Throws a `DataError` if no pair of the source can be read.
  public func batch(_ step: Int) throws -> Batch {
    precondition(step >= 0, "steps count from 0, got \(step)")
    return try queue.take(step)
  }
}

/// A few batches of consecutive steps: one thread puts them in, another takes them out.
private final class BatchQueue: @unchecked Sendable {
  /// Guards everything below, and wakes threads that wait for it to change.
  private let condition = NSCondition()
  private let maker: BatchMaker
  private let ahead: Int
  /// The batches from step `first` on. None is made before the first call of `take`.
  private var ready: [Result<Batch, any Error>] = []
  private var first: Int?
  private var isClosed = false

  init(_ maker: BatchMaker, ahead: Int) {
    self.maker = maker
    self.ahead = ahead
  }

  func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
    }
  }

  /// Removes and returns the batch of `step`; the other thread then makes those after it.
  func take(_ step: Int) throws -> Batch {
    try condition.withLock {
      if step != first {
        first = step
        ready = []
        condition.broadcast()
      }
      while ready.isEmpty { condition.wait() }
      first = step + 1
      condition.broadcast()
      return try ready.removeFirst().get()
    }
  }

  /// Makes batches until the queue is closed.
  func fill() {
    var maker = maker
    while let step = nextStep() {
      let batch = Result { try maker.batch(step) }
      condition.withLock {
        // Another step may have been requested meanwhile.
        if first.map({ $0 + ready.count }) == step {
          ready.append(batch)
          condition.broadcast()
        }
      }
    }
  }

  /// Waits until there is room for a batch, and returns its step; nil when the queue is closed.
  private func nextStep() -> Int? {
    condition.withLock {
      while !isClosed && (first == nil || ready.count >= ahead) { condition.wait() }
      return isClosed ? nil : first.map { $0 + ready.count }
    }
  }
}
