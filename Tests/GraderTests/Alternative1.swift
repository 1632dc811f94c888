import CourseKit
import Foundation
import TensorCore

/// Right answers that differ from the solutions': loops over numbers.
enum Alternative1: Chapter1Exercises {
  static func patchify(_ images: Tensor, patch p: Int) throws -> Tensor {
    let (b, c, h, w) = (images.shape[0], images.shape[1], images.shape[2], images.shape[3])
    var values: [Float] = []
    for picture in 0..<b {
      for row in stride(from: 0, to: h, by: p) {
        for column in stride(from: 0, to: w, by: p) {
          for channel in 0..<c {
            for i in 0..<p {
              for j in 0..<p { values.append(images[picture, channel, row + i, column + j]) }
            }
          }
        }
      }
    }
    return Tensor(shape: [b, (h / p) * (w / p), c * p * p], values)
  }

  static func unpatchify(_ patches: Tensor, patch p: Int, rows: Int, columns: Int) throws -> Tensor
  {
    let (b, c) = (patches.shape[0], patches.shape[2] / (p * p))
    var values: [Float] = []
    for picture in 0..<b {
      for channel in 0..<c {
        for y in 0..<rows * p {
          for x in 0..<columns * p {
            let place = (channel * p + y % p) * p + x % p
            values.append(patches[picture, y / p * columns + x / p, place])
          }
        }
      }
    }
    return Tensor(shape: [b, c, rows * p, columns * p], values)
  }

  static func embed(_ images: Tensor, weight: Tensor, bias: Tensor) throws -> Tensor {
    let patches = try patchify(images, patch: weight.shape[2])  // [B, N, C·P·P]
    let (rows, d) = (weight.scalars, weight.shape[0])
    let length = patches.shape[2]
    let numbers = patches.scalars
    var values: [Float] = []
    for start in stride(from: 0, to: numbers.count, by: length) {
      for k in 0..<d {
        var sum = bias[k]
        for i in 0..<length { sum += rows[k * length + i] * numbers[start + i] }
        values.append(sum)
      }
    }
    return Tensor(shape: [patches.shape[0], patches.shape[1], d], values)
  }

  static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    let (b, n, width) = (query.shape[0], query.shape[1], query.shape[2])
    let (m, d) = (key.shape[1], value.shape[2])
    var values: [Float] = []
    for batch in 0..<b {
      for i in 0..<n {
        let scores = (0..<m).map { j in
          (0..<width).reduce(Float(0)) { $0 + query[batch, i, $1] * key[batch, j, $1] }
            / Float(width).squareRoot()
        }
        let largest = scores.max() ?? 0
        let shares = scores.map { exp($0 - largest) }
        let total = shares.reduce(0, +)
        for k in 0..<d {
          values.append((0..<m).reduce(0) { $0 + shares[$1] / total * value[batch, $1, k] })
        }
      }
    }
    return Tensor(shape: [b, n, d], values)
  }

  static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor {
    let d = positions.shape[2]
    let rows = weights(from.rows, to.rows)
    let columns = weights(from.columns, to.columns)
    var values = (0..<d).map { positions[0, 0, $0] }
    for y in 0..<to.rows {
      for x in 0..<to.columns {
        for k in 0..<d {
          var sum = 0.0
          for (i, v) in rows[y] {
            for (j, w) in columns[x] {
              sum += v * w * Double(positions[0, 1 + i * from.columns + j, k])
            }
          }
          values.append(Float(sum))
        }
      }
    }
    return Tensor(shape: [1, 1 + to.rows * to.columns, d], values)
  }

  /// The bicubic weights (A = -0.75) of the n places for each of the m new ones.
  private static func weights(_ n: Int, _ m: Int) -> [[(Int, Double)]] {
    func cubic(_ x: Double) -> Double {
      let (x, a) = (abs(x), -0.75)
      if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0
    }
    return (0..<m).map { place in
      let centre = (Double(place) + 0.5) * Double(n) / Double(m) - 0.5
      let first = Int(centre.rounded(.down)) - 1
      return (first..<first + 4).map { (min(max($0, 0), n - 1), cubic(centre - Double($0))) }
    }
  }

  static func normalize(_ x: Tensor, gain: Tensor, bias: Tensor) throws -> Tensor {
    let d = x.shape[x.rank - 1]
    let rows = x.reshaped(-1, d)
    let tokens = (0..<rows.shape[0]).map { row -> Tensor in
      let token = rows.at(row, axis: 0).scalars.map(Double.init)
      let mean = token.reduce(0, +) / Double(d)
      let variance = token.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(d)
      return Tensor(
        token.indices.map { i in
          Float((token[i] - mean) / (variance + 1e-5).squareRoot()) * gain[i] + bias[i]
        })
    }
    return stack(tokens, axis: 0).reshaped(x.shape)
  }

  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    let (d, width) = (x.shape[2], x.shape[2] / heads)
    func product(_ x: Tensor, _ weight: Tensor) -> Tensor { matmul(x, weight, transposeB: true) }
    let copy = try normalize(x, gain: weights.norm1.gain, bias: weights.norm1.bias)
    // One head after the other, each with its slice of the width.
    let results = try stride(from: 0, to: d, by: width).map { start -> Tensor in
      let head = [weights.query, weights.key, weights.value].map {
        product(copy, $0.sliced(axis: 0, start..<start + width))  // [B, T, Dh]
      }
      return try attention(head[0], head[1], head[2])
    }
    let seen = x + product(concatenate(results, axis: 2), weights.output)
    let copyAgain = try normalize(seen, gain: weights.norm2.gain, bias: weights.norm2.bias)
    let hidden = product(copyAgain, weights.first)  // [B, T, M]
    let bent = hidden.scalars.map { (x: Float) -> Float in
      let share = (1 + erf(x / Float(2).squareRoot())) / 2  // of x that passes
      return x * share
    }
    return seen + product(Tensor(shape: hidden.shape, bent), weights.second)
  }

  static func rollout(_ probabilities: [Tensor]) throws -> Tensor {
    let (b, h, t) = (
      probabilities[0].shape[0], probabilities[0].shape[1], probabilities[0].shape[2]
    )
    var values: [Float] = []
    for batch in 0..<b {
      // From the last layer down: what the class token is made of, in tokens below each layer.
      var row = (0..<t).map { $0 == 0 ? 1.0 : 0 }
      for layer in probabilities.reversed() {
        var below = row.map { $0 / 2 }
        for i in 0..<t {
          for j in 0..<t {
            for head in 0..<h {
              below[j] += row[i] * Double(layer[batch, head, i, j]) / Double(2 * h)
            }
          }
        }
        row = below
      }
      let total = row.dropFirst().reduce(0, +)
      values += row.dropFirst().map { Float($0 / total) }
    }
    return Tensor(shape: [b, t - 1], values)
  }

  static func corruption(patches n: Int, using random: inout Random) throws -> [Int?] {
    var sources = [Int?](repeating: nil, count: n)
    var left = n / 2
    for place in 0..<n {
      // Each remaining place is taken with the share of those still wanted.
      guard random.uniform() < Float(left) / Float(n - place) else { continue }
      left -= 1
      let u = random.uniform()
      if u < 0.8 {
        sources[place] = n
      } else if u < 0.9 {
        sources[place] = place
      } else {
        var other = place
        while other == place { other = random.integer(below: n) }
        sources[place] = other
      }
    }
    return sources
  }

  static func maskedLoss(
    _ logits: Tensor, colours: IndexTensor, sources: [Int?]
  ) throws -> Tensor {
    // Gathers the rows that count.
    let k = logits.shape[2]
    let places = sources.indices.filter { sources[$0] != nil }
    let rows = embedding(logits.reshaped(-1, k), IndexTensor(places.map { Int32($0) }))
    // One-hot colours, divided by the number of rows.
    let weights = places.flatMap { place in
      (0..<k).map { $0 == Int(colours.values[place]) ? -1 / Float(places.count) : 0 }
    }
    return (rows.logSoftmax() * Tensor(shape: rows.shape, weights)).sum()
  }
}
