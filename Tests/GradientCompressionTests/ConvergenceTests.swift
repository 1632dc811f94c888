import Collectives
import GradientCompression
import TensorCore
import TestSupport
import Testing

@Suite("Descent with compressed gradients") struct ConvergenceTests {
  typealias Variant = GradientCompressor.Variant

  /// Least squares: ½ · mean of (X W - Y)² over examples, half of them on each of two ranks.
  private struct Problem: Sendable {
    let x: Tensor  // [2, N, 16]
    let y: Tensor  // [2, N, 12]

    init(seed: UInt64) {
      var random = Random(seed: seed)
      x = .normal([2, 64, 16], &random)
      let w = Tensor.normal([16, 12], &random)
      y = matmul(x, w) + .normal([2, 64, 12], deviation: 0.1, &random)
    }

    /// The gradient of some of a rank's examples.
    func gradient(_ w: Tensor, rank: Int, _ examples: [Int]) -> Tensor {
      let (x, y) = (x.at(rank, axis: 0), y.at(rank, axis: 0))
      let part = IndexTensor(shape: [examples.count], examples.map(Int32.init))
      let input = embedding(x, part)  // [n, 16]
      let error = matmul(input, w) - embedding(y, part)  // [n, 12]
      return matmul(input, error, transposeA: true) / Float(examples.count)  // [16, 12]
    }

    func loss(_ w: Tensor) -> Float { (matmul(x, w) - y).square().mean().item }
  }

  /// The loss of two ranks after 1,000 steps of descent with compressed gradients of rank 1, each from
  /// `batch` random examples of each rank. To each gradient `wave` times one matrix is added, in turn
  /// up and down.
  private func loss(
    _ problem: Problem, _ variant: Variant, keepsErrors: Bool, batch: Int = 8, wave: Float = 0
  ) -> Float {
    Lockstep.run(2) { ranks in
      var w = Tensor.zeros([16, 12])
      let compressor = GradientCompressor(
        [("w", w)], rank: 1, variant: variant, seed: 5, keepsErrors: keepsErrors)
      let random = Random(seed: 6)
      var (down, right) = (random.split("down"), random.split("right"))
      let crest = matmul(.normal([16, 1], &down), .normal([1, 12], &right)) * wave  // [16, 12]
      var draws = random.split(ranks.rank)
      for step in 0..<1000 {
        let examples =
          batch == 64 ? Array(0..<64) : (0..<batch).map { _ in draws.integer(below: 64) }
        let gradient = problem.gradient(w, rank: ranks.rank, examples)  // [16, 12]
        let sum = step % 2 == 0 ? gradient + crest : gradient - crest  // [16, 12]
        guard let means = compressor.average([sum], over: ranks) else { return .nan }
        w = w - means[0] * 0.01
      }
      return problem.loss(w)
    }[0]
  }

  /// The loss of plain descent, with all examples, after as many steps ten times as large.
  private func least(_ problem: Problem) -> Float {
    var w = Tensor.zeros([16, 12])
    let all = Array(0..<64)
    for _ in 0..<1000 {
      w = w - (problem.gradient(w, rank: 0, all) + problem.gradient(w, rank: 1, all)) * 0.05
    }
    return problem.loss(w)
  }

  @Test(arguments: Variant.allCases)
  func `stochastic descent finds the least squares if errors are kept, else it takes longer`(
    _ variant: Variant
  ) {
    let problem = Problem(seed: 4)
    let least = least(problem)
    let with = loss(problem, variant, keepsErrors: true)
    let without = loss(problem, variant, keepsErrors: false)
    #expect(with < 1.05 * least, "\(with), not \(least)")
    #expect(without > 10 * least, "\(without), not \(least)")
  }

  @Test func `a warm-started Q follows a wave and sees nothing else, unless errors are kept`() {
    let problem = Problem(seed: 4)
    let least = least(problem)
    let with = loss(problem, .warmStarted, keepsErrors: true, wave: 1)
    let without = loss(problem, .warmStarted, keepsErrors: false, wave: 1)
    #expect(with < 1.5 * least, "\(with), not \(least)")
    #expect(without > 100 * least, "\(without), not \(least)")
  }

  @Test func `without noise, descent with a fixed Q ends where Q sees no gradient`() {
    // P is the gradient's part along Q, and what is kept has none. Chance in the choice of examples
    // is what turns P, step by step, in all directions.
    let problem = Problem(seed: 4)
    let least = least(problem)
    let fixed = loss(problem, .fixed, keepsErrors: true, batch: 64)
    let warmStarted = loss(problem, .warmStarted, keepsErrors: true, batch: 64)
    #expect(warmStarted < 1.05 * least, "\(warmStarted), not \(least)")
    #expect(fixed > 100 * least, "\(fixed), not \(least)")
  }
}
