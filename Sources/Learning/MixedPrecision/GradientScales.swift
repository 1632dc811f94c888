// The factors that lift small gradients into the range of a format with few bits of exponent.

import Foundation

/// How gradients are scaled.
public enum GradientScaling: Hashable, Sendable {
  /// Not at all: a nonfinite gradient only skips its update.
  case none
  /// One scale for all resblocks, which is the same as scaling the loss (Micikevicius et al., 2018,
  /// §3.2): doubled after `interval` updates in a row without a nonfinite gradient, halved and the
  /// update skipped where there is one. It begins at M · `initial` for M replicas.
  case loss(initial: Float, interval: Int)
  /// A scale for each resblock (Ramesh et al., 2021, appendix D.1), each in M · 2⁷ … M · 2²⁴ and at
  /// first M · 2¹³. It grows in each update in which the resblock's gradients are finite, so that
  /// `doubling` of them double it; else it is divided by √2, though only once in `window` updates, and
  /// the update of all weights is skipped.
  case perResblock(doubling: Int, window: Int)

  /// A scale for each resblock with the paper's numbers: doubled after 1,000 updates, divided once in
  /// 125.
  public static let paper = GradientScaling.perResblock(doubling: 1000, window: 125)

  /// Loss scaling with the numbers of PyTorch's `GradScaler`: from 2¹⁶, doubled after 2,000 updates.
  public static let usualLoss = GradientScaling.loss(initial: 0x1p16, interval: 2000)
}

/// The scales of all resblocks, which follow the rule of a `GradientScaling`.
public struct GradientScales: Sendable {
  /// The scale of each resblock for the next backward pass.
  public private(set) var values: [Float]
  private let scaling: GradientScaling
  private let replicas: Float
  /// The number of updates so far, and for each resblock the update that last divided its scale.
  private var updates = 0
  private var lastDivision: [Int?]
  /// Updates since the loss scale last changed.
  private var finiteUpdates = 0

  /// The scales before the first update, for M `replicas`.
  public init(_ scaling: GradientScaling, resblocks: Int, replicas: Int = 1) {
    precondition(
      resblocks > 0 && replicas > 0,
      "there are scales for 1 or more resblocks and replicas, not \(resblocks) and \(replicas)")
    self.scaling = scaling
    self.replicas = Float(replicas)
    lastDivision = Array(repeating: nil, count: resblocks)
    let initial: Float =
      switch scaling {
      case .none: 1
      case .loss(let initial, _): self.replicas * initial
      case .perResblock: self.replicas * 0x1p13
      }
    values = Array(repeating: initial, count: resblocks)
  }

  /// Moves the scales after a backward pass in which the gradients of the parameters of some
  /// resblocks were all finite. Returns whether the weights may be updated: only if those of all were.
  public mutating func update(isFinite: [Bool]) -> Bool {
    precondition(
      isFinite.count == values.count,
      "\(values.count) resblocks have \(values.count) verdicts, not \(isFinite.count)")
    updates += 1
    let isWhole = !isFinite.contains(false)
    switch scaling {
    case .none: break
    case .loss(_, let interval):
      finiteUpdates = isWhole ? finiteUpdates + 1 : 0
      var factor: Float = isWhole ? 1 : 0.5
      if finiteUpdates == interval { (factor, finiteUpdates) = (2, 0) }
      values = values.map { $0 * factor }
    case .perResblock(let doubling, let window):
      let factor = Float(pow(2, 1 / Double(doubling)))
      for i in values.indices {
        if isFinite[i] {
          values[i] *= factor
        } else if lastDivision[i].map({ updates - $0 >= window }) ?? true {
          values[i] /= Float(2).squareRoot()
          lastDivision[i] = updates
        }
        values[i] = min(max(values[i], replicas * 0x1p7), replicas * 0x1p24)
      }
    }
    return isWhole
  }
}
