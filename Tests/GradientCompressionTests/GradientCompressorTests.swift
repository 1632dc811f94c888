import Collectives
import GradientCompression
import NumberFormats
import TensorCore
import TestSupport
import Testing

@Suite("Compressed gradients") struct GradientCompressorTests {
  typealias Variant = GradientCompressor.Variant

  @Test(arguments: Variant.allCases, [1, 2, 3])
  func `at full rank the means are exact`(_ variant: Variant, _ count: Int) throws {
    let results = Lockstep.run(count) { ranks in
      // Without the condition that it pays.
      let compressor = GradientCompressor(
        parameters, rank: 1000, variant: variant, seed: 1, leastSaving: 0)
      return (0..<3).map { compressor.average(gradients(rank: ranks.rank, step: $0), over: ranks) }
    }
    for step in 0..<3 {
      let want = exactMeans((0..<count).map { gradients(rank: $0, step: step) })
      for result in results {
        let got = try #require(result[step])
        #expect(got.map(\.shape) == parameters.map(\.tensor.shape))
        #expect(difference(got.numbers, want.numbers, atol: 2e-5, rtol: 1e-5) == nil)
      }
    }
  }

  @Test(arguments: Variant.allCases)
  func `a gradient of low rank arrives whole`(_ variant: Variant) throws {
    var random = Random(seed: 2)
    let gradient = matmul(.normal([40, 3], &random), .normal([3, 25], &random))  // [40, 25]
    let compressor = GradientCompressor(
      [("w", gradient)], rank: 3, variant: variant, seed: 1)
    let means = try #require(compressor.average([gradient], over: OneProcess()))
    #expect(difference(means[0].scalars, gradient.scalars, atol: 5e-5) == nil)
    #expect(compressor.errors[0].abs().maximum().item < 5e-5)
  }

  @Test(arguments: Variant.allCases)
  func `nothing is lost: all means and the last errors add up to all gradients`(
    _ variant: Variant
  ) throws {
    let (count, steps) = (3, 6)
    let results = Lockstep.run(count) { ranks in
      let compressor = GradientCompressor(parameters, rank: 2, variant: variant, seed: 1)
      let means = (0..<steps).map {
        compressor.average(gradients(rank: ranks.rank, step: $0), over: ranks)
      }
      return (means, compressor.state(over: ranks))
    }
    let exact = (0..<steps).map { step in
      exactMeans((0..<count).map { gradients(rank: $0, step: step) })
    }
    let (means, state) = (try results[0].0.map { try #require($0) }, results[0].1)
    for (i, (name, tensor)) in parameters.enumerated() {
      var got = means.dropFirst().reduce(means[0][i]) { $0 + $1[i] }
      if let error = state.first(where: { $0.name == "error.\(name)" })?.tensor {
        let wasTurned = variant == .fixed && tensor.shape[0] > tensor.count / tensor.shape[0]
        let own = wasTurned ? error.transposed(0, 1) : error
        got = got + own.reshaped(tensor.shape) / Float(count)
        #expect(own.abs().maximum().item > 0.1, "\(name) is compressed, with an error")
      }
      let want = exact.dropFirst().reduce(exact[0][i]) { $0 + $1[i] }
      #expect(difference(got.scalars, want.scalars, atol: 5e-5) == nil, "\(name)")
    }
  }

  @Test(arguments: Variant.allCases)
  func `many ranks have the means of one with the mean of their gradients`(
    _ variant: Variant
  ) throws {
    let count = 4
    let results = Lockstep.run(count) { ranks in
      let compressor = GradientCompressor(parameters, rank: 2, variant: variant, seed: 1)
      return (0..<4).map { compressor.average(gradients(rank: ranks.rank, step: $0), over: ranks) }
    }
    let single = GradientCompressor(parameters, rank: 2, variant: variant, seed: 1)
    for step in 0..<4 {
      let mean = exactMeans((0..<count).map { gradients(rank: $0, step: step) })
      let want = try #require(single.average(mean, over: OneProcess()))
      let all = try results.map { try #require($0[step]) }
      #expect(difference(all[0].numbers, want.numbers, atol: 2e-4) == nil)
      // All ranks take the same step, bit for bit.
      #expect(all.allSatisfy { $0.bits == all[0].bits })
    }
  }

  @Test(arguments: Variant.allCases)
  func `the mean is linear in the gradients while P spans the same columns`(
    _ variant: Variant
  ) throws {
    func mean(_ factor: Float) throws -> [Tensor] {
      let compressor = GradientCompressor(parameters, rank: 2, variant: variant, seed: 1)
      let scaled = gradients(rank: 0, step: 0).map { $0 * factor }
      return try #require(compressor.average(scaled, over: OneProcess()))
    }
    let once = try mean(1)
    // Powers of two change no rounding, but for the 10⁻⁶ on the diagonal of DALL·E's form.
    for factor: Float in [-1, 4, 0.25] {
      let got = try mean(factor).map { $0 / factor }
      #expect(difference(got.numbers, once.numbers, atol: variant == .fixed ? 1e-4 : 1e-6) == nil)
    }
  }

  @Test(arguments: Variant.allCases)
  func `the mean is the part of the sum that the basis reaches`(_ variant: Variant) throws {
    let all = gradients(rank: 0, step: 0)
    let compressor = GradientCompressor(parameters, rank: 2, variant: variant, seed: 1)
    let means = try #require(compressor.average(all, over: OneProcess()))
    for (i, (name, tensor)) in parameters.enumerated() where compressor.compresses(name) {
      // What is left is orthogonal to what was sent, so their squares add up.
      let (sent, left) = (means[i], all[i] - means[i])
      let parts = sent.square().sum().item + left.square().sum().item
      let whole = all[i].square().sum().item
      #expect(difference([parts], [whole], rtol: 1e-4) == nil, "\(name) \(tensor.shape)")
      #expect(left.square().sum().item < 0.9 * whole, "\(name)")
    }
  }

  @Test func `DALL·E's form is its formula, with Q as it was drawn and m ≤ n`() throws {
    // As small as the 10⁻⁶ on the diagonal, so that it shows.
    let gradient = gradients(rank: 0, step: 0)[0] * 1e-6  // [40, 12]
    let compressor = GradientCompressor(
      [("w", gradient)], rank: 3, variant: .fixed, seed: 1)
    let query = compressor.queries[0] * 1  // [40, 3]
    #expect(query.shape == [40, 3] && compressor.errors[0].shape == [12, 40])
    var error = Tensor.zeros([12, 40])
    for _ in 0..<3 {
      let sum = gradient.transposed(0, 1) + error  // [12, 40]
      let diagonal = Tensor(
        (0..<12).map { row in (0..<3).map { row == $0 ? 1e-6 : 0 } })  // [12, 3]
      let basis = householder(matmul(sum, query) + diagonal)  // [12, 3]
      let want = matmul(basis, matmul(basis, sum, transposeA: true))  // [12, 40]
      error = sum - want
      let got = try #require(compressor.average([gradient], over: OneProcess()))[0]
      #expect(difference(got.scalars, want.transposed(0, 1).scalars, atol: 1e-11) == nil)
      #expect(difference(compressor.errors[0].scalars, error.scalars, atol: 1e-11) == nil)
      #expect(compressor.queries[0].scalars == query.scalars)
    }
  }

  @Test func `warm starts come close to the best approximation, a fixed Q does not`() throws {
    // Singular values 1, 1/2, 1/4, …: the best approximation of rank 2 leaves 1/4, 1/8, ….
    var random = Random(seed: 3)
    let left = gramSchmidt(.normal([30, 8], &random))  // [30, 8]
    let right = gramSchmidt(.normal([20, 8], &random))  // [20, 8]
    let values = (0..<8).map { Float(sign: .plus, exponent: -$0, significand: 1) }
    let gradient = matmul(left * Tensor(values), right, transposeB: true)  // [30, 20]
    let best = values.dropFirst(2).reduce(0) { $0 + $1 * $1 }.squareRoot()
    func error(_ variant: Variant) throws -> Float {
      let compressor = GradientCompressor(
        [("w", gradient)], rank: 2, variant: variant, seed: 1, keepsErrors: false)
      for _ in 0..<20 { _ = compressor.average([gradient], over: OneProcess()) }
      let mean = try #require(compressor.average([gradient], over: OneProcess()))[0]
      return (gradient - mean).square().sum().item.squareRoot()
    }
    #expect(difference([try error(.warmStarted)], [best], rtol: 1e-3) == nil)
    #expect(try error(.fixed) > 1.05 * best)
  }

  @Test(arguments: Variant.allCases)
  func `a gradient that was zero for some steps is compressed again afterwards`(
    _ variant: Variant
  ) throws {
    let compressor = GradientCompressor(parameters, rank: 2, variant: variant, seed: 1)
    let none = parameters.map { Tensor.zeros($0.tensor.shape) }
    for _ in 0..<3 {
      let means = try #require(compressor.average(none, over: OneProcess()))
      #expect(means.numbers.allSatisfy { $0 == 0 })
    }
    let all = gradients(rank: 0, step: 0)
    let means = try #require(compressor.average(all, over: OneProcess()))
    for (i, (name, _)) in parameters.enumerated() {
      let left = (all[i] - means[i]).square().sum().item / all[i].square().sum().item
      #expect(left < 0.7, "\(name)")
    }
  }

  @Test(arguments: Variant.allCases)
  func `errors, P and Q in 1-6-9 cost little, and large numbers are cut`(
    _ variant: Variant
  ) throws {
    let format = FloatFormat.adamMean
    func compressor(_ format: FloatFormat?) -> GradientCompressor {
      GradientCompressor(parameters, rank: 2, variant: variant, seed: 1, format: format)
    }
    let (exact, rounded) = (compressor(nil), compressor(format))
    for step in 0..<3 {
      let all = gradients(rank: 0, step: step).map { $0 * 0.1 }
      let want = try #require(exact.average(all, over: OneProcess()))
      let got = try #require(rounded.average(all, over: OneProcess()))
      // Nine bits: numbers up to 1 are off by 2⁻¹⁰, and P and Q both are.
      #expect(difference(got.numbers, want.numbers, atol: 0.02) == nil)
      #expect(got.bits != want.bits)
      #expect(rounded.errors.numbers.allSatisfy { format.rounded($0) == $0 })
    }
    let large = gradients(rank: 0, step: 9).map { $0 * 1e6 }
    _ = try #require(rounded.average(large, over: OneProcess()))
    #expect(rounded.errors.numbers.allSatisfy { abs($0) <= format.largest })
  }
}
