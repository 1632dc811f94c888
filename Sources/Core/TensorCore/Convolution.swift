// Convolutions and pooling of pictures [B, H, W, C]. Channels come last because then the
// values a window needs are neighbours in memory; `channelsLast` and `channelsFirst` convert
// at the ends of a model. Weights keep PyTorch's orders, so that public ones load as they are.

import Kernels
import Vectors

/// Cross-correlation with a kernel (the "convolution" of neural networks).
///
/// x [B, H, W, C], weight [O, C, kh, kw], bias [O] → [B, H', W', O] with
/// H' = (H + 2 · padding - kh) / stride + 1.
public func convolution2D(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0
) -> Tensor {
  precondition(
    x.rank == 4 && weight.rank == 4 && x.shape[3] == weight.shape[1] && stride > 0 && padding >= 0,
    "convolution2D: input \(x.shape) is not [B, H, W, C] for weight \(weight.shape)")
  let (kh, kw) = (weight.shape[2], weight.shape[3])
  precondition(
    x.shape[1] + 2 * padding >= kh && x.shape[2] + 2 * padding >= kw,
    "convolution2D: a kernel of \(kh)×\(kw) does not fit input \(x.shape) with padding \(padding)")
  precondition(
    bias.map { $0.shape == [weight.shape[0]] } ?? true,
    "convolution2D: bias \(bias!.shape) is not [\(weight.shape[0])]")
  if kh == 1 && kw == 1 && stride == 1 && padding == 0 {
    return linear(x, weight.reshaped(weight.shape[0], weight.shape[1]), bias)
  }
  let s = ConvolutionShape(
    batch: x.shape[0], inputHeight: x.shape[1], inputWidth: x.shape[2],
    inputChannels: x.shape[3], outputHeight: (x.shape[1] + 2 * padding - kh) / stride + 1,
    outputWidth: (x.shape[2] + 2 * padding - kw) / stride + 1, outputChannels: weight.shape[0],
    kernelHeight: kh, kernelWidth: kw, stride: stride, padding: padding)
  let precision = Precision.current
  let y = Tensor(
    uninitialized: [s.batch, s.outputHeight, s.outputWidth, s.outputChannels])
  let kernels = weight.detached.permuted(2, 3, 1, 0)  // [kh, kw, C, O]
  correlate(s, x, kernels, bias, into: y, precision)
  return y.recorded(from: [x, weight] + [bias].compactMap { $0 }) { dy in
    if weight.requiresGradient {
      let dw = Tensor(uninitialized: [kh, kw, s.inputChannels, s.outputChannels])
      convolveWeightGradient(s, x.pointer, dy.pointer, dw.pointer, precision: precision)
      weight.receive(dw.permuted(3, 2, 0, 1))
    }
    receiveBias(bias, dy.detached)
    if x.requiresGradient {
      let dx = Tensor(uninitialized: x.shape)
      let kernels = weight.detached.permuted(2, 3, 0, 1)  // [kh, kw, O, C]
      correlateTransposed(s, dy.detached, kernels, nil, into: dx, precision)
      x.receive(dx)
    }
  }
}

/// The transposed convolution: every input value adds a scaled kernel to the output.
///
/// x [B, H, W, C], weight [C, O, kh, kw], bias [O] → [B, H', W', O] with
/// H' = (H - 1) · stride - 2 · padding + kh.
public func transposedConvolution2D(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0
) -> Tensor {
  precondition(
    x.rank == 4 && weight.rank == 4 && x.shape[3] == weight.shape[0] && stride > 0 && padding >= 0,
    "transposedConvolution2D: input \(x.shape) is not [B, H, W, C] for weight \(weight.shape)")
  let (outputs, kh, kw) = (weight.shape[1], weight.shape[2], weight.shape[3])
  let height = (x.shape[1] - 1) * stride - 2 * padding + kh
  let width = (x.shape[2] - 1) * stride - 2 * padding + kw
  precondition(
    height > 0 && width > 0, "transposedConvolution2D: the result would be \(height)×\(width)")
  precondition(
    bias.map { $0.shape == [outputs] } ?? true,
    "transposedConvolution2D: bias \(bias!.shape) is not [\(outputs)]")
  // It is the gradient of a convolution from the result's size to the input's.
  let s = ConvolutionShape(
    batch: x.shape[0], inputHeight: height, inputWidth: width, inputChannels: outputs,
    outputHeight: x.shape[1], outputWidth: x.shape[2], outputChannels: x.shape[3],
    kernelHeight: kh, kernelWidth: kw, stride: stride, padding: padding)
  let precision = Precision.current
  let y = Tensor(uninitialized: [s.batch, height, width, outputs])
  correlateTransposed(s, x, weight.detached.permuted(2, 3, 0, 1), bias, into: y, precision)
  return y.recorded(from: [x, weight] + [bias].compactMap { $0 }) { dy in
    if weight.requiresGradient {
      let dw = Tensor(uninitialized: [kh, kw, s.inputChannels, s.outputChannels])
      convolveWeightGradient(s, dy.pointer, x.pointer, dw.pointer, precision: precision)
      weight.receive(dw.permuted(3, 2, 0, 1))
    }
    receiveBias(bias, dy.detached)
    if x.requiresGradient {
      let dx = Tensor(uninitialized: x.shape)
      correlate(s, dy.detached, weight.detached.permuted(2, 3, 1, 0), nil, into: dx, precision)
      x.receive(dx)
    }
  }
}

/// y = x ∗ w with w [kh, kw, C, O].
private func correlate(
  _ s: ConvolutionShape, _ x: Tensor, _ w: Tensor, _ bias: Tensor?, into y: Tensor,
  _ precision: Precision
) {
  let bias = bias.map { wholePanels($0) }
  convolve(
    s, x.pointer, weights: w.pointer, bias: bias?.pointer, y.pointer, precision: precision)
  withExtendedLifetime((w, bias)) {}
}

/// dx = dy ∗ᵀ w with w [kh, kw, O, C].
private func correlateTransposed(
  _ s: ConvolutionShape, _ dy: Tensor, _ w: Tensor, _ bias: Tensor?, into dx: Tensor,
  _ precision: Precision
) {
  let bias = bias.map { wholePanels($0) }
  convolveTransposed(
    s, dy.pointer, weights: w.pointer, bias: bias?.pointer, dx.pointer, precision: precision)
  withExtendedLifetime((w, bias)) {}
}

/// A bias with room for whole panels, from which tiles start.
func wholePanels(_ bias: Tensor) -> Tensor {
  let padded = Tensor.zeros([panelCount(k: 1, n: bias.count)])
  padded.pointer.update(from: bias.pointer, count: bias.count)
  return padded
}

private func receiveBias(_ bias: Tensor?, _ dy: Tensor) {
  guard let bias, bias.requiresGradient else { return }
  let db = Tensor(uninitialized: bias.shape)
  sumAxis(
    outer: 1, n: dy.count / Swift.max(bias.count, 1), inner: bias.count, dy.pointer, db.pointer)
  bias.receive(db)
}

// MARK: - Pooling and resizing

extension Tensor {
  /// The largest value of each window; windows that do not fit whole are dropped.
  /// [B, H, W, C] → [B, H', W', C] with H' = ⌊(H - kernel) / stride⌋ + 1.
  public func maxPooled(kernel: Int, stride: Int) -> Tensor {
    precondition(
      rank == 4 && kernel > 0 && stride > 0 && shape[1] >= kernel && shape[2] >= kernel,
      "a pooling window of \(kernel) by \(stride) does not fit [B, H, W, C] = \(shape)")
    precondition(
      count <= Int(Int32.max), "places are counted in 32 bits, and \(shape) has \(count)")
    let s = PoolingShape(
      batch: shape[0], height: shape[1], width: shape[2], channels: shape[3], kernel: kernel,
      stride: stride)
    let y = Tensor(uninitialized: [s.batch, s.outputHeight, s.outputWidth, s.channels])
    var places = [Int32](repeating: 0, count: y.count)
    places.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress { maximumPool(s, pointer, y.pointer, base) }
    }
    let found = places
    return y.recorded(from: self) { dy in  // dx = dy at the place of the maximum
      let dx = Tensor(uninitialized: self.shape)
      maximumPoolGradient(s, dy.pointer, found, dx.pointer)
      self.receive(dx)
    }
  }

  /// The mean of each square of `factor` × `factor` pixels: [B, H, W, C] → [B, H/factor, W/factor, C].
  public func averagePooled(_ factor: Int) -> Tensor {
    precondition(
      rank == 4 && factor > 0 && shape[1] % factor == 0 && shape[2] % factor == 0,
      "[B, H, W, C] = \(shape) does not divide into squares of \(factor)")
    let (b, h, w, c) = (shape[0], shape[1] / factor, shape[2] / factor, shape[3])
    return reshaped(b, h, factor, w, factor, c).mean(axes: [2, 4])
  }

  /// Every pixel repeated `factor` times in both directions:
  /// [B, H, W, C] → [B, factor · H, factor · W, C].
  public func upsampledNearest(_ factor: Int) -> Tensor {
    precondition(
      rank == 4 && factor > 0, "upsampledNearest is for [B, H, W, C], got shape \(shape)")
    let (b, h, w, c) = (shape[0], shape[1], shape[2], shape[3])
    return reshaped(b, h, 1, w, 1, c).expanded([b, h, factor, w, factor, c])
      .reshaped(b, h * factor, w * factor, c)
  }

  /// Pictures [B, H, W, C] resized to [B, height, width, C]. Pixels are squares whose centres lie
  /// at half coordinates, as with `align_corners=False` in PyTorch.
  public func resized(height: Int, width: Int, _ method: Interpolation) -> Tensor {
    precondition(
      rank == 4 && height > 0 && width > 0 && count > 0,
      "resized: cannot bring shape \(shape) to \(height)×\(width)")
    return resampled(axis: 1, to: height, method).resampled(axis: 2, to: width, method)
  }

  /// Axis `axis` resized to m places: [..., n, ...] → [..., m, ...].
  private func resampled(axis: Int, to m: Int, _ method: Interpolation) -> Tensor {
    let (outer, n, inner) = split(at: axis)
    if n == m { return self }
    let (first, weights, taps) = method.weights(from: n, to: m)
    var size = shape
    size[axis] = m
    let y = Tensor(uninitialized: size)
    resample(
      outer: outer, n: n, m: m, inner: inner, taps: taps, first: first, weights: weights,
      pointer, y.pointer)
    return y.recorded(from: self) { dy in
      let dx = Tensor(uninitialized: self.shape)
      resampleGradient(
        outer: outer, n: n, m: m, inner: inner, taps: taps, first: first, weights: weights,
        dy.pointer, dx.pointer)
      self.receive(dx)
    }
  }
}

/// How `resized` finds values between pixels.
public enum Interpolation: Sendable {
  /// A straight line between two neighbours.
  case bilinear
  /// A cubic through four neighbours with A = -0.75 (Keys, 1981), as in PyTorch.
  case bicubic

  /// For each of m places the weights of `taps` neighbours from `first` on. Places beyond the
  /// edge count for the edge.
  func weights(from n: Int, to m: Int) -> (first: [Int], weights: [Float], taps: Int) {
    let reach = self == .bilinear ? 2 : 4
    let taps = Swift.min(reach, n)
    var first = [Int]()
    var weights = [Float](repeating: 0, count: m * taps)
    for j in 0..<m {
      var centre = (Double(j) + 0.5) * Double(n) / Double(m) - 0.5
      if self == .bilinear { centre = Swift.max(0, centre) }
      let left = Int(centre.rounded(.down)) - (reach / 2 - 1)
      let start = Swift.min(Swift.max(0, left), n - taps)
      first.append(start)
      for t in 0..<reach {
        let place = Swift.min(Swift.max(0, left + t), n - 1)
        weights[j * taps + place - start] += Float(weight(centre - Double(left + t)))
      }
    }
    return (first, weights, taps)
  }

  private func weight(_ distance: Double) -> Double {
    let d = Swift.abs(distance)
    switch self {
    case .bilinear: return Swift.max(0, 1 - d)
    case .bicubic:
      let a = -0.75
      if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
      return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
    }
  }
}
