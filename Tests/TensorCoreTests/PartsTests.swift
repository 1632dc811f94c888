// Sets in parts, and loops on several threads.

import Synchronization
import TensorCore
import Testing

@Suite("Parts and parallel loops") struct PartsTests {
  @Test func `parts cover a range once, in order, and only the last is shorter`() {
    #expect((0..<150).parts(of: 64) == [0..<64, 64..<128, 128..<150])
    #expect((3..<7).parts(of: 2) == [3..<5, 5..<7])
    #expect((0..<3).parts(of: 64) == [0..<3])
    #expect((5..<5).parts(of: 4).isEmpty)
  }

  @Test func `a model run in parts gives what it gives at once, without gradient`() {
    var random = Random(seed: 1)
    let x = Tensor.normal([10, 3], &random)
    let w = Tensor.normal([2, 3], &random).requiringGradient()
    var parts: [Range<Int>] = []
    let y = inParts(of: 4, count: 10) { part in
      parts.append(part)
      return linear(x.sliced(axis: 0, part), w)  // [n, 2]
    }
    #expect(parts == [0..<4, 4..<8, 8..<10])
    #expect(y.shape == [10, 2])
    #expect(y.scalars == linear(x, w).scalars)
    #expect(!y.requiresGradient)
  }

  @Test func `an error in a part is passed on`() {
    struct Failure: Error {}
    #expect(throws: Failure.self) {
      try inParts(of: 1, count: 3) { part in
        if part.lowerBound == 1 { throw Failure() }
        return Tensor([1])
      }
    }
  }

  @Test func `no examples, and parts of no size, stop with a sentence`() async {
    await #expect(processExitsWith: .failure) {
      _ = inParts(of: 4, count: 0) { _ in Tensor([1]) }
    }
    await #expect(processExitsWith: .failure) { _ = (0..<3).parts(of: 0) }
    await #expect(processExitsWith: .failure) { parallelFor(0..<3, grain: 0) { _ in } }
  }

  @Test func `a parallel loop visits every place once`() {
    let visits = Mutex([Int](repeating: 0, count: 1000))
    parallelFor(200..<900) { i in visits.withLock { $0[i] += 1 } }
    parallelFor(200..<900, grain: 64) { part in
      visits.withLock { counts in part.forEach { counts[$0] += 1 } }
    }
    #expect(visits.withLock { $0 } == (0..<1000).map { (200..<900).contains($0) ? 2 : 0 })
  }

  @Test func `a parallel map keeps the order, also of values that are not numbers`() {
    #expect(parallelMap(3..<503) { "\($0)" } == (3..<503).map { "\($0)" })
    #expect(parallelMap(2..<2) { $0 }.isEmpty)
  }
}
