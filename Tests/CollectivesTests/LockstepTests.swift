import Collectives
import Testing

@Suite struct LockstepTests {
  @Test(arguments: [1, 2, 3, 7])
  func `sums are added in the order of the ranks, and all ranks get them`(count: Int) {
    // 2²⁴ + 1 + 1 is another float than 1 + 1 + 2²⁴.
    let results = Lockstep.run(count) { ranks in
      (0..<3).map { round in
        let large: Float = ranks.rank == 0 ? 16_777_216 : 1
        return ranks.sum([large, Float(round * ranks.rank)])
      }
    }
    for result in results {
      for (round, sums) in result.enumerated() {
        let total = round * count * (count - 1) / 2
        let expected: [Float] = [16_777_216, Float(total)]
        #expect(sums == expected)
      }
    }
  }

  @Test func `all ranks get the bytes of the first, however many they had`() {
    let results = Lockstep.run(3) { ranks in
      (
        ranks.broadcast(ranks.rank == 0 ? [7, 8, 9] : []),
        ranks.broadcast([UInt8](repeating: 0, count: 0))
      )
    }
    for (bytes, nothing) in results {
      #expect(bytes == [7, 8, 9])
      #expect(nothing.isEmpty)
    }
  }

  @Test func `shares are equal, follow one another, and cover all rows`() {
    let shares = Lockstep.run(4) { $0.share(of: 12) }
    #expect(shares == [0..<3, 3..<6, 6..<9, 9..<12])
    #expect(OneProcess().share(of: 5) == 0..<5)
    #expect(OneProcess().sum([1, 2]) == [1, 2])
    #expect(OneProcess().broadcast([3]) == [3])
    var one: [Float] = [4, 5]
    one.withUnsafeMutableBufferPointer {
      OneProcess().reduce($0)
      OneProcess().gather($0)
    }
    #expect(one == [4, 5])
  }

  @Test(arguments: [1, 2, 3, 5], [0, 1, 7, 40])
  func `each rank gets its part of the sums, and the parts of all`(ranks count: Int, size: Int) {
    var random = SystemRandomNumberGenerator()
    let values = (0..<count).map { _ in
      (0..<size).map { _ in Float.random(in: -1...1, using: &random) }
    }
    let expected = values.dropFirst().reduce(values[0]) { zip($0, $1).map(+) }
    let results = Lockstep.run(count) { ranks in
      let part = ranks.part(of: size)
      var (sums, parts) = (values[ranks.rank], [Float](repeating: .nan, count: size))
      sums.withUnsafeMutableBufferPointer { ranks.reduce($0) }
      parts.replaceSubrange(part, with: sums[part])
      parts.withUnsafeMutableBufferPointer { ranks.gather($0) }
      return (part: part, sums: sums, parts: parts, whole: ranks.sum(values[ranks.rank]))
    }
    var end = 0
    for (part, sums, parts, whole) in results {
      #expect(part.lowerBound == end && abs(part.count * count - size) < count)
      #expect(sums[part] == expected[part], "added in the order of the ranks")
      #expect(parts == expected && whole == expected)
      end = part.upperBound
    }
    #expect(end == size)
  }
}
