// Layer, batch and group normalisation.

import Kernels

/// (x - mean) / √(variance + ε) · weight + bias over the last axis (Ba et al., 2016).
///
/// `weight` and `bias` are [D], both or neither.
public func layerNorm(
  _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, epsilon: Float = 1e-5
) -> Tensor {
  let (rows, n, _) = x.split(at: x.resolve(-1))
  precondition(
    (weight == nil) == (bias == nil) && weight.map { $0.shape == [n] } ?? true
      && bias.map { $0.shape == [n] } ?? true,
    "layerNorm: weight and bias must both be [\(n)] or both be left out")
  let y = Tensor(uninitialized: x.shape)
  let means = Tensor(uninitialized: [rows])
  let scales = Tensor(uninitialized: [rows])
  Kernels.layerNorm(
    rows: rows, n: n, x.pointer, weight: weight?.pointer, bias: bias?.pointer,
    epsilon: epsilon, y.pointer, means: means.pointer, scales: scales.pointer)
  return y.recorded(from: [x] + [weight, bias].compactMap { $0 }) { dy in
    let dx = Tensor.reusing(&dy)
    let dWeight = weight.map { Tensor(uninitialized: $0.shape) }
    let dBias = bias.map { Tensor(uninitialized: $0.shape) }
    layerNormGradient(
      rows: rows, n: n, x.pointer, weight: weight?.pointer, means: means.pointer,
      scales: scales.pointer, dy.pointer, dx.pointer, dWeight: dWeight?.pointer,
      dBias: dBias?.pointer)
    if let weight, let dWeight { weight.receive(dWeight) }
    if let bias, let dBias { bias.receive(dBias) }
    x.receive(dx)
  }
}

/// Statistics of a batch norm: what it divides by when it does not look at the batch.
public struct RunningStatistics {
  /// Mean per channel [C].
  public let mean: Tensor
  /// Variance per channel [C], divided by n - 1.
  public let variance: Tensor

  /// Running statistics, for instance zeros and ones.
  public init(mean: Tensor, variance: Tensor) {
    self.mean = mean
    self.variance = variance
  }
}

/// Batch normalisation of pictures [B, H, W, C] (Ioffe and Szegedy, 2015).
///
/// In training each channel is normalised with its own mean and biased variance over batch
/// and pixels, and the running statistics move towards them by `momentum` (the running
/// variance towards the unbiased one). Otherwise the running statistics are used.
public func batchNorm(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor, running: RunningStatistics, training: Bool,
  momentum: Float = 0.1, epsilon: Float = 1e-5
) -> Tensor {
  let channels = x.shape[x.resolve(-1)]
  let pixels = x.count / max(channels, 1)
  if !training {
    let factor = weight * (running.variance.detached + epsilon).reciprocalSquareRoot()
    return x * factor + (bias - running.mean.detached * factor)
  }
  let y = normalizeGroups(
    x, groups: ChannelGroups(batch: 1, pixels: pixels, channels: channels, groups: channels),
    weight, bias, epsilon: epsilon)
  let correction = Float(pixels) / Float(max(pixels - 1, 1))
  running.mean.update { mean in
    running.variance.update { variance in
      for c in 0..<channels {
        mean[c] += momentum * (y.means[c] - mean[c])
        variance[c] += momentum * (y.variances[c] * correction - variance[c])
      }
    }
  }
  return y.result
}

/// Group normalisation of pictures [B, H, W, C] (Wu and He, 2018): each group of C / groups
/// channels of each picture is normalised over its pixels.
public func groupNorm(
  _ x: Tensor, groups: Int, _ weight: Tensor, _ bias: Tensor, epsilon: Float = 1e-5
) -> Tensor {
  let channels = x.shape[x.resolve(-1)]
  precondition(
    groups > 0 && channels % groups == 0, "\(channels) channels do not divide into \(groups) groups"
  )
  let batch = x.shape[0]
  return normalizeGroups(
    x,
    groups: ChannelGroups(
      batch: batch, pixels: x.count / max(batch * channels, 1), channels: channels,
      groups: groups), weight, bias, epsilon: epsilon
  ).result
}

/// Pictures [batch, pixels, channels] whose channels are normalised in groups.
private struct ChannelGroups {
  let batch: Int
  let pixels: Int
  let channels: Int
  let groups: Int

  var channelsPerGroup: Int { channels / groups }
  var valuesPerGroup: Double { Double(pixels * channelsPerGroup) }

  /// Per group: sums over its channels of a per-channel figure.
  func grouped(_ perChannel: [Double]) -> [Double] {
    (0..<groups).map { g in
      perChannel[g * channelsPerGroup..<(g + 1) * channelsPerGroup].reduce(0, +)
    }
  }
}

private func normalizeGroups(
  _ x: Tensor, groups s: ChannelGroups, _ weight: Tensor, _ bias: Tensor, epsilon: Float
) -> (result: Tensor, means: [Float], variances: [Float]) {
  precondition(
    weight.shape == [s.channels] && bias.shape == [s.channels],
    "weight \(weight.shape) and bias \(bias.shape) must be [\(s.channels)]")
  let size = s.pixels * s.channels
  let y = Tensor(uninitialized: x.shape)
  // Per picture and channel: x̂ = x · scale + shift.
  let scale = Tensor(uninitialized: [s.batch, s.channels])
  let shift = Tensor(uninitialized: [s.batch, s.channels])
  var (means, variances) = ([Float](), [Float]())
  for b in 0..<s.batch {
    let source = x.pointer + b * size
    let moments = channelSums(pixels: s.pixels, channels: s.channels, source, source)
    let (sums, squares) = (s.grouped(moments.sums), s.grouped(moments.products))
    let factors = Tensor(uninitialized: [s.channels])
    let offsets = Tensor(uninitialized: [s.channels])
    for g in 0..<s.groups {
      let mean = sums[g] / s.valuesPerGroup
      let variance = Swift.max(0, squares[g] / s.valuesPerGroup - mean * mean)
      let factor = 1 / (variance + Double(epsilon)).squareRoot()
      means.append(Float(mean))
      variances.append(Float(variance))
      for c in g * s.channelsPerGroup..<(g + 1) * s.channelsPerGroup {
        scale.pointer[b * s.channels + c] = Float(factor)
        shift.pointer[b * s.channels + c] = Float(-mean * factor)
        factors.pointer[c] = Float(factor) * weight.pointer[c]
        offsets.pointer[c] = Float(-mean * factor) * weight.pointer[c] + bias.pointer[c]
      }
    }
    scaleChannels(
      pixels: s.pixels, channels: s.channels, source, factors: factors.pointer,
      offsets: offsets.pointer, y.pointer + b * size)
    withExtendedLifetime((factors, offsets)) {}
  }
  let result = y.recorded(from: x, weight, bias) { dy in
    normalizeGroupsBackward(x, s, weight, bias, scale, shift, dy.detached)
  }
  return (result, means, variances)
}

/// With x̂ = x · scale + shift and g = dy · weight, per group:
/// dx = scale · (g - mean(g) - x̂ · mean(g x̂)), dWeight = Σ dy x̂, dBias = Σ dy.
private func normalizeGroupsBackward(
  _ x: Tensor, _ s: ChannelGroups, _ weight: Tensor, _ bias: Tensor, _ scale: Tensor,
  _ shift: Tensor, _ dy: Tensor
) {
  let size = s.pixels * s.channels
  let dx = Tensor(uninitialized: x.shape)
  let dWeight = Tensor.zeros([s.channels])
  let dBias = Tensor.zeros([s.channels])
  for b in 0..<s.batch {
    let (a, t) = (scale.pointer + b * s.channels, shift.pointer + b * s.channels)
    let sums = channelSums(
      pixels: s.pixels, channels: s.channels, dy.pointer + b * size, x.pointer + b * size)
    // Σ dy x̂ = scale Σ dy x + shift Σ dy.
    let products = (0..<s.channels).map {
      Double(a[$0]) * sums.products[$0] + Double(t[$0]) * sums.sums[$0]
    }
    for c in 0..<s.channels {
      dWeight.pointer[c] += Float(products[c])
      dBias.pointer[c] += Float(sums.sums[c])
    }
    let w = (0..<s.channels).map { Double(weight.pointer[$0]) }
    let meanG = s.grouped(zip(w, sums.sums).map(*)).map { $0 / s.valuesPerGroup }
    let meanGX = s.grouped(zip(w, products).map(*)).map { $0 / s.valuesPerGroup }
    // dx = dy · (scale w) - x · (scale² m₂) - scale · (m₁ + shift · m₂)
    let (fy, fx) = (Tensor(uninitialized: [s.channels]), Tensor(uninitialized: [s.channels]))
    let offset = Tensor(uninitialized: [s.channels])
    for c in 0..<s.channels {
      let g = c / s.channelsPerGroup
      let (scale, shift) = (Double(a[c]), Double(t[c]))
      fy.pointer[c] = Float(scale * w[c])
      fx.pointer[c] = Float(-scale * scale * meanGX[g])
      offset.pointer[c] = Float(-scale * (meanG[g] + shift * meanGX[g]))
    }
    scaleChannels(
      pixels: s.pixels, channels: s.channels, dy.pointer + b * size, factors: fy.pointer,
      x.pointer + b * size, factors: fx.pointer, offsets: offset.pointer, dx.pointer + b * size)
    withExtendedLifetime((fy, fx, offset)) {}
  }
  weight.receive(dWeight)
  bias.receive(dBias)
  x.receive(dx)
}
