// Sharded training (Ramesh et al., 2021, §2.5, figure 5; Rajbhandari et al., 2020, *ZeRO*, stage 3): of
// every weight, gradient and running average a rank keeps one slice, and borrows those of the others
// for one block at a time.
//
//     forward    gather the block's weights, compute, drop them
//     backward   gather them, compute again, take the gradients, sum them so that each rank gets
//                the slice of its own, drop weights and gradients
//     step       each rank updates its slices
//
// What is in no block (embeddings, logits) stays whole, but for gradients and averages. A slice is an n-th
// of a tensor's numbers in their order; the paper cuts along an axis, which makes no difference to
// element-wise work such as Adam's.

import Collectives
import Kernels
import NeuralNetwork
import Optimization
import TensorCore

/// The slices of one rank.
final class Shards {
  /// What updates the slices.
  let optimizer: any Optimizer
  /// The run's own optimiser, whose running averages are elsewhere.
  let whole: any Optimizer
  /// The most bytes of weights, gradients and running averages that this rank has held in a step.
  private(set) var peak = 0

  /// Whether blocks keep their weights when they have computed.
  private var isWhole = false
  private let ranks: any Collective
  private let average: MovingAverage?
  /// By the identity of the parameters.
  private let weights: [ObjectIdentifier: Slice]
  /// In the order of the optimiser and of the model: all ranks gather in the same one.
  private let ordered: [Slice]
  /// Of the optimiser's running averages, and of those of the weights.
  private let averages: [Slice]

  /// Cuts up the state of a run.
  init(
    _ model: some Module, _ optimizer: any Optimizer, _ average: MovingAverage?,
    over ranks: any Collective
  ) {
    self.ranks = ranks
    whole = optimizer
    self.average = average
    ordered = model.tensors.map { Slice(of: $0.tensor, ranks, isParameter: true) }
    let weights = Dictionary(
      ordered.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
    self.weights = weights
    self.optimizer = optimizer.forOthers(
      optimizer.groups.map { group in
        ParameterGroup(
          group.parameters.map { ($0.name, weights[$0.tensor.memoryIdentity]!.own) },
          rateScale: group.rateScale, decay: group.decay)
      })
    self.optimizer.steps = optimizer.steps
    let moments = zip(optimizer.state, self.optimizer.state).map {
      Slice(of: $0.tensor, ranks, own: $1.tensor)
    }
    let means = (average?.tensors ?? []).map { Slice(of: $0.tensor, ranks) }
    averages = moments + means
    for slice in averages { slice.drop() }
    average?.slices = zip(means, ordered).map { ($0.own, $1.own) }
    average?.onSwap = { [weak self] in self?.refresh() }
    Memory.trim()
  }

  // MARK: - A step

  /// Runs a step's forward and backward passes. Then the slices have the means of their gradients.
  func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    let hook = GradientHook(
      began: { [self] in gather($0) }, ended: { [self] in drop($0) },
      { [self] block in
        let slices = slices(of: block)
        takeGradients(slices)
        for slice in slices { slice.drop() }
      })
    let result = try withGradientHook(hook, body)
    takeGradients(ordered.filter { $0.whole.gradient != nil })
    for slice in ordered where slice.isOfBlock { slice.drop() }
    return result
  }

  /// Gives what is in no block its new weights. To be called when slices have changed.
  func refresh() { gather(ordered.filter { !$0.isOfBlock }, always: true) }

  private func slices(of block: any Module) -> [Slice] {
    block.tensors.compactMap { weights[$0.tensor.memoryIdentity] }
  }

  private func gather(_ block: any Module) {
    let slices = slices(of: block)
    for slice in slices { slice.isOfBlock = true }
    gather(slices)
  }

  private func drop(_ block: any Module) {
    if !isWhole { for slice in slices(of: block) { slice.drop() } }
  }

  /// Fills the tensors that have no memory, or `always` all, from the slices of all ranks.
  private func gather(_ slices: [Slice], always: Bool = false) {
    let wanted = slices.filter { always || !$0.whole.storage.isHeld }
    if wanted.isEmpty { return }
    let all = ranks.gather(wanted.flatMap(\.own.scalars))
    var start = 0
    for slice in wanted {
      slice.fill(from: all, start, stride: all.count / ranks.count)
      start += slice.own.count
    }
  }

  /// Replaces the gradients of whole tensors by the means of slices.
  private func takeGradients(_ slices: [Slice]) {
    let ready = slices.filter { $0.whole.gradient != nil }
    if ready.isEmpty { return }
    peak = max(peak, byteCount)
    let size = ready.reduce(0) { $0 + $1.own.count }
    var values = [Float](repeating: 0, count: size * ranks.count)
    var start = 0
    for slice in ready {
      slice.copyGradient(into: &values, start, stride: size)
      slice.whole.clearGradient()
      start += slice.own.count
    }
    let sums = ranks.sumOfShare(values)
    start = 0
    for slice in ready {
      let end = start + slice.own.count
      let mean = Tensor(sums[start..<end].map { $0 / Float(ranks.count) })
      // A step may go back through a block more than once.
      slice.own.gradient = slice.own.gradient.map { $0 + mean } ?? mean
      start = end
    }
  }

  /// The bytes of weights, gradients and averages that this rank holds.
  private var byteCount: Int {
    (ordered + averages).reduce(0) { sum, slice in
      let whole = slice.whole
      let wholes = (whole.storage.isHeld ? 1 : 0) + (whole.gradient == nil ? 0 : 1)
      // What is whole has no slice of its own beside it but for its update.
      let own = 1 + (slice.own.gradient == nil ? 0 : 1)
      return sum + 4 * (wholes * whole.count + own * slice.own.count)
    }
  }

  // MARK: - The whole again

  /// Runs `body` while this rank has all weights.
  func withWholeModel<Result>(_ body: () throws -> Result) rethrows -> Result {
    gather(ordered)
    isWhole = true
    defer {
      isWhole = false
      for slice in ordered where slice.isOfBlock { slice.drop() }
    }
    return try body()
  }

  /// Runs `body` on rank 0, which has all weights and averages meanwhile.
  func withWholeState(_ body: () throws -> Void) rethrows {
    let dropped = (ordered + averages).filter { !$0.whole.storage.isHeld }
    for slice in dropped {
      let all = ranks.gather(slice.own.scalars)
      if ranks.rank == 0 { slice.fill(from: all, 0, stride: slice.own.count) }
    }
    count()
    defer {
      for slice in dropped { slice.drop() }
      Memory.trim()
    }
    if ranks.rank == 0 { try body() }
  }

  /// Gives the run its state back, whole, on all ranks.
  func restore() {
    for slices in [ordered, averages] { gather(slices) }
    average?.slices = nil
    average?.onSwap = {}
    count()
  }

  private func count() { whole.steps = optimizer.steps }

  /// The norm of all gradients, from that of this rank's slices.
  func norm(of mine: Float) -> Float { ranks.sum([mine * mine])[0].squareRoot() }
}

/// A tensor and the n-th part of it that a rank keeps, with zeros at the end of the last one.
private final class Slice {
  let whole: Tensor
  /// [⌈count / n⌉]
  let own: Tensor
  /// Whether the tensor belongs to a block, so that its memory comes and goes.
  var isOfBlock = false

  var identity: ObjectIdentifier { whole.memoryIdentity }

  init(
    of whole: Tensor, _ ranks: any Collective, own: Tensor? = nil, isParameter: Bool = false
  ) {
    self.whole = whole
    let size = (whole.count + ranks.count - 1) / ranks.count
    let first = min(ranks.rank * size, whole.count)
    let part = whole.withScalars { Array($0[first..<min(first + size, whole.count)]) }
    let values = Tensor(part + [Float](repeating: 0, count: size - part.count))  // [size]
    self.own = own ?? (isParameter && whole.requiresGradient ? values.requiringGradient() : values)
    own?.assign(values)
  }

  func drop() { whole.storage.isHeld = false }

  /// Copies the slices of all ranks, each at `start` in a part of `stride` numbers.
  func fill(from all: [Float], _ start: Int, stride: Int) {
    whole.storage.isHeld = true
    whole.update { values in
      for first in Swift.stride(from: 0, to: values.count, by: max(own.count, 1)) {
        let from = start + first / own.count * stride
        let size = min(own.count, values.count - first)
        for i in 0..<size { values[first + i] = all[from + i] }
      }
    }
  }

  /// The opposite, for the gradient.
  func copyGradient(into all: inout [Float], _ start: Int, stride: Int) {
    whole.gradient!.withScalars { values in
      for first in Swift.stride(from: 0, to: values.count, by: max(own.count, 1)) {
        let to = start + first / own.count * stride
        let size = min(own.count, values.count - first)
        for i in 0..<size { all[to + i] = values[first + i] }
      }
    }
  }
}
