// Convolution of pictures (a cross-correlation, as neural networks use the word).
//
// Forward pass and both gradients run over the same places and taps: each product x · w that goes
// into a y sends dy · w back to that x, and dy · x back to that w.

/// The sizes of a convolution.
public struct ConvolutionSizes: Sendable {
  /// B, the number of pictures.
  public var batch: Int
  /// H and W, the rows and columns of a picture.
  public var height, width: Int
  /// C, the channels of a picture.
  public var channels: Int
  /// O, the channels of the result.
  public var outputs: Int
  /// kh and kw, the rows and columns of the kernel.
  public var kernelHeight, kernelWidth: Int
  /// The distance between neighbouring windows.
  public var stride: Int
  /// How many zeros surround the picture on each side.
  public var padding: Int

  /// H' = (H + 2 · padding - kh) / stride + 1, rounded down.
  public var outputHeight: Int { (height + 2 * padding - kernelHeight) / stride + 1 }
  /// W' = (W + 2 · padding - kw) / stride + 1, rounded down.
  public var outputWidth: Int { (width + 2 * padding - kernelWidth) / stride + 1 }

  /// Pictures [B, H, W, C] and kernels [O, C, kh, kw].
  public init(
    batch: Int, height: Int, width: Int, channels: Int, outputs: Int, kernelHeight: Int,
    kernelWidth: Int, stride: Int = 1, padding: Int = 0
  ) {
    self.batch = batch
    (self.height, self.width, self.channels, self.outputs) = (height, width, channels, outputs)
    (self.kernelHeight, self.kernelWidth) = (kernelHeight, kernelWidth)
    (self.stride, self.padding) = (stride, padding)
  }
}

/// y[b, i, j, o] = Σ x[b, i · s + ky - p, j · s + kx - p, c] · w[o, c, ky, kx] over c, ky and kx,
/// with stride s and padding p; x is 0 outside the picture.
///
/// x [B, H, W, C], w [O, C, kh, kw] → y [B, H', W', O].
public func convolution2D(_ x: [Float], _ w: [Float], _ s: ConvolutionSizes) -> [Float] {
  var y: [Float] = []
  for place in s.outputPlaces {
    var sum: Float = 0
    for tap in s.taps {
      if let input = s.input(place, tap) { sum += x[input] * w[s.weight(place, tap)] }
    }
    y.append(sum)
  }
  return y  // [B, H', W', O]
}

/// The gradient of `convolution2D` with respect to its input: dx = Σ dy · w.
///
/// dy [B, H', W', O], w [O, C, kh, kw] → dx [B, H, W, C].
public func convolution2DInputGradient(
  _ dy: [Float], _ w: [Float], _ s: ConvolutionSizes
) -> [Float] {
  var dx = [Float](repeating: 0, count: s.batch * s.height * s.width * s.channels)
  for (place, dy) in zip(s.outputPlaces, dy) {
    for tap in s.taps {
      if let input = s.input(place, tap) { dx[input] += dy * w[s.weight(place, tap)] }
    }
  }
  return dx  // [B, H, W, C]
}

/// The gradient of `convolution2D` with respect to its kernels: dw = Σ dy · x.
///
/// x [B, H, W, C], dy [B, H', W', O] → dw [O, C, kh, kw].
public func convolution2DWeightGradient(
  _ x: [Float], _ dy: [Float], _ s: ConvolutionSizes
) -> [Float] {
  var dw = [Float](
    repeating: 0, count: s.outputs * s.channels * s.kernelHeight * s.kernelWidth)
  for (place, dy) in zip(s.outputPlaces, dy) {
    for tap in s.taps {
      if let input = s.input(place, tap) { dw[s.weight(place, tap)] += dy * x[input] }
    }
  }
  return dw  // [O, C, kh, kw]
}

extension ConvolutionSizes {
  /// A place of the result: picture, row, column and channel.
  typealias Place = (b: Int, i: Int, j: Int, o: Int)
  /// A number of a kernel: channel, row and column.
  typealias Tap = (c: Int, ky: Int, kx: Int)

  /// All places of the result [B, H', W', O], in the order of its array.
  var outputPlaces: [Place] {
    let (h, w, o) = (outputHeight, outputWidth, outputs)
    return (0..<batch * h * w * o).map { n in (n / (h * w * o), n / (w * o) % h, n / o % w, n % o) }
  }

  /// All numbers of the kernel of one output, [C, kh, kw].
  var taps: [Tap] {
    let (h, w) = (kernelHeight, kernelWidth)
    return (0..<channels * h * w).map { n in (n / (h * w), n / w % h, n % w) }
  }

  /// Where in x [B, H, W, C] a tap meets the input of a place; nil in the padding.
  func input(_ place: Place, _ tap: Tap) -> Int? {
    let y = place.i * stride + tap.ky - padding
    let x = place.j * stride + tap.kx - padding
    guard (0..<height).contains(y), (0..<width).contains(x) else { return nil }
    return ((place.b * height + y) * width + x) * channels + tap.c
  }

  /// Where in w [O, C, kh, kw] the number of a place's output and a tap is.
  func weight(_ place: Place, _ tap: Tap) -> Int {
    ((place.o * channels + tap.c) * kernelHeight + tap.ky) * kernelWidth + tap.kx
  }
}
