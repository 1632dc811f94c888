// The exercises on the codebook and on the loss.

import CourseKit
import Foundation
import TensorCore

extension Catalogue {
  static let perplexity = Exercise(
    "3.7", "the perplexity of a codebook", section: "why-codebooks-collapse",
    hints: [
      "Count how often each code occurs; the shares are a distribution, and a distribution has an "
        + "entropy.",
      "Entropy -Σ p ln p with the natural logarithm, and e to the power of it. An unused code "
        + "has p = 0: leave it out.",
      "exp(-shares.reduce(0) { $0 + $1 * log($1) }), where shares are the counts above 0 over "
        + "codes.count.",
    ],
    checks: [
      Check(.hand, "two codes used alike", .double, expecting: [2]) { x, _ in
        Answer([try x.chapter3.perplexity([0, 3, 3, 0], vocabulary: 4)])
      },
      Check(.hand, "half, and two quarters", .double, expecting: [2.828_427_124_746_19]) { x, _ in
        // Entropy 1.5 bits: 2 to the power of 1.5.
        Answer([try x.chapter3.perplexity([1, 1, 0, 2], vocabulary: 3)])
      },
      Check(.random, "random codes", points: 2, .double) { x, random in
        Answer(
          try [5, 16, 64].map { k in
            let codes = (0..<100).map { _ in
              min(random.integer(below: k), random.integer(below: k))
            }
            return try x.chapter3.perplexity(codes, vocabulary: k)
          })
      },
      Check(.property, "one code, and all codes", .double, expecting: [1, 50]) { x, _ in
        Answer([
          try x.chapter3.perplexity([7, 7, 7], vocabulary: 8192),
          try x.chapter3.perplexity(Array(0..<50), vocabulary: 50),
        ])
      },
    ])

  static let boundLoss = Exercise(
    "3.8", "the loss, with β in its place", section: "training",
    hints: [
      "Both terms of a picture are sums: one over its numbers, one over its places. Only then comes "
        + "the mean over pictures.",
      "logDensity.sum(axes: [1, 2, 3]) has a number for each picture, divergence.sum(axes: [1, 2]) "
        + "too. The loss falls as the density rises.",
      "((divergences * beta) - densities).mean() / Float(h * w * c), where h, w and c are "
        + "logDensity.shape[1...3].",
    ],
    checks: [
      Check(.shape, "shape []", expecting: []) { x, random in
        Answer(
          try x.chapter3.boundLoss(
            .normal([2, 4, 4, 3], &random), divergence: .ones([2, 2, 2]), beta: 1
          ).shape)
      },
      Check(.hand, "four numbers and one place", .sums(of: 4), expecting: [2.5]) { x, _ in
        // (4 · 1 + 3 · 2) / 4
        Answer(
          try x.chapter3.boundLoss(
            Tensor(repeating: -1, shape: [1, 2, 2, 1]), divergence: Tensor(shape: [1, 1, 1], [2]),
            beta: 3)
        ).flat
      },
      Check(.random, "random terms, β 0, 1 and 6.6", points: 2, .sums(of: 192)) { x, random in
        let density = Tensor.normal([3, 8, 8, 3], &random)
        let divergence = Tensor.normal([3, 2, 2], &random).square()
        return Answer(
          stack(
            try [0, 1, 6.6].map {
              try shaped(x.chapter3.boundLoss(density, divergence: divergence, beta: $0), [])
            }, axis: 0))  // [3]
      },
      Check(.property, "the same pictures twice", .sums(of: 64), expecting: [0]) { x, random in
        let density = Tensor.normal([2, 4, 4, 1], &random)
        let divergence = Tensor.normal([2, 2, 2], &random).square()
        let once = try shaped(x.chapter3.boundLoss(density, divergence: divergence, beta: 2), [])
        let twice = try shaped(
          x.chapter3.boundLoss(
            concatenate([density, density], axis: 0),
            divergence: concatenate([divergence, divergence], axis: 0), beta: 2), [])
        return Answer([Double((twice - once).item)])
      },
    ])
}
