// Layer and group normalisation.

import Kernels

/// (x - mean) / √(variance + ε) · weight + bias over the last axis (Ba et al., 2016):
/// [..., D] → [..., D]. `weight` and `bias` are [D], both or neither.
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

/// Group normalisation of pictures (Wu and He, 2018): each group of C / groups channels of each
/// picture is normalised over its pixels. [B, H, W, C] → [B, H, W, C]; `weight` and `bias` are [C].
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
      groups: groups), weight, bias, epsilon: epsilon)
}

/// Pictures [batch, pixels, channels] whose channels are normalised in groups.
private struct ChannelGroups {
  let batch: Int
  let pixels: Int
  let channels: Int
  let groups: Int

  var channelsPerGroup: Int { channels / groups }

  /// Per group: the mean over its channels of a per-channel figure.
  func grouped(_ perChannel: [Double]) -> [Double] {
    (0..<groups).map { g in
      perChannel[g * channelsPerGroup..<(g + 1) * channelsPerGroup].reduce(0, +)
        / Double(channelsPerGroup)
    }
  }
}

private func normalizeGroups(
  _ x: Tensor, groups s: ChannelGroups, _ weight: Tensor, _ bias: Tensor, epsilon: Float
) -> Tensor {
  precondition(
    weight.shape == [s.channels] && bias.shape == [s.channels],
    "weight \(weight.shape) and bias \(bias.shape) must be [\(s.channels)]")
  let size = s.pixels * s.channels
  let y = Tensor(uninitialized: x.shape)
  let means = Tensor(uninitialized: [s.batch, s.groups])
  let variances = Tensor(uninitialized: [s.batch, s.groups])
  // Each thread takes whole pictures.
  parallelFor(size == 0 ? 0 : s.batch) { b in
    let source = x.pointer + b * size
    // Values are taken relative to the first pixel, so that a large mean costs no digits.
    let moments = channelMoments(
      pixels: s.pixels, channels: s.channels, source, shift: source)
    let n = Double(s.pixels)
    let mean = (0..<s.channels).map { Double(source[$0]) + moments.sums[$0] / n }
    let groupMean = s.grouped(mean)
    // A group's variance is that within its channels plus that between them.
    let groupVariance = s.grouped(
      (0..<s.channels).map { c in
        let (sum, squares) = (moments.sums[c] / n, moments.products[c] / n)
        let between = mean[c] - groupMean[c / s.channelsPerGroup]
        return Swift.max(0, squares - sum * sum) + between * between
      })
    let (factors, offsets) = (Tensor(uninitialized: bias.shape), Tensor(uninitialized: bias.shape))
    for g in 0..<s.groups {
      means.pointer[b * s.groups + g] = Float(groupMean[g])
      variances.pointer[b * s.groups + g] = Float(groupVariance[g])
      let scale = 1 / (groupVariance[g] + Double(epsilon)).squareRoot()
      for c in g * s.channelsPerGroup..<(g + 1) * s.channelsPerGroup {
        let factor = scale * Double(weight.pointer[c])
        factors.pointer[c] = Float(factor)
        offsets.pointer[c] = Float(Double(bias.pointer[c]) - groupMean[g] * factor)
      }
    }
    scaleChannels(
      pixels: s.pixels, channels: s.channels, source, factors: factors.pointer,
      offsets: offsets.pointer, y.pointer + b * size)
    withExtendedLifetime((factors, offsets)) {}
  }
  return y.recorded(from: x, weight, bias) { dy in
    normalizeGroupsBackward(x, s, weight, bias, means, variances, epsilon, dy.detached)
  }
}

/// With x̂ = (x - mean) · scale and g = dy · weight, per group:
/// dx = scale · (g - mean(g) - x̂ · mean(g x̂)), dWeight = Σ dy x̂, dBias = Σ dy.
private func normalizeGroupsBackward(
  _ x: Tensor, _ s: ChannelGroups, _ weight: Tensor, _ bias: Tensor, _ means: Tensor,
  _ variances: Tensor, _ epsilon: Float, _ dy: Tensor
) {
  let size = s.pixels * s.channels
  let dx = Tensor(uninitialized: x.shape)
  // Each picture has its own sums for the parameters.
  let dWeights = Tensor.zeros([s.batch, s.channels])
  let dBiases = Tensor.zeros([s.batch, s.channels])
  let w = weight.scalars.map { Double($0) }
  parallelFor(size == 0 ? 0 : s.batch) { b in
    let mean = (0..<s.channels).map {
      means.pointer[b * s.groups + $0 / s.channelsPerGroup]
    }
    let scale = (0..<s.channels).map {
      1 / Double(variances.pointer[b * s.groups + $0 / s.channelsPerGroup] + epsilon).squareRoot()
    }
    let sums = channelProducts(
      pixels: s.pixels, channels: s.channels, dy.pointer + b * size, x.pointer + b * size,
      shift: mean)
    let n = Double(s.pixels)
    let meanG = s.grouped((0..<s.channels).map { w[$0] * sums.sums[$0] / n })
    let meanGX = s.grouped((0..<s.channels).map { w[$0] * scale[$0] * sums.products[$0] / n })
    // dx = dy · (scale w) - x · (scale² m₂) - scale · (m₁ - mean · scale · m₂)
    let (fy, fx) = (Tensor(uninitialized: bias.shape), Tensor(uninitialized: bias.shape))
    let offset = Tensor(uninitialized: bias.shape)
    for c in 0..<s.channels {
      let g = c / s.channelsPerGroup
      dWeights.pointer[b * s.channels + c] = Float(scale[c] * sums.products[c])
      dBiases.pointer[b * s.channels + c] = Float(sums.sums[c])
      let slope = scale[c] * scale[c] * meanGX[g]
      fy.pointer[c] = Float(scale[c] * w[c])
      fx.pointer[c] = Float(-slope)
      offset.pointer[c] = Float(Double(mean[c]) * slope - scale[c] * meanG[g])
    }
    scaleChannels(
      pixels: s.pixels, channels: s.channels, dy.pointer + b * size, factors: fy.pointer,
      x.pointer + b * size, factors: fx.pointer, offsets: offset.pointer, dx.pointer + b * size)
    withExtendedLifetime((fy, fx, offset)) {}
  }
  weight.receive(dWeights.sum(axis: 0))
  bias.receive(dBiases.sum(axis: 0))
  x.receive(dx)
}
