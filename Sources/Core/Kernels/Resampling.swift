// Resizing along one axis. It takes no noticeable share of a training step, so the loops are plain
// ones; lines share the threads.

/// y[o, j, i] = Σₜ weights[j, t] · x[o, first[j] + t, i]: a linear map along one axis, with
/// `taps` weights for each of the m places of the result.
public func resample(
  outer: Int, n: Int, m: Int, inner: Int, taps: Int, first: [Int], weights: [Float],
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
  parallelFor(outer, grain: max(1, elementGrain / max(1, m * inner * taps))) { range in
    for o in range {
      for j in 0..<m {
        let target = y + (o * m + j) * inner
        target.update(repeating: 0, count: inner)
        for t in 0..<taps where weights[j * taps + t] != 0 {
          let source = x + (o * n + first[j] + t) * inner
          for i in 0..<inner { target[i] += weights[j * taps + t] * source[i] }
        }
      }
    }
  }
}

/// dx = the transposed map of `resample` applied to dy.
public func resampleGradient(
  outer: Int, n: Int, m: Int, inner: Int, taps: Int, first: [Int], weights: [Float],
  _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>
) {
  parallelFor(outer, grain: max(1, elementGrain / max(1, m * inner * taps))) { range in
    for o in range {
      (dx + o * n * inner).update(repeating: 0, count: n * inner)
      for j in 0..<m {
        let source = dy + (o * m + j) * inner
        for t in 0..<taps where weights[j * taps + t] != 0 {
          let target = dx + (o * n + first[j] + t) * inner
          for i in 0..<inner { target[i] += weights[j * taps + t] * source[i] }
        }
      }
    }
  }
}
