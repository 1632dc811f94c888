// Layer norm over rows (PlainKernels/LayerNorm.swift), and the sums of group norms over
// pixels × channels. They are fast because eight values are handled at once, with four sums side by
// side so that no addition waits for the one before it; groups of rows share the threads.

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
      let (m, s) = (F8(repeating: mean), F8(repeating: scale))
      var i = 0
      if let weight, let bias {
        while i + 8 <= n {
          let normal = (x.load8(i) - m) * s
          y.store8(i, bias.load8(i).adding(normal, times: weight.load8(i)))
          i += 8
        }
      }
      while i < n {
        y[i] = (x[i] - mean) * scale * (weight?[i] ?? 1) + (bias?[i] ?? 0)
        i += 1
      }
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
  let (m, s) = (F8(repeating: mean), F8(repeating: scale))
  var (sumG, sumGX) = (F8(), F8())
  var i = 0
  while i + 8 <= n {
    let normal = (x.load8(i) - m) * s
    let d = dy.load8(i)
    let g = weight.map { d * $0.load8(i) } ?? d
    sumG += g
    sumGX = sumGX.adding(g, times: normal)
    dw.store8(i, dw.load8(i).adding(d, times: normal))
    db.store8(i, db.load8(i) + d)
    i += 8
  }
  var (g1, g2) = (horizontalSum(sumG), horizontalSum(sumGX))
  while i < n {
    let normal = (x[i] - mean) * scale
    let g = dy[i] * (weight?[i] ?? 1)
    g1 += g
    g2 += g * normal
    dw[i] += dy[i] * normal
    db[i] += dy[i]
    i += 1
  }
  let (a, b) = (g1 / Float(n), g2 / Float(n))
  i = 0
  while i + 8 <= n {
    let normal = (x.load8(i) - m) * s
    let d = dy.load8(i)
    let g = weight.map { d * $0.load8(i) } ?? d
    dx.store8(i, (g - a - normal * b) * s)
    i += 8
  }
  while i < n {
    let normal = (x[i] - mean) * scale
    dx[i] = (dy[i] * (weight?[i] ?? 1) - a - normal * b) * scale
    i += 1
  }
}

/// Mean and biased variance, the latter from the centred values.
func moments(_ n: Int, _ x: UnsafePointer<Float>) -> (mean: Float, variance: Float) {
  // Four sums at once: each addition waits only for the fourth one before it.
  var (s0, s1, s2, s3) = (F8(), F8(), F8(), F8())
  var i = 0
  while i + 32 <= n {
    s0 += x.load8(i)
    s1 += x.load8(i + 8)
    s2 += x.load8(i + 16)
    s3 += x.load8(i + 24)
    i += 32
  }
  var sum = horizontalSum((s0 + s1) + (s2 + s3))
  while i < n {
    sum += x[i]
    i += 1
  }
  let mean = sum / Float(max(n, 1))
  let m = F8(repeating: mean)
  (s0, s1, s2, s3) = (F8(), F8(), F8(), F8())
  i = 0
  while i + 32 <= n {
    let (d0, d1) = (x.load8(i) - m, x.load8(i + 8) - m)
    let (d2, d3) = (x.load8(i + 16) - m, x.load8(i + 24) - m)
    s0 = s0.adding(d0, times: d0)
    s1 = s1.adding(d1, times: d1)
    s2 = s2.adding(d2, times: d2)
    s3 = s3.adding(d3, times: d3)
    i += 32
  }
  var square = horizontalSum((s0 + s1) + (s2 + s3))
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
      var i = 0
      while i + 8 <= channels {
        y.store8(i, offsets.load8(i).adding(x.load8(i), times: factors.load8(i)))
        i += 8
      }
      while i < channels {
        y[i] = x[i] * factors[i] + offsets[i]
        i += 1
      }
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
      var i = 0
      while i + 8 <= channels {
        let part = offsets.load8(i).adding(x.load8(at + i), times: xFactors.load8(i))
        z.store8(at + i, part.adding(y.load8(at + i), times: yFactors.load8(i)))
        i += 8
      }
      while i < channels {
        z[at + i] = x[at + i] * xFactors[i] + y[at + i] * yFactors[i] + offsets[i]
        i += 1
      }
    }
  }
}

/// Per channel of x [pixels, channels], with d = x - shift: Σ d and Σ d², in Double. A shift
/// near the mean keeps the digits of small variances.
public func channelMoments(
  pixels: Int, channels: Int, _ x: UnsafePointer<Float>, shift: UnsafePointer<Float>
) -> (sums: [Double], products: [Double]) {
  channelSums(pixels: pixels, channels: channels) { pixel, i in
    let d = x.load8(pixel * channels + i) - shift.load8(i)
    return (d, d)
  } one: { pixel, i in
    let d = x[pixel * channels + i] - shift[i]
    return (d, d)
  }
}

/// Per channel of a and x [pixels, channels]: Σ a and Σ a · (x - shift), in Double.
public func channelProducts(
  pixels: Int, channels: Int, _ a: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
  shift: UnsafePointer<Float>
) -> (sums: [Double], products: [Double]) {
  channelSums(pixels: pixels, channels: channels) { pixel, i in
    (a.load8(pixel * channels + i), x.load8(pixel * channels + i) - shift.load8(i))
  } one: { pixel, i in
    (a[pixel * channels + i], x[pixel * channels + i] - shift[i])
  }
}

/// Σ a and Σ a · b over pixels for the pairs (a, b) that `eight` and `one` give.
@inline(__always)
private func channelSums(
  pixels: Int, channels: Int, eight: (Int, Int) -> (F8, F8), one: (Int, Int) -> (Float, Float)
) -> (sums: [Double], products: [Double]) {
  var sums = [Double](repeating: 0, count: channels)
  var products = sums
  // Blocks of 256 pixels are summed in Float, blocks in Double.
  for first in stride(from: 0, to: pixels, by: 256) {
    let end = min(pixels, first + 256)
    var i = 0
    while i + 8 <= channels {
      var (sum, product) = (F8(), F8())
      for pixel in first..<end {
        let (a, b) = eight(pixel, i)
        sum += a
        product = product.adding(a, times: b)
      }
      for k in 0..<8 {
        sums[i + k] += Double(sum[k])
        products[i + k] += Double(product[k])
      }
      i += 8
    }
    while i < channels {
      var (sum, product): (Float, Float) = (0, 0)
      for pixel in first..<end {
        let (a, b) = one(pixel, i)
        sum += a
        product += a * b
      }
      sums[i] += Double(sum)
      products[i] += Double(product)
      i += 1
    }
  }
  return (sums, products)
}
