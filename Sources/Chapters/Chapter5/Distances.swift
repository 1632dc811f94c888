// Measures without captions: do pictures look real, and are all kinds among them?

import ClassifierTraining
import Evaluation
import Foundation
import Notebook
import StickerWorld
import TensorCore

extension Chapter5 {
  static var distanceCells: [Cell<State>] {
    [
      Cell("frechet", "How far from real pictures?") { state, out in
        // ANCHOR: frechet
        let classifier = state.studio.classifier
        let n = Effort.real
        let (pictures, _, _) = state.studio.real(.validation, 1000..<1000 + n, seed: out.seed)
        let (others, _, _) = state.studio.real(.validation, 3000..<3000 + n, seed: out.seed)
        state.real = classifier.describe(pictures)  // [n, D], [n, 14]
        let a = state.real.features
        let b = classifier.describe(others).features  // [n, D]

        let statistics = try FeatureStatistics(a)
        let moved = try FeatureStatistics(a + 0.1)  // every one of the D numbers
        let d = a.shape[1]
        out.value("features", d)
        out.value("moved", try frechetDistance(moved, statistics), .fixed(3))
        out.value("expected", 0.01 * Double(d), .fixed(3))

        let counts = [32, 64, 128, 256, 512, n]
        let distances = try counts.map { count in
          // The mean over all parts with so many pictures.
          try stride(from: 0, to: n, by: count).map { start in
            let part = b.sliced(axis: 0, start..<start + count)
            return try frechetDistance(FeatureStatistics(part), statistics)
          }.reduce(0, +) * Double(count) / Double(n)
        }
        out.table(
          "real pictures, held against \(n) other real ones",
          ["pictures", "Fréchet distance"], zip(counts, distances).map { [$0, $1] })
        // ANCHOR_END: frechet
        out.note("few", distances[0], .fixed(2))
        out.note("quarter", distances[3], .fixed(2))
        out.note("many", distances[distances.count - 1], .fixed(2))
      },
      Cell("inception", "Clear and diverse") { state, out in
        // ANCHOR: inception
        let p = state.real.things  // [n, 14], rows of sum 1
        let mean = p.mean(axis: 0)  // [14]
        let divergences = (p * (p.clamped(1e-30, 1) / mean).log()).sum(axis: 1)  // [n]
        let byHand = exp(Double(divergences.mean().item))
        out.value("real", byHand, .fixed(2))
        out.value("function", try InceptionScore(p).mean, .fixed(2))

        let stars = p.argmax(axis: 1).values.indices.filter { p[$0, 0] > 0.5 }
        let unsure = (p + mean) * 0.5  // half of it is what is known of any picture
        out.table(
          ["pictures", "Inception Score"],
          [
            ["all real ones", try InceptionScore(p).mean],
            ["the first 128 of them", try InceptionScore(p.sliced(axis: 0, 0..<128)).mean],
            ["only those that show a star", try InceptionScore(embedding(p, stars)).mean],
            ["all, but with half the certainty", try InceptionScore(unsure).mean],
            ["all of one kind, whatever it is", try InceptionScore(mean.expanded(p.shape)).mean],
          ])
        // ANCHOR_END: inception
      },
    ]
  }

  /// The given rows of a matrix.
  private static func embedding(_ matrix: Tensor, _ rows: [Int]) -> Tensor {
    TensorCore.embedding(matrix, IndexTensor(rows.map { Int32($0) }))
  }
}
