// How many floating-point operations a row does: the multiplications and additions of its matrix
// products and convolutions and of the two products of attention. What else a step computes (norms,
// nonlinearities, softmax, losses, the optimiser) is not counted, so a step's share of the peak says
// how much of its time the products would need if nothing else took any.

import DALLE

/// Numbers of floating-point operations: one multiplication and one addition for each term of a sum.
enum Work {
  /// [M, K] · [K, N].
  static func product(_ m: Int, _ k: Int, _ n: Int) -> Double {
    2 * Double(m) * Double(k) * Double(n)
  }

  /// A convolution of `places` results. Taps that meet the zeros around a picture count, as they do
  /// in the published counts of networks.
  static func convolution(places: Int, _ inputs: Int, _ outputs: Int, kernel: Int) -> Double {
    product(places, inputs * kernel * kernel, outputs)
  }

  /// Queries · keys and probabilities · values, for the pairs that may see each other, all heads of a
  /// width together.
  static func attention(pairs: Int, width: Int) -> Double { 2 * product(pairs, width, 1) }

  /// A layer of attention and a feed-forward network four times as wide, over `rows` positions in all.
  static func block(rows: Int, pairs: Int, width: Int) -> Double {
    product(rows, width, 12 * width) + attention(pairs: pairs, width: width)
  }

  /// Forward and backward: each product has two gradients of its own size. Products of the data
  /// itself, `ofData` of the forward ones, need only one: nothing lies below them.
  static func trained(_ forward: Double, ofData: Double = 0) -> Double { 3 * forward - ofData }

  /// The pairs of a sequence in which each position sees itself and all before it.
  static func causalPairs(_ positions: Int) -> Int { positions * (positions + 1) / 2 }
}

extension AttentionPattern {
  /// How many pairs of a query and a key the pattern allows.
  var pairs: Int {
    let keys = keys
    return (0..<keys.queries).reduce(0) { sum, query in
      sum + keys.runs(of: query).reduce(0) { $0 + $1.count }
    }
  }
}
