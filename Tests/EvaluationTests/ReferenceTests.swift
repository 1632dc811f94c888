import LinearAlgebra
import StickerJudge
import TensorCore
import TestSupport
import Testing

@testable import Evaluation

/// Compares with numpy, scipy and scikit-learn, for every case in `metrics.safetensors`.
@Suite struct MetricsReferenceTests {
  private let reference: ReferenceFile

  init() throws { reference = try ReferenceFile("metrics") }

  /// The parts of tensor names between `prefix` and `suffix`.
  private func cases(_ prefix: String, _ suffix: String) -> [String] {
    reference.names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }
      .map { String($0.dropFirst(prefix.count).dropLast(suffix.count)) }
  }

  private func tensor(_ name: String) throws -> Tensor {
    let (shape, values) = try reference.floats(name)
    return Tensor(shape: shape, values)
  }

  private func compare(
    _ got: [Double], _ name: String, rtol: Float = 1e-5, atol: Float = 0
  ) throws {
    let want = try reference.floats(name).values
    let problem = difference(got.map(Float.init), want, atol: atol, rtol: rtol)
    #expect(problem == nil, "\(name): \(problem ?? "")")
  }

  @Test func `means, covariances, roots and Fréchet distances agree`() throws {
    let config = try #require(try reference.config["fid"] as? [String: [String: Double]])
    let names = cases("fid.", ".value")
    #expect(Set(names) == Set(config.keys) && !names.isEmpty)
    for name in names {
      let numbers = try #require(config[name])
      let epsilon = try #require(numbers["eps"])
      let isSingular = epsilon > 0
      var matrices: [SymmetricMatrix] = []
      var statistics: [FeatureStatistics] = []
      for set in ["a", "b"] {
        let features = try FeatureStatistics(try tensor("fid.\(name).\(set)"))
        // Entries of a covariance may cancel to nearly 0.
        try compare(features.mean, "fid.\(name).mean_\(set)", atol: 1e-6)
        try compare(try features.covariance, "fid.\(name).cov_\(set)", atol: 1e-6)
        matrices.append(
          SymmetricMatrix(size: features.width, values: try features.covariance)
            .shifted(by: epsilon))
        statistics.append(features)
      }
      // (A B)^½ = A^½ (A^½ B A^½)^½ A^-½
      let d = statistics[0].width
      let (a, root) = (matrices[0], rootOfProduct(matrices[0], matrices[1]))
      let left = matrixProduct(a.squareRoot().values, root.values, d, d, d)
      let inverse = a.mapEigenvalues { 1 / $0.squareRoot() }.values
      try compare(
        matrixProduct(left, inverse, d, d, d), "fid.\(name).sqrtm",
        rtol: isSingular ? 1e-3 : 1e-5, atol: isSingular ? 1e-3 : 1e-5)

      let distance = try frechetDistance(statistics[0], statistics[1], epsilon: epsilon)
      try compare([distance], "fid.\(name).value", rtol: isSingular ? 1e-3 : 1e-5, atol: 1e-5)
      let exact = try #require(numbers["value"])
      #expect(abs(distance - exact) < 1e-8 + (isSingular ? 1e-6 : 1e-9) * exact, "\(name)")
    }
  }

  @Test func `kernel distances agree`() throws {
    let distance = try kernelDistance(try tensor("fid.full.a"), try tensor("fid.full.b"))
    try compare([distance], "kid.value")
    let config = try #require(try reference.config["kid"] as? [String: Double])
    let exact = try #require(config["value"])
    #expect(abs(distance - exact) < 1e-9 * abs(exact))
  }

  @Test func `Inception Scores agree`() throws {
    let names = cases("is.splits_", "")
    #expect(!names.isEmpty)
    for name in names {
      let splits = try #require(Int(name))
      let score = try InceptionScore(try tensor("is.probs"), splits: splits)
      try compare(score.splits, "is.splits_\(name)")
      try compare([score.mean], "is.mean_\(name)")
      try compare([score.deviation], "is.std_\(name)", atol: 1e-7)
    }
  }

  @Test func `votes agree`() throws {
    func rows(_ name: String) throws -> [[Int]] {
      let (shape, values) = try reference.integers(name)
      return (0..<shape[0]).map { Array(values[$0 * shape[1]..<($0 + 1) * shape[1]]) }
    }
    let binary = try rows("votes.binary")
    #expect(binary.map(majority) == (try reference.integers("votes.binary_majority").values))
    #expect(
      try rows("votes.multi").map(majority) == (try reference.integers("votes.multi_mode").values))
    let vote = PairedVote(binary.map { $0.map { $0 == 1 ? .first : .second } })
    try compare([vote.share(of: .first).value], "votes.fraction_for_1")
    try compare([vote.voteShare(of: .first)], "votes.mean_votes_for_1")
    #expect(vote.tasks == binary.count)
  }
}
