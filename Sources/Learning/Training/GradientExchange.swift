// Data-parallel training: each rank computes the gradients of its share of a batch, and all take the
// same step with their mean. A block's gradients travel while the backward pass is still in the
// blocks before it.

import Collectives
import Dispatch
import NeuralNetwork
import TensorCore

/// The gradients of one step on their way to the other ranks.
final class GradientExchange {
  private typealias Parameter = (name: String, tensor: Tensor)

  private let ranks: any Collective
  private let parameters: [Parameter]
  /// Sums are formed here, in the order in which they were started, on a thread of its own.
  private let queue = DispatchQueue(label: "gradients")
  private var buckets: [Bucket] = []
  private var sent: Set<String> = []

  /// An exchange of the gradients of `parameters`.
  init(_ ranks: any Collective, _ parameters: [(name: String, tensor: Tensor)]) {
    self.ranks = ranks
    self.parameters = parameters
  }

  /// Runs a step's forward and backward passes, while the gradients of blocks that are done begin
  /// to travel.
  func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    let names = Dictionary(
      parameters.map { ($0.tensor.memoryIdentity, $0) }, uniquingKeysWith: { first, _ in first })
    let hook = GradientHook { [self] block in
      send(block.tensors.compactMap { names[$0.tensor.memoryIdentity] })
    }
    return try withGradientHook(hook, body)
  }

  /// Waits for the sums of all gradients and replaces the gradients by their means.
  func finish() {
    send(parameters)
    queue.sync {}
    for bucket in buckets { bucket.replaceByMeans(over: ranks.count) }
    buckets = []
    sent = []
  }

  /// Starts to sum the gradients of those parameters that have one and have not been sent.
  private func send(_ parameters: [Parameter]) {
    let new = parameters.filter { $0.tensor.gradient != nil && !sent.contains($0.name) }
    if new.isEmpty { return }
    sent.formUnion(new.map(\.name))
    let bucket = Bucket(new.map(\.tensor))
    buckets.append(bucket)
    queue.async { [ranks] in ranks.sum(bucket.values) }
  }
}

/// Gradients side by side, to be summed at once.
private final class Bucket: @unchecked Sendable {
  let values: UnsafeMutableBufferPointer<Float>
  private let parameters: [Tensor]
  private let gradients: [Tensor]

  init(_ parameters: [Tensor]) {
    self.parameters = parameters
    gradients = parameters.map { $0.gradient! }
    values = .allocate(capacity: gradients.reduce(0) { $0 + $1.count })
    var start = 0
    for gradient in gradients {
      gradient.withScalars {
        _ = UnsafeMutableBufferPointer(rebasing: values[start..<start + $0.count]).update(from: $0)
      }
      start += gradient.count
    }
  }

  deinit { values.deallocate() }

  func replaceByMeans(over count: Int) {
    var start = 0
    for (parameter, gradient) in zip(parameters, gradients) {
      precondition(
        parameter.gradient?.memoryIdentity == gradient.memoryIdentity,
        "a parameter received a gradient after its block had announced them")
      let end = start + gradient.count
      parameter.gradient =
        Tensor(shape: gradient.shape, Array(values[start..<end])) * (1 / Float(count))
      start = end
    }
  }
}
