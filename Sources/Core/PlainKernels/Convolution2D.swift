// Convolution of pictures (a cross-correlation, as neural networks use the word).
//
// Forward pass and both gradients are sums over the same triples (x, w, y): each product
// x · w that goes into a y sends dy · w back to that x and dy · x back to that w. So there is one
// nest of loops, `forEachProduct`, and three functions of one line each.

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
  var y = [Float](repeating: 0, count: s.batch * s.outputHeight * s.outputWidth * s.outputs)
  forEachProduct(s) { xi, wi, yi in y[yi] += x[xi] * w[wi] }
  return y  // [B, H', W', O]
}

/// The gradient of `convolution2D` with respect to its input: dx = Σ dy · w.
///
/// dy [B, H', W', O], w [O, C, kh, kw] → dx [B, H, W, C].
public func convolution2DInputGradient(
  _ dy: [Float], _ w: [Float], _ s: ConvolutionSizes
) -> [Float] {
  var dx = [Float](repeating: 0, count: s.batch * s.height * s.width * s.channels)
  forEachProduct(s) { xi, wi, yi in dx[xi] += dy[yi] * w[wi] }
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
  forEachProduct(s) { xi, wi, yi in dw[wi] += dy[yi] * x[xi] }
  return dw  // [O, C, kh, kw]
}

/// Calls `body` for every product of a convolution, with the places of x, w and y in their arrays.
private func forEachProduct(_ s: ConvolutionSizes, _ body: (Int, Int, Int) -> Void) {
  for b in 0..<s.batch {
    for i in 0..<s.outputHeight {
      for j in 0..<s.outputWidth { forEachProduct(ofPixel: (b, i, j), s, body) }
    }
  }
}

/// The products of one pixel of the result: those of its window that lie in the picture.
private func forEachProduct(
  ofPixel pixel: (b: Int, i: Int, j: Int), _ s: ConvolutionSizes, _ body: (Int, Int, Int) -> Void
) {
  let output = ((pixel.b * s.outputHeight + pixel.i) * s.outputWidth + pixel.j) * s.outputs
  for ky in 0..<s.kernelHeight {
    for kx in 0..<s.kernelWidth {
      let y = pixel.i * s.stride + ky - s.padding
      let x = pixel.j * s.stride + kx - s.padding
      guard (0..<s.height).contains(y), (0..<s.width).contains(x) else { continue }
      let input = ((pixel.b * s.height + y) * s.width + x) * s.channels
      for o in 0..<s.outputs {
        for c in 0..<s.channels {
          let weight = ((o * s.channels + c) * s.kernelHeight + ky) * s.kernelWidth + kx
          body(input + c, weight, output + o)
        }
      }
    }
  }
}
