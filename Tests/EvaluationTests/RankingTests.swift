import StickerJudge
import TensorCore
import Testing

@testable import Evaluation

@Suite struct RankingTests {
  /// All sets of n of the numbers below `count`.
  private func choices(_ n: Int, of count: Int) -> [[Int]] {
    if n == 0 { return [[]] }
    return (0..<count).flatMap { last in choices(n - 1, of: last).map { $0 + [last] } }
  }

  @Test func `the best come first, and of equal ones the earlier`() {
    let ranking = Ranking([1, 3, 2, 3, -.infinity])
    #expect(ranking.order == [1, 3, 2, 0, 4])
    #expect(ranking.best(2) == [1, 3])
  }

  @Test func `best of n is the mean over all draws of n`() {
    var random = Random(seed: 1)
    // Scores with ties.
    let scores = (0..<7).map { _ in Float(random.integer(below: 4)) }
    let quality = (0..<7).map { _ in Double(random.uniform()) }
    for n in 1...7 {
      let draws = choices(n, of: 7)
      let mean =
        draws.reduce(0.0) { sum, draw in
          let best = draw[Ranking(draw.map { scores[$0] }).order[0]]
          return sum + quality[best]
        } / Double(draws.count)
      #expect(abs(Ranking(scores).expected(quality, bestOf: n) - mean) < 1e-12, "n = \(n)")
    }
  }

  @Test func `the oracle's probability is the share of draws with a right candidate`() {
    for right in 0...6 {
      for n in 1...6 {
        let draws = choices(n, of: 6)
        let share = Double(draws.count { $0.contains { $0 < right } }) / Double(draws.count)
        #expect(abs(Ranking.chanceOfAny(right: right, among: 6, drawn: n) - share) < 1e-12)
      }
    }
  }

  @Test func `a perfect score improves with more candidates, and none beats the oracle`() {
    var random = Random(seed: 2)
    let scores = (0..<512).map { _ in random.normal() }
    let ranking = Ranking(scores)
    let quality = scores.map(Double.init)
    let expected = (1...512).map { ranking.expected(quality, bestOf: $0) }
    #expect(zip(expected, expected.dropFirst()).allSatisfy(<))
    #expect(expected[511] == quality.max())
    #expect(abs(expected[0] - quality.reduce(0, +) / 512) < 1e-9)

    let isRight = quality.map { $0 > 2 ? 1.0 : 0 }
    let blind = Ranking((0..<512).map { _ in random.normal() })
    for n in [1, 8, 64, 512] {
      let oracle = Ranking.chanceOfAny(
        right: Int(isRight.reduce(0, +)), among: 512, drawn: n)
      #expect(abs(ranking.expected(isRight, bestOf: n) - oracle) < 1e-9)
      #expect(blind.expected(isRight, bestOf: n) <= oracle + 1e-12)
    }
  }

  @Test func `probabilities of ranks sum to 1 for thousands of candidates`() {
    let ranking = Ranking((0..<20_000).map { Float($0) })
    let ones = [Double](repeating: 1, count: 20_000)
    for n in [1, 2, 100, 10_000, 19_999, 20_000] {
      #expect(abs(ranking.expected(ones, bestOf: n) - 1) < 1e-9)
    }
  }

  @Test func `a NaN among scores violates a precondition`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Ranking([1, .nan])
    }
    #expect(lastWords(result).contains("a score is NaN: [1.0, nan]"))
  }

  @Test func `choosing more candidates than there are violates a precondition`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Ranking([1, 2]).best(3)
    }
    #expect(lastWords(result).contains("cannot choose 3 of 2 candidates"))
  }
}

@Suite struct EstimateTests {
  @Test func `standard errors are those of shares and of means`() throws {
    let share = Estimate(right: 30, of: 40)
    #expect(share.value == 0.75)
    #expect(abs(share.standardError - (0.75 * 0.25 / 40).squareRoot()) < 1e-15)

    var (tally, other) = (Tally(), Tally())
    for value in [1.0, 2] { tally.add(value) }
    for value in [3.0, 6] { other.add(value) }
    tally.add(other)
    // Mean 3, squares 4 + 1 + 0 + 9 = 14.
    let estimate = try #require(tally.estimate)
    #expect(abs(estimate.value - 3) < 1e-15 && estimate.count == 4)
    #expect(abs(estimate.standardError - (14.0 / 3 / 4).squareRoot()) < 1e-15)
    #expect(Tally().estimate == nil)
  }

  @Test func `the jackknife of a mean is its standard error`() throws {
    let values = [1.0, 4, 2, 8, 5, 7]
    let without = values.indices.map { i in
      (values.reduce(0, +) - values[i]) / Double(values.count - 1)
    }
    let error = try #require(Tally(values).estimate).standardError
    #expect(abs(jackknifeError(without) - error) < 1e-12)
    #expect(jackknifeError([3, 3]) == 0)
  }
}

@Suite struct VotesTests {
  @Test func `the majority wins, and of equal choices the smallest`() {
    #expect(majority([2, 1, 2]) == 2)
    #expect(majority([3, 1, 2]) == 1)
    #expect(majority([4, 0, 4, 0]) == 0)
  }

  @Test func `votes are counted as in the paper's figure 7`() {
    func votes(_ first: Int, _ second: Int, _ neither: Int = 0) -> [Choice] {
      [Choice](repeating: .first, count: first) + [Choice](repeating: .second, count: second)
        + [Choice](repeating: .neither, count: neither)
    }
    let vote = PairedVote([votes(5, 0), votes(3, 2), votes(2, 3), votes(0, 5), votes(1, 1, 3)])
    #expect(vote.histogram(of: .first) == [1, 1, 1, 1, 0, 1])
    #expect(vote.histogram(of: .neither) == [4, 0, 0, 1, 0, 0])
    #expect(vote.share(of: .first).value == 0.4 && vote.share(of: .second).value == 0.4)
    #expect(vote.voteShare(of: .first) == 11.0 / 25)
    // Ties count against the first picture.
    #expect(PairedVote([votes(2, 2, 1)]).share(of: .second).value == 1)
    #expect(PairedVote([votes(2, 1, 2)]).share(of: .neither).value == 1)
    #expect(PairedVote([votes(1, 1)]).share(of: .first).value == 0)
  }
}

@Suite struct GaussianBlurTests {
  private func pictures() -> Tensor {
    var random = Random(seed: 4)
    return .uniform([2, 3, 9, 14], 0, 1, &random)
  }

  @Test(arguments: [0.5, 1, 2, 8, 30]) func `constants and sums are preserved`(_ radius: Double) {
    let flat = Tensor(repeating: 0.7, shape: [1, 3, 8, 5])
    #expect(gaussianBlur(flat, radius: radius).scalars.allSatisfy { abs($0 - 0.7) < 1e-6 })
    let sums = pictures().sum(axes: [2, 3])
    let blurred = gaussianBlur(pictures(), radius: radius).sum(axes: [2, 3])
    #expect(zip(sums.scalars, blurred.scalars).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test func `radius 0 changes nothing, a larger one blurs more`() {
    #expect(gaussianBlur(pictures(), radius: 0).scalars == pictures().scalars)
    let variances = [0, 0.5, 1, 2, 4].map { radius in
      let blurred = gaussianBlur(pictures(), radius: radius)
      return (blurred - blurred.mean()).square().mean().item
    }
    #expect(zip(variances, variances.dropFirst()).allSatisfy(>))
  }

  @Test func `a point becomes the product of two Gaussians`() {
    var values = [Float](repeating: 0, count: 21 * 21)
    values[10 * 21 + 10] = 1
    let blurred = gaussianBlur(Tensor(shape: [1, 1, 21, 21], values), radius: 2)
    // e^(-x²/8) / (2 √(2π)) at x = 0 and 3, up to the 1e-4 that is cut off.
    #expect(abs(blurred[0, 0, 10, 10] - 0.199471 * 0.199471) < 1e-5)
    #expect(abs(blurred[0, 0, 13, 10] - 0.064759 * 0.199471) < 1e-5)
    #expect(abs(blurred[0, 0, 10, 7] - blurred[0, 0, 13, 10]) < 1e-8)
  }
}
