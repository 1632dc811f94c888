// Sharded training (Ramesh et al., 2021, §2.5, figure 5; Rajbhandari et al., 2020, *ZeRO*, stage 3): of
// every weight, gradient and running average a rank keeps one slice, and borrows those of the others
// for one block at a time.
//
//     forward    gather the block's weights, compute, drop them
//     backward   gather them, compute again, take the gradients, sum them so that each rank gets
//                the slice of its own, drop weights and gradients
//     step       each rank updates its slices
//
// Of what is in no block (embeddings, logits) the weights stay whole. A slice is an n-th of a tensor's
// numbers in their order. The paper cuts along axis 1, so that slices are matrices that PowerSGD can
// compress; the element-wise work here makes no such difference, and any tensor can be cut. Blocks are
// not gathered ahead of time as the paper's are: a second one would be held beside the first.

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
  /// The most bytes of weights, gradients, averages and messages that this rank has held in a backward
  /// pass, where they are the most, and those that it holds between steps. At the start of a run more
  /// are there: only in the first forward pass does it turn out what belongs to blocks.
  private(set) var bytes = (peak: 0, rest: 0)

  /// Whether blocks keep their weights when they have computed.
  private var isWhole = false
  private let ranks: any Collective
  private let average: MovingAverage?
  /// By the identity of the parameters.
  private let weights: [ObjectIdentifier: Slice]
  /// In the order of the model: all ranks gather in the same one.
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
    average?.onSwap = { [weak self] in self?.gatherOthers() }
    Memory.trim()
  }

  // MARK: - A step

  /// Runs a step's forward and backward passes. Then the slices have the means of their gradients.
  func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    let hook = GradientHook(
      began: { [self] block in
        // In the backward pass, what is in no block has gradients before the last block is gathered.
        takeGradients()
        for slice in slices(of: block) {
          slice.isOfBlock = true
          slice.gather(over: ranks)
        }
      },
      ended: { [self] in drop($0) },
      { [self] block in
        takeGradients()
        drop(block)
      })
    let result = try withGradientHook(hook, body)
    takeGradients()
    drop(ordered)
    return result
  }

  /// Takes a step of the optimiser.
  func step(gradientScale: Float) {
    // Models change what is in no block themselves: CLIP limits its scale.
    for slice in others { slice.readWhole() }
    optimizer.step(gradientScale: gradientScale)
    gatherOthers()
    optimizer.clearGradients()
    bytes.rest = max(bytes.rest, held)
  }

  /// The norm of all gradients.
  func norm() -> Float {
    var norms = [Float](repeating: 0, count: ranks.count)
    norms[ranks.rank] = gradientNorm(optimizer.groups.flatMap(\.parameters))
    let square = ranks.sum(norms).reduce(0.0) { $0 + Double($1) * Double($1) }
    return Float(square.squareRoot())
  }

  /// Where the slice of this rank begins in the tensor that it is of.
  func start(of own: Tensor) -> Int {
    ordered.first { $0.own.memoryIdentity == own.memoryIdentity }?.place.lowerBound ?? 0
  }

  /// What is in no block.
  private var others: [Slice] { ordered.filter { !$0.isOfBlock } }

  private func gatherOthers() { for slice in others { slice.gather(over: ranks) } }

  private func slices(of block: any Module) -> [Slice] {
    block.tensors.compactMap { weights[$0.tensor.memoryIdentity] }
  }

  private func drop(_ block: any Module) { drop(slices(of: block)) }

  private func drop(_ slices: [Slice]) {
    if !isWhole { for slice in slices where slice.isOfBlock { slice.drop() } }
  }

  /// Replaces the gradients of whole tensors by the means of slices.
  private func takeGradients() {
    let ready = ordered.filter { $0.whole.gradient != nil }
    guard let message = ready.map(\.whole.count).max() else { return }
    bytes.peak = max(bytes.peak, held + 4 * message)
    for slice in ready { slice.takeGradient(over: ranks) }
  }

  /// The bytes of weights, gradients and averages that this rank holds.
  private var held: Int {
    (ordered + averages).reduce(0) { sum, slice in
      let wholes = (slice.whole.storage.isHeld ? 1 : 0) + (slice.whole.gradient == nil ? 0 : 1)
      let slices = 1 + (slice.own.gradient == nil ? 0 : 1)
      return sum + 4 * (wholes * slice.whole.count + slices * slice.own.count)
    }
  }

  // MARK: - The whole again

  /// Runs `body` while this rank has all weights.
  func withWholeModel<Result>(_ body: () throws -> Result) rethrows -> Result {
    for slice in ordered where !slice.whole.storage.isHeld { slice.gather(over: ranks) }
    isWhole = true
    defer {
      isWhole = false
      drop(ordered)
    }
    return try body()
  }

  /// Runs `body` on rank 0, which has all weights and averages meanwhile.
  func withWholeState(_ body: () throws -> Void) rethrows {
    let dropped = (ordered + averages).filter { !$0.whole.storage.isHeld }
    for slice in dropped {
      slice.gather(over: ranks)
      if ranks.rank > 0 { slice.drop() }
    }
    whole.steps = optimizer.steps
    defer {
      for slice in dropped { slice.drop() }
      Memory.trim()
    }
    if ranks.rank == 0 { try body() }
  }

  /// Gives the run its state back, whole, on all ranks.
  func restore() {
    for slice in ordered + averages where !slice.whole.storage.isHeld { slice.gather(over: ranks) }
    average?.slices = nil
    average?.onSwap = {}
    whole.steps = optimizer.steps
  }
}

/// A tensor and the part of it that a rank keeps.
private final class Slice {
  let whole: Tensor
  /// The numbers of the tensor, in their order, that are this rank's.
  let place: Range<Int>
  /// [place.count], which may be 0.
  let own: Tensor
  /// Whether the tensor belongs to a block, so that its memory comes and goes.
  var isOfBlock = false

  var identity: ObjectIdentifier { whole.memoryIdentity }

  init(
    of whole: Tensor, _ ranks: any Collective, own: Tensor? = nil, isParameter: Bool = false
  ) {
    self.whole = whole
    place = ranks.part(of: whole.count)
    let new = Tensor.zeros([place.count])
    self.own = own ?? (isParameter && whole.requiresGradient ? new.requiringGradient() : new)
    readWhole()
  }

  func drop() { whole.storage.isHeld = false }

  /// Copies the slice from the whole tensor.
  func readWhole() {
    own.update { own in
      whole.withScalars { _ = own.update(fromContentsOf: $0[place]) }
    }
  }

  /// Fills the whole tensor from the slices of all ranks.
  func gather(over ranks: any Collective) {
    whole.storage.isHeld = true
    whole.update { values in
      own.withScalars { _ = values[place].update(fromContentsOf: $0) }
      ranks.gather(values)
    }
  }

  /// Adds the mean of the ranks' gradients to that of the slice, and frees the whole one. A step may go
  /// back through a block more than once.
  func takeGradient(over ranks: any Collective) {
    // The sums are formed in a copy: another tensor may share the memory of the gradient.
    let values = UnsafeMutableBufferPointer(
      start: Memory.allocate(whole.count), count: whole.count)
    defer { Memory.free(values.baseAddress!, values.count) }
    whole.gradient!.withScalars { _ = values.update(fromContentsOf: $0) }
    whole.clearGradient()
    ranks.reduce(values)
    let mean = Tensor(Array(values[place])) * (1 / Float(ranks.count))  // [place.count]
    own.gradient = own.gradient.map { $0 + mean } ?? mean
  }
}
