import Foundation

/// The batches of a training run, made on a thread of their own ahead of the model.
///
///     let batches = Batches(StickerPairs(.train, size: 64, seed: 1), batchSize: 32, seed: 7)
///     for step in 0..<1000 {
///       let batch = try batches.batch(step)
///       …
///     }
///
/// A batch depends on the source, the size, the seed and the number of the step, on nothing else:
/// to resume a run, ask for the step it had come to.
public final class Batches {
  private let queue: BatchQueue
  private var failures: [Int: String] = [:]

  /// - Parameters:
  ///   - source: Where the pairs come from.
  ///   - batchSize: Pairs per batch, B.
  ///   - seed: Decides the order of the pairs, and crops and captions at every visit.
  ///   - ahead: How many batches may wait for the model.
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

  /// The batch of step number `step`, from 0 on. Steps that follow each other are ready sooner
  /// than any others. Throws when no pair of the source can be read.
  public func batch(_ step: Int) throws -> Batch {
    precondition(step >= 0, "steps count from 0, got \(step)")
    let batch = try queue.take(step)
    failures.merge(batch.unreadable) { first, _ in first }
    return batch
  }

  /// Why pairs met so far could not be read, a sentence for each, by their number in the source.
  public var unreadable: [String] { failures.sorted { $0.key < $1.key }.map(\.value) }
}

/// A few batches that follow each other: one thread puts them in, another takes them out.
private final class BatchQueue: @unchecked Sendable {
  /// Guards everything below, and wakes whoever waits for a change of it.
  private let condition = NSCondition()
  private let maker: BatchMaker
  private let ahead: Int
  /// The batches from step `first` on. Nothing is made before somebody asks for a step.
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

  /// Takes out the batch of `step`, and has those after it made.
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
        // Somebody may have asked for another step meanwhile.
        if first.map({ $0 + ready.count }) == step {
          ready.append(batch)
          condition.broadcast()
        }
      }
    }
  }

  /// The step whose batch is to be made next, as soon as there is room for it; nil at the end.
  private func nextStep() -> Int? {
    condition.withLock {
      while !isClosed && (first == nil || ready.count >= ahead) { condition.wait() }
      return isClosed ? nil : first.map { $0 + ready.count }
    }
  }
}
