import Collectives
import GradientCompression
import Kernels
import NumberFormats
import TensorCore
import TestSupport
import Testing

@Suite("The state of a compressor") struct StateTests {
  typealias Variant = GradientCompressor.Variant

  private func compressor(_ variant: Variant, _ format: FloatFormat? = nil) -> GradientCompressor {
    GradientCompressor(parameters, rank: 2, variant: variant, seed: 1, format: format)
  }

  private func means(
    _ compressor: GradientCompressor, _ steps: Range<Int>, _ ranks: any Collective
  ) -> [[UInt32]?] {
    steps.map { compressor.average(gradients(rank: ranks.rank, step: $0), over: ranks)?.bits }
  }

  @Test(arguments: Variant.allCases, [1, 3])
  func `a run that is resumed has the bits of one that goes on`(
    _ variant: Variant, _ count: Int
  ) throws {
    for format in [nil, FloatFormat.adamMean] {
      let results = Lockstep.run(count) { ranks in
        let first = compressor(variant, format)
        _ = means(first, 0..<3, ranks)
        let state = first.state(over: ranks)
        let copies = state.map { (name: $0.name, tensor: $0.tensor * 1) }
        let on = means(first, 3..<6, ranks)
        let second = compressor(variant, format)
        second.restore(copies, over: ranks)
        // What is restored is copied: the file's tensors may be used again.
        for copy in copies { copy.tensor.update { $0.update(repeating: 7) } }
        return (state, on, means(second, 3..<6, ranks))
      }
      for (state, on, resumed) in results {
        #expect(on == resumed && !on.contains(nil))
        #expect(state.map(\.tensor).bits == results[0].0.map(\.tensor).bits)
      }
      let names = ["tall", "wide", "square", "kernel", "table"]
      let queries = variant == .warmStarted ? names.map { "query.\($0)" } : []
      #expect(results[0].0.map(\.name) == names.map { "error.\($0)" } + queries)
    }
  }

  @Test(arguments: Variant.allCases)
  func `saving changes the means by rounding alone`(_ variant: Variant) throws {
    let results = Lockstep.run(3) { ranks in
      [false, true].map { isSaved in
        let compressor = compressor(variant)
        return (0..<6).map { step in
          if step == 3 && isSaved { _ = compressor.state(over: ranks) }
          return compressor.average(gradients(rank: ranks.rank, step: step), over: ranks)
        }
      }
    }
    let last = try results[0].map { try #require($0[5]) }
    #expect(difference(last[1].numbers, last[0].numbers, atol: 1e-4) == nil)
  }

  @Test(arguments: Variant.allCases)
  func `another number of ranks goes on from the same sum of errors`(_ variant: Variant) throws {
    let state = Lockstep.run(3) { ranks in
      let compressor = compressor(variant)
      _ = means(compressor, 0..<3, ranks)
      return compressor.state(over: ranks)
    }[0]
    for count in [1, 2] {
      let results = Lockstep.run(count) { ranks in
        let compressor = compressor(variant)
        compressor.restore(state, over: ranks)
        return compressor.state(over: ranks)
      }
      let sums = results.map { $0.map(\.tensor).numbers }
      #expect(difference(sums[0], state.map(\.tensor).numbers, atol: 1e-5) == nil)
    }
  }

  @Test(arguments: Variant.allCases)
  func `the same seed gives the same bits on any number of threads`(_ variant: Variant) {
    let before = Threads.count
    defer { Threads.count = before }
    let all = [1, 2].map { threads in
      Threads.count = threads
      return means(compressor(variant), 0..<3, OneProcess())
    }
    #expect(all[0] == all[1] && !all[0].contains(nil))
    let other = GradientCompressor(parameters, rank: 2, variant: variant, seed: 2)
    #expect(means(other, 0..<1, OneProcess())[0] != all[0][0])
  }

  @Test(arguments: Variant.allCases, [Float.nan, .infinity, -.infinity])
  func `a step with NaN or infinity on one rank is skipped by all, as if it had not been`(
    _ variant: Variant, _ flaw: Float
  ) throws {
    // In a matrix, in a vector and in one that travels whole; also where 1-6-9 would cut infinity.
    for (place, format) in [(0, nil), (4, nil), (6, nil), (0, .adamMean)] as [(Int, FloatFormat?)] {
      let results = Lockstep.run(3) { ranks in
        let (calm, disturbed) = (compressor(variant, format), compressor(variant, format))
        _ = (means(calm, 0..<2, ranks), means(disturbed, 0..<2, ranks))
        var bad = gradients(rank: ranks.rank, step: 2)
        if ranks.rank == 1 { bad[place] = bad[place] + flaw }
        let skipped = disturbed.average(bad, over: ranks)
        return (skipped, means(calm, 3..<5, ranks), means(disturbed, 3..<5, ranks))
      }
      for (skipped, calm, disturbed) in results {
        #expect(skipped == nil && calm == disturbed && !calm.contains(nil))
      }
    }
  }

  @Test(arguments: Variant.allCases)
  func `gradients whose sum is not finite are skipped too`(_ variant: Variant) {
    // 3 · 2 · 10³⁸ is beyond a Float, in a sum over ranks (the bias) and within a product (the others).
    let results = Lockstep.run(3) { ranks in
      [0, 4].map { place in
        let compressor = compressor(variant)
        var large = gradients(rank: ranks.rank, step: 0)
        large[place] = Tensor(repeating: 2e38, shape: large[place].shape)
        let isSkipped = compressor.average(large, over: ranks) == nil
        let after = means(compressor, 0..<1, ranks)
        return isSkipped && after[0] == means(self.compressor(variant), 0..<1, ranks)[0]
      }
    }
    #expect(results.allSatisfy { $0 == [true, true] })
  }
}
