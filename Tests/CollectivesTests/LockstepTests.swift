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
    #expect(OneProcess().gather([4, 5]) == [4, 5])
    #expect(OneProcess().sumOfShare([6, 7]) == [6, 7])
  }

  @Test(arguments: [1, 2, 5])
  func `ranks gather what all have, and sum what each is to have`(count: Int) {
    var random = SystemRandomNumberGenerator()
    let values = (0..<count).map { _ in
      (0..<3 * count).map { _ in Float.random(in: -1...1, using: &random) }
    }
    let results = Lockstep.run(count) { ranks in
      let mine = values[ranks.rank]
      return (
        ranks.gather(Array(mine.prefix(2))), ranks.sumOfShare(mine),
        ranks.sum(mine)[ranks.share(of: mine.count)]
      )
    }
    for (all, share, expected) in results {
      #expect(all == values.flatMap { $0.prefix(2) })
      #expect(share == Array(expected), "the same bits as those of all sums")
    }
  }
}
