// Layer norm over rows (PlainKernels/LayerNorm.swift), and the sums of group norms over
// pixels × channels. They are fast because sixteen values are handled at once, with four sums of eight
// lanes side by side so that no addition waits for the one before it; groups of rows share the threads.

import Vectors

/// y = (x - mean) / √(variance + ε) · weight + bias, over each row of n values.
///
/// Keeps each row's mean and reciprocal standard deviation for the gradient. Variance is the
/// biased one, computed from the centred values.
public func layerNorm(
  rows: Int, n: Int, _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>?,
  bias: UnsafePointer<Float>?, epsilon: Float, _ y: UnsafeMutablePointer<Float>,
  means: UnsafeMutablePointer<Float>, scales: UnsafeMutablePointer<Float>
) {
  parallelFor(rows, grain: max(1, elementGrain / max(n, 1))) { range in
    for row in range {
      let (x, y) = (x + row * n, y + row * n)
      let (mean, variance) = moments(n, x)
      let scale = 1 / (variance + epsilon).squareRoot()
      means[row] = mean
      scales[row] = scale
      @inline(__always)
      func compute(_ i: Int, _ count: Int) {
        var normal = (x.load16(i, first: count) - mean) * scale
        if let weight, let bias {
          normal = bias.load16(i, first: count)
            .adding(normal, times: weight.load16(i, first: count))
        }
        y.store16(i, first: count, normal)
      }
      forEachVector(n, compute)
    }
  }
}

/// The gradients of layer norm.
///
/// With x̂ the normalised row and g = dy · weight: dx = scale · (g - mean(g) - x̂ · mean(g x̂)).
/// `dWeight` and `dBias` are sums over rows, overwritten; dx may be dy.
public func layerNormGradient(
  rows: Int, n: Int, _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>?,
  means: UnsafePointer<Float>, scales: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
  _ dx: UnsafeMutablePointer<Float>, dWeight: UnsafeMutablePointer<Float>?,
  dBias: UnsafeMutablePointer<Float>?
) {
  let rowsPerChunk = 64
  let chunks = max(1, (rows + rowsPerChunk - 1) / rowsPerChunk)
  // Each chunk sums its own share of the parameter gradients.
  let parts = Memory.allocate(chunks * 2 * n)
  defer { Memory.free(parts, chunks * 2 * n) }
  parallelFor(chunks) { chunk in
    let (dw, db) = (parts + chunk * n, parts + (chunks + chunk) * n)
    dw.update(repeating: 0, count: n)
    db.update(repeating: 0, count: n)
    for row in chunk * rowsPerChunk..<min(rows, (chunk + 1) * rowsPerChunk) {
      layerNormRowGradient(
        n, x + row * n, weight, means[row], scales[row], dy + row * n, dx + row * n, dw, db)
    }
  }
  if let dWeight { sumAxis(outer: 1, n: chunks, inner: n, parts, dWeight) }
  if let dBias { sumAxis(outer: 1, n: chunks, inner: n, parts + chunks * n, dBias) }
}

@inline(__always)
private func layerNormRowGradient(
  _ n: Int, _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>?, _ mean: Float,
  _ scale: Float, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>,
  _ dw: UnsafeMutablePointer<Float>, _ db: UnsafeMutablePointer<Float>
) {
  var (sumG, sumGX) = (F8(), F8())
  @inline(__always)
  func gradient(_ i: Int, _ count: Int) -> (d: F16, g: F16, normal: F16) {
    let d = dy.load16(i, first: count)
    let g = weight.map { d * $0.load16(i, first: count) } ?? d
    return (d, g, (x.load16(i, first: count) - mean) * scale)
  }
  @inline(__always)
  func add(_ i: Int, _ count: Int) {
    let (d, g, normal) = gradient(i, count)
    // Lanes beyond `count` add 0: g is 0 there.
    sumG = sumG + g.first8 + g.last8
    sumGX = sumGX.adding(g.first8, times: normal.first8).adding(g.last8, times: normal.last8)
    dw.store16(i, first: count, dw.load16(i, first: count).adding(d, times: normal))
    db.store16(i, first: count, db.load16(i, first: count) + d)
  }
  forEachVector(n, add)
  let (a, b) = (horizontalSum(sumG) / Float(n), horizontalSum(sumGX) / Float(n))
  @inline(__always)
  func compute(_ i: Int, _ count: Int) {
    let (_, g, normal) = gradient(i, count)
    dx.store16(i, first: count, (g - a - normal * b) * scale)
  }
  forEachVector(n, compute)
}

/// Mean and biased variance, the latter from the centred values.
func moments(_ n: Int, _ x: UnsafePointer<Float>) -> (mean: Float, variance: Float) {
  // Four sums of eight lanes at once: each addition waits only for the fourth one before it.
  var (s01, s23) = (F16(), F16())
  var i = 0
  while i + 32 <= n {
    s01 += x.load16(i)
    s23 += x.load16(i + 16)
    i += 32
  }
  var sum = horizontalSum(s01, s23)
  while i < n {
    sum += x[i]
    i += 1
  }
  let mean = sum / Float(max(n, 1))
  (s01, s23) = (F16(), F16())
  i = 0
  while i + 32 <= n {
    let (d01, d23) = (x.load16(i) - mean, x.load16(i + 16) - mean)
    s01 = s01.adding(d01, times: d01)
    s23 = s23.adding(d23, times: d23)
    i += 32
  }
  var square = horizontalSum(s01, s23)
  while i < n {
    square += (x[i] - mean) * (x[i] - mean)
    i += 1
  }
  return (mean, square / Float(max(n, 1)))
}

/// y = x · factors + offsets with one pair per channel of x [pixels, channels].
public func scaleChannels(
  pixels: Int, channels: Int, _ x: UnsafePointer<Float>, factors: UnsafePointer<Float>,
  offsets: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  parallelFor(pixels, grain: max(1, elementGrain / max(channels, 1))) { range in
    for pixel in range {
      let (x, y) = (x + pixel * channels, y + pixel * channels)
      @inline(__always)
      func compute(_ i: Int, _ count: Int) {
        let offset = offsets.load16(i, first: count)
        y.store16(
          i, first: count,
          offset.adding(x.load16(i, first: count), times: factors.load16(i, first: count)))
      }
      forEachVector(channels, compute)
    }
  }
}

/// z = x · xFactors + y · yFactors + offsets with one triple per channel.
public func scaleChannels(
  pixels: Int, channels: Int, _ x: UnsafePointer<Float>, factors xFactors: UnsafePointer<Float>,
  _ y: UnsafePointer<Float>, factors yFactors: UnsafePointer<Float>,
  offsets: UnsafePointer<Float>, _ z: UnsafeMutablePointer<Float>
) {
  parallelFor(pixels, grain: max(1, elementGrain / max(channels, 1))) { range in
    for pixel in range {
      let at = pixel * channels
      let (x, y, z) = (x + at, y + at, z + at)
      @inline(__always)
      func compute(_ i: Int, _ count: Int) {
        let part = offsets.load16(i, first: count)
          .adding(x.load16(i, first: count), times: xFactors.load16(i, first: count))
        z.store16(
          i, first: count,
          part.adding(y.load16(i, first: count), times: yFactors.load16(i, first: count)))
      }
      forEachVector(channels, compute)
    }
  }
}

/// Per channel of x [pixels, channels], with d = x - shift: Σ d and Σ d², in Double. A shift
/// near the mean keeps the digits of small variances.
public func channelMoments(
  pixels: Int, channels: Int, _ x: UnsafePointer<Float>, shift: UnsafePointer<Float>
) -> (sums: [Double], products: [Double]) {
  channelSums(pixels: pixels, channels: channels) { pixel, i, count in
    let d = x.load16(pixel * channels + i, first: count) - shift.load16(i, first: count)
    return (d, d)
  }
}

/// Per channel of a and x [pixels, channels]: Σ a and Σ a · (x - shift), in Double.
public func channelProducts(
  pixels: Int, channels: Int, _ a: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
  shift: UnsafePointer<Float>
) -> (sums: [Double], products: [Double]) {
  channelSums(pixels: pixels, channels: channels) { pixel, i, count in
    (
      a.load16(pixel * channels + i, first: count),
      x.load16(pixel * channels + i, first: count) - shift.load16(i, first: count)
    )
  }
}

/// Σ a and Σ a · b over pixels for the pairs (a, b) that `values` gives for up to sixteen channels.
@inline(__always)
private func channelSums(
  pixels: Int, channels: Int, values: (_ pixel: Int, _ i: Int, _ count: Int) -> (F16, F16)
) -> (sums: [Double], products: [Double]) {
  var sums = [Double](repeating: 0, count: channels)
  var products = sums
  // Blocks of 256 pixels are summed in Float, blocks in Double.
  for first in stride(from: 0, to: pixels, by: 256) {
    for i in stride(from: 0, to: channels, by: 16) {
      let count = min(16, channels - i)
      var (sum, product) = (F16(), F16())
      for pixel in first..<min(pixels, first + 256) {
        let (a, b) = values(pixel, i, count)
        sum += a
        product = product.adding(a, times: b)
      }
      for k in 0..<count {
        sums[i + k] += Double(sum[k])
        products[i + k] += Double(product[k])
      }
    }
  }
  return (sums, products)
}
