// k-means clustering (Lloyd, 1982), initialised as by Arthur and Vassilvitskii (2007).

import Foundation
import TensorCore

/// The clusters that k-means finds.
public struct Clusters {
  /// The centre of each cluster, [K, D]
  public let centres: Tensor
  /// The mean squared distance of points to their centres.
  public let distortion: Float

  /// Clusters points [n, D] around `count` centres, n ≥ count, in `rounds` rounds.
  ///
  /// The first centres are points of a random sample, each drawn with a probability proportional to
  /// its distance from the earlier ones to the power of `spread`. Centres that lose all points
  /// start again at points far from any centre. A spread of 2 leads to the smallest distortion; a
  /// smaller one puts more centres where points are dense. `progress` is called after the first
  /// centres, and after each round, with the number of rounds done; what it throws is thrown on.
  public init(
    _ points: Tensor, count: Int, rounds: Int, spread: Float = 2, using random: inout Random,
    progress: (_ rounds: Int) throws -> Void
  ) rethrows {
    precondition(
      points.rank == 2 && points.shape[0] >= count && count > 0,
      "\(count) clusters need as many points [n, D], got \(points.shape)")
    let points = points.detached
    let d = points.shape[1]
    var centres = Self.start(points, count, spread, &random)
    var distortion: Float = 0
    try progress(0)
    for round in 0..<max(1, rounds) {
      let nearest = Self.nearest(points, centres)
      let total = nearest.distances.reduce(0.0) { $0 + Double($1) }
      distortion = Float(total / Double(points.shape[0]))
      var sums = [Float](repeating: 0, count: count * d)
      var sizes = [Int](repeating: 0, count: count)
      points.withScalars { values in
        for (i, k) in nearest.ids.enumerated() {
          sizes[k] += 1
          for j in 0..<d { sums[k * d + j] += values[i * d + j] }
        }
        for k in 0..<count {
          if sizes[k] > 0 {
            for j in 0..<d { sums[k * d + j] /= Float(sizes[k]) }
          } else {
            let i = Self.draw(nearest.distances, &random)
            for j in 0..<d { sums[k * d + j] = values[i * d + j] }
          }
        }
      }
      centres = Tensor(shape: [count, d], sums)
      try progress(round + 1)
    }
    self.centres = centres
    self.distortion = distortion
  }

  /// Points [n, D] and centres [K, D] → for each point the index of the nearest centre, and its
  /// squared distance.
  public static func nearest(
    _ points: Tensor, _ centres: Tensor
  ) -> (ids: [Int], distances: [Float]) {
    let norms = centres.square().sum(axis: 1) * 0.5  // [K]
    var (ids, distances) = ([Int](), [Float]())
    for rows in (0..<points.shape[0]).parts(of: 4096) {
      let part = points.sliced(axis: 0, rows)
      let scores = matmul(part, centres, transposeB: true) - norms  // [n, K]
      let lengths = part.square().sum(axis: 1).scalars
      let best = scores.maximum(axis: 1).scalars
      ids += scores.argmax(axis: 1).values.map { Int($0) }
      distances += zip(lengths, best).map { max(0, $0 - 2 * $1) }
    }
    return (ids, distances)
  }

  /// Initial centres [K, D]: k-means++ on a random sample of 8 points per centre.
  private static func start(
    _ points: Tensor, _ count: Int, _ spread: Float, _ random: inout Random
  ) -> Tensor {
    var rows = Array(0..<points.shape[0])
    random.shuffle(&rows)
    rows = Array(rows.prefix(max(count, min(rows.count, 8 * count))))
    let sample = embedding(points, IndexTensor(rows.map { Int32($0) }))  // [m, D]
    let (m, d) = (rows.count, points.shape[1])
    var chosen: [Int32] = [0]
    var distances = [Float](repeating: .infinity, count: m)
    sample.withScalars { values in
      while true {
        let last = Int(chosen[chosen.count - 1])
        for i in 0..<m {
          var sum: Float = 0
          for j in 0..<d {
            let x = values[i * d + j] - values[last * d + j]
            sum += x * x
          }
          distances[i] = min(distances[i], sum)
        }
        if chosen.count == count { break }
        let weights = distances.map { powf($0, spread / 2) }
        chosen.append(Int32(draw(weights, &random)))
      }
    }
    return embedding(sample, IndexTensor(chosen))
  }

  /// An index, drawn in proportion to its weight.
  private static func draw(_ weights: [Float], _ random: inout Random) -> Int {
    var rest = Double(random.uniform()) * weights.reduce(0) { $0 + Double($1) }
    for (i, weight) in weights.enumerated() {
      rest -= Double(weight)
      if rest < 0 { return i }
    }
    return weights.indices.max { weights[$0] < weights[$1] } ?? 0
  }
}
