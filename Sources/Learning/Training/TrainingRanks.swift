// Several processes that train one model: how they begin together, and what they tell one another in
// every step.

import Collectives
import Foundation
import GradientCompression
import NeuralNetwork
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
    if ranks.count == 1 {
      compressor?.restore(compressionState, over: ranks)
      return step
    }
    let mine = Position(
      step: step, optimizerSteps: optimizer.steps, averageUpdates: average?.updates ?? 0,
      carried: carried)
    let json = Data(ranks.broadcast(Array(try JSONEncoder().encode(mine))))
    let position = try JSONDecoder().decode(Position<Carried>.self, from: json)
    for (_, tensor) in TrainingState.tensors(model, optimizer, average) + compressionState {
      tensor.update { ranks.broadcast(UnsafeMutableRawBufferPointer($0)) }
    }
    optimizer.steps = position.optimizerSteps
    average?.updates = position.averageUpdates
    carried = position.carried
    compressor?.restore(compressionState, over: ranks)
    return position.step
  }

  /// Runs the forward and backward pass of a step, and replaces all gradients by their means over
  /// the ranks, or by approximations of these.
  func exchanging<Result>(_ body: () throws -> Result) throws -> Result {
    if let compressor {
      let result = try body()
      average(optimizer.groups.flatMap(\.parameters), compressor)
      return result
    }
    if ranks.count == 1 { return try body() }
    if let shards { return try shards.run(body) }
    let exchange = GradientExchange(ranks, optimizer.groups.flatMap(\.parameters))
    let result = try exchange.run(body)
    exchange.finish()
    return result
  }

  /// Replaces gradients by approximations of their means. Those that are not finite stay as they are,
  /// and end the run.
  private func average(
    _ parameters: [(name: String, tensor: Tensor)], _ compressor: GradientCompressor
  ) {
    let gradients = parameters.map { $0.tensor.gradient ?? .zeros($0.tensor.shape) }
    if let means = compressor.average(gradients, over: ranks) {
      for (parameter, mean) in zip(parameters, means) { parameter.tensor.gradient = mean }
    } else {
      for (_, tensor) in parameters {
        if let own = tensor.gradient {
          tensor.gradient = Tensor(shape: own.shape, ranks.sum(own.scalars))
        }
      }
    }
  }

  /// Makes what compresses the gradients of this run. In DALL·E's form embeddings and the layer of
  /// logits travel whole.
  func prepareCompression() {
    guard let compression = folder?.options.compression else { return }
    let compressor = GradientCompressor(
      optimizer.groups.flatMap(\.parameters), rank: compression.rank,
      variant: compression.variant, seed: seed,
      keepingWhole: { name in
        compression.variant == .fixed && (name.contains("embedding") || name.contains("logits"))
      })
    compressionState = compressor.state(over: ranks)
    self.compressor = compressor
  }

  /// Copies the state of compression to where it is saved from.
  func keepCompression() {
    guard let compressor else { return }
    for (kept, now) in zip(compressionState, compressor.state(over: ranks)) {
      kept.tensor.assign(now.tensor)
    }
  }

  /// Says how many bytes of gradients this process has sent.
  func reportTraffic() {
    guard let compressor, compressor.bytesUncompressed > 0 else { return }
    let (sent, whole) = (compressor.bytesSent, compressor.bytesUncompressed)
    terminal.write(
      "\(title) sent \((sent + 500_000) / 1_000_000) MB of gradients, "
        + "\(100 - 100 * sent / whole) % less than the \((whole + 500_000) / 1_000_000) MB of all\n"
    )
  }

  /// Runs `body`, which reads weights outside of the model's own computations, while this rank has all
  /// of them. All ranks call this together.
  public func withWholeModel<Result>(_ body: () throws -> Result) rethrows -> Result {
    if let shards { try shards.withWholeModel(body) } else { try body() }
  }

  /// The message of the first rank that has one, on all ranks.
  func firstOfAll(_ mine: String?) -> String? {
    let text = Array((mine ?? "").utf8)
    var lengths = [Float](repeating: 0, count: ranks.count)
    lengths[ranks.rank] = Float(text.count)
    lengths = ranks.sum(lengths)
    guard let first = lengths.firstIndex(where: { $0 > 0 }) else { return nil }
    let none = [Float](repeating: 0, count: Int(lengths[first]))
    let letters = ranks.sum(ranks.rank == first ? text.map(Float.init) : none)
    return String(decoding: letters.map(UInt8.init), as: UTF8.self)
  }

  /// Says how much this process has held of what is sharded.
  func reportMemory(of shards: Shards) {
    let state = TrainingState.tensors(model, shards.whole, average)
    let gradients = model.parameterCount
    let bytes = 4 * state.reduce(gradients) { $0 + $1.tensor.count }
    heldBytes = (shards.bytes.peak, bytes)
    func megabytes(_ bytes: Int) -> String { "\((bytes + 500_000) / 1_000_000) MB" }
    func share(_ part: Int) -> String {
      "\(megabytes(part)) (\((100 * part + bytes / 2) / max(bytes, 1)) %)"
    }
    terminal.write(
      "\(title) held \(share(shards.bytes.peak)) of \(megabytes(bytes)) of weights, gradients and "
        + "averages within a step, \(share(shards.bytes.rest)) between steps\n")
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
