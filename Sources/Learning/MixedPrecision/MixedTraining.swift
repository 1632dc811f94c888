// A transformer that learns with resblocks, their weights and their moments in 16 bits.

import DALLE
import Foundation
import NeuralNetwork
import NumberFormats
import Optimization
import TensorCore

/// How a transformer is trained in mixed precision.
public struct MixedSettings: Sendable {
  /// Of the resblocks' activations, weights, and the gradients of both; nil for 32 bits.
  public var format: FloatFormat? = .half
  /// How gradients are scaled.
  public var scaling = GradientScaling.paper
  /// M. A run on M machines divides the loss by the size of the whole batch, and later adds the
  /// gradients of M machines. Here one machine stands for all: its loss is divided by M, and its
  /// gradients are multiplied by M after they have gone back to 32 bits.
  public var replicas = 1
  /// Whether the weights themselves keep 32 bits and are only read rounded (Micikevicius et al.,
  /// 2018, §3.1). In the paper the parameters of resblocks have 16 bits.
  public var hasMasterWeights = false
  /// Whether Adam's moments of resblocks are kept in 1-6-9 and 0-6-10.
  public var hasSmallMoments = true
  /// The highest learning rate.
  public var rate: Float = 1e-3

  /// The paper's way: 1-5-10, a scale for each resblock.
  public init() {}

  /// All in 32 bits, without scales.
  public static var float: MixedSettings {
    var settings = MixedSettings()
    settings.format = nil
    settings.scaling = .none
    settings.hasSmallMoments = false
    return settings
  }
}

/// What happened in one step.
public struct MixedStep: Sendable {
  /// (text + w · image) / (1 + w), in nats per token.
  public let loss: Float
  /// log₂ of each resblock's scale in this step, [2 L].
  public let logScales: [Float]
  /// Whether the update was skipped, as a gradient was not finite.
  public let isSkipped: Bool
  /// Of each resblock, if asked for; else empty.
  public let gradients: [ResblockGradients]
}

/// Trains a transformer step by step.
public final class MixedTraining {
  /// The transformer.
  public let model: DALLE
  /// How it is trained.
  public let settings: MixedSettings
  /// The scales for the next step.
  public private(set) var scales: GradientScales
  let optimizer: Adam
  let resblocks: [[Tensor]]
  /// The parameters outside of resblocks.
  private let others: [Tensor]
  /// Adam's moments of the weights of resblocks, and their formats.
  private let moments: [(tensor: Tensor, format: FloatFormat)]

  /// A training that has not begun. The weights of resblocks are rounded to their format.
  public init(_ model: DALLE, _ settings: MixedSettings) {
    self.model = model
    self.settings = settings
    resblocks = model.resblocks
    let inside = Set(resblocks.joined().map(\.memoryIdentity))
    others = model.parameters.map(\.tensor).filter { !inside.contains($0.memoryIdentity) }
    scales = GradientScales(
      settings.scaling, resblocks: resblocks.count, replicas: settings.replicas)
    // Appendix B.2
    optimizer = Adam(
      ParameterGroup.decayingMatrices(model, decay: 0.045), rate: settings.rate,
      betas: (0.9, 0.96), secondMomentLimit: 5)
    let groups = optimizer.groups.flatMap(\.parameters)
    // The optimiser lists all first moments, then all second ones, each in the order of its groups.
    moments = zip(groups + groups, optimizer.state).enumerated().compactMap { i, pair in
      guard inside.contains(pair.0.tensor.memoryIdentity), pair.0.tensor.rank == 2 else {
        return nil
      }
      return (pair.1.tensor, i < groups.count ? .adamMean : .adamVariance)
    }
    roundWeights()
  }

  /// One step with captions [B, T] and codes [B, N], at `rate` times the settings' learning rate.
  ///
  /// If the update is skipped, weights, moments and the optimiser's count of steps stay as they are.
  public func step(
    text: IndexTensor, image: IndexTensor, rate: Float = 1, observingGradients: Bool = false
  ) -> MixedStep {
    let logScales = scales.values.map { log2($0) }
    let (loss, probes) = backward(text: text, image: image, isProbed: observingGradients)
    let isFinite = resblocks.map { $0.allSatisfy(hasFiniteGradient) }
    let isWhole = others.allSatisfy(hasFiniteGradient)
    let used = scales.values
    let isApplied = scales.update(isFinite: isFinite) && isWhole
    if isApplied {
      for (parameters, scale) in zip(resblocks, used) { divideGradients(parameters, by: scale) }
      divideGradients(others, by: 1)
      let norm = gradientNorm(model.parameters)
      optimizer.rate = settings.rate * rate
      optimizer.step(gradientScale: clipScale(norm: norm, limit: 4))
      roundWeights()
      if settings.hasSmallMoments {
        for (tensor, format) in moments { tensor.update { format.round($0) } }
      }
    }
    model.clearGradients()
    return MixedStep(
      loss: loss, logScales: logScales, isSkipped: !isApplied, gradients: probes.map(\.gradients))
  }

  /// The gradients of every resblock at the present weights, which stay as they are.
  public func gradients(text: IndexTensor, image: IndexTensor) -> [ResblockGradients] {
    let probes = backward(text: text, image: image, isProbed: true).probes
    model.clearGradients()
    return probes.map(\.gradients)
  }

  private func backward(
    text: IndexTensor, image: IndexTensor, isProbed: Bool
  ) -> (loss: Float, probes: [ResblockProbe]) {
    let probes = isProbed ? resblocks.map { _ in ResblockProbe() } : []
    var isFiltered = false
    if case .perResblock = settings.scaling { isFiltered = true }
    let pass = MixedPass(
      format: settings.format,
      scales: scales.values.map { Scale(value: $0, isFiltered: isFiltered) }, probes: probes)
    let loss = model.losses(text: text, image: image, pass).total
    loss.backward(upstream: Tensor(1 / Float(settings.replicas)))
    for (probe, parameters) in zip(probes, resblocks) { probe.note(weights: parameters) }
    return (loss.item, probes)
  }

  private func hasFiniteGradient(_ parameter: Tensor) -> Bool {
    parameter.gradient.map { $0.firstNonFiniteIndex == nil } ?? true
  }

  /// Undoes a scale, and adds the gradients of M replicas.
  private func divideGradients(_ parameters: [Tensor], by scale: Float) {
    let factor = Float(settings.replicas) / scale
    if factor == 1 { return }
    for parameter in parameters { parameter.gradient = parameter.gradient.map { $0 * factor } }
  }

  /// Weights of resblocks in their format; gains and biases keep 32 bits.
  private func roundWeights() {
    guard let format = settings.format, !settings.hasMasterWeights else { return }
    for parameter in resblocks.joined() where parameter.rank == 2 {
      parameter.update { format.round($0) }
    }
  }
}

extension DALLE {
  /// The parameters of each of the 2 L resblocks: norm and attention, norm and feed-forward network.
  fileprivate var resblocks: [[Tensor]] {
    blocks.flatMap { block -> [[Tensor]] in
      let first = block.norm1.parameters + block.attention.parameters
      let second = block.norm2.parameters + block.feedForward.parameters
      return [first.map(\.tensor), second.map(\.tensor)]
    }
  }
}
