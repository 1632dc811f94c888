// A distance without a trained network: what small patches of pixels look like, at three scales.

import TensorCore

/// The sliced Wasserstein distance of two sets of as many vectors, [n, D] each: the vectors are
/// projected on random directions, and in each direction the least distance over which one set must be
/// moved to become the other is that of their sorted projections. The mean over directions.
public func slicedWasserstein(
  _ a: Tensor, _ b: Tensor, directions: Int = 512, using random: inout Random
) -> Double {
  precondition(
    a.rank == 2 && a.shape == b.shape && a.count > 0 && directions > 0,
    "two sets [n, D] of 1 or more vectors, got \(a.shape) and \(b.shape)")
  let (n, d) = (a.shape[0], a.shape[1])
  let axes = Tensor.normal([directions, d], &random).normalized()  // [directions, D]
  func sorted(_ x: Tensor) -> [[Float]] {
    let projected = matmul(axes, x, transposeB: true).scalars  // [directions, n]
    return parallelMap(0..<directions) { projected[$0 * n..<($0 + 1) * n].sorted() }
  }
  let distances = zip(sorted(a), sorted(b)).map { a, b in
    zip(a, b).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) } / Double(n)
  }
  return distances.reduce(0, +) / Double(directions)
}

/// The sliced Wasserstein distance of two sets of as many pictures, [n, 3, H, W] in 0 … 1, by their
/// patches of 7×7 pixels at full, half and quarter size: the mean over the three, times 1,000 (Karras
/// et al., "Progressive growing of GANs", 2018, §5). The finer two hold only the
/// detail that the next smaller one lacks. (There they halve by a Gaussian filter, here by a mean.)
///
/// - Parameter patches: Patches of each picture and level, at random places.
public func patchDistance(
  _ a: Tensor, _ b: Tensor, patches: Int = 32, using random: inout Random
) -> Double {
  precondition(
    a.rank == 4 && a.shape == b.shape && a.shape[2] % 4 == 0 && a.shape[3] % 4 == 0
      && min(a.shape[2], a.shape[3]) >= 28,
    "pictures [n, 3, H, W] with sides of 28 or more, multiples of 4, got \(a.shape) and \(b.shape)")
  let levels = zip(bands(a.channelsLast), bands(b.channelsLast)).map { a, b in
    // Both sets at the same places, so that only their contents differ.
    let places = (0..<a.shape[0] * patches).map { _ in
      (
        random.integer(below: a.shape[1] - patchSide + 1),
        random.integer(below: a.shape[2] - patchSide + 1)
      )
    }
    return slicedWasserstein(
      descriptors(a, places, patches), descriptors(b, places, patches), using: &random)
  }
  return 1000 * levels.reduce(0, +) / Double(levels.count)
}

private let patchSide = 7

/// Pictures [n, H, W, 3] → what they have at full, half and quarter size.
private func bands(_ pictures: Tensor) -> [Tensor] {
  let half = pictures.averagePooled(2)  // [n, H/2, W/2, 3]
  let quarter = half.averagePooled(2)  // [n, H/4, W/4, 3]
  return [
    pictures - half.upsampledNearest(2), half - quarter.upsampledNearest(2), quarter,
  ]
}

/// Patches of pictures [n, H, W, 3] with their upper left corners at `places`, so many for each picture,
/// as vectors [n · patches, 147]; each channel has mean 0 and deviation 1 over all of them.
private func descriptors(
  _ pictures: Tensor, _ places: [(y: Int, x: Int)], _ patches: Int
) -> Tensor {
  let (h, w, c) = (pictures.shape[1], pictures.shape[2], pictures.shape[3])
  let size = patchSide * patchSide * c
  var values = [Float](repeating: 0, count: places.count * size)
  pictures.withScalars { pixels in
    for (i, place) in places.enumerated() {
      for row in 0..<patchSide {
        let from = ((i / patches * h + place.y + row) * w + place.x) * c
        for k in 0..<patchSide * c { values[i * size + row * patchSide * c + k] = pixels[from + k] }
      }
    }
  }
  let channels = Tensor(shape: [places.count * size / c, c], values)
  let mean = channels.mean(axis: 0)  // [3]
  let deviation = channels.variance(axis: 0).squareRoot() + 1e-8  // [3]
  return ((channels - mean) / deviation).reshaped(places.count, size)
}
