import TensorCore
import Testing

@Suite struct RandomTests {
  @Test func `a range never gives its upper end`() {
    var random = Random(seed: 1)
    var largest: Float = 0
    // One number in 2²⁴ would round up to 2: the largest that `uniform()` gives.
    for _ in 0..<1_000_000 { largest = max(largest, random.uniform(1, 2)) }
    #expect(largest < 2 && largest > 1.999)
    // Between neighbouring floats every second draw would.
    for _ in 0..<100 { #expect(random.uniform(1, Float(1).nextUp) == 1) }
    #expect(random.uniform(3, 3) == 3)
  }

  @Test func `whole numbers are those of this seed in every version of Swift`() {
    var random = Random(seed: 7)
    let numbers = [6, 1000, 1 << 40, Int.max, 3].map { random.integer(below: $0) }
    #expect(numbers == [4, 85, 874_424_046_440, 8_834_645_555_263_930_292, 0])
    // Today's standard library draws the same.
    var (ours, standard) = (Random(seed: 8), Random(seed: 8))
    for bound in 1...2000 {
      #expect(ours.integer(below: bound) == Int(standard.next(upperBound: UInt64(bound))))
    }
    for _ in 0..<100 {  // bounds for which numbers are drawn again
      let bound = Int.max / 3 * 2 + ours.integer(below: 1000)
      _ = standard.next(upperBound: 1000 as UInt64)
      #expect(ours.integer(below: bound) == Int(standard.next(upperBound: UInt64(bound))))
    }
  }
}
