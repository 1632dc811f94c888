import Collectives
import GradientCompression
import TensorCore
import Testing

@Suite("Traffic of gradients") struct TrafficTests {
  /// Counts what passes.
  private final class Counter: Collective {
    let rank = 0
    let count = 1
    nonisolated(unsafe) var sums: [Int] = []
    func reduce(_ values: UnsafeMutableBufferPointer<Float>) { sums.append(values.count) }
    func gather(_ values: UnsafeMutableBufferPointer<Float>) {}
    func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {}
  }

  @Test func `P and Q travel, what does not pay travels whole, and all bytes are counted`() {
    let counter = Counter()
    let compressor = GradientCompressor(
      parameters, rank: 3, seed: 1, keepingWhole: { $0 == "table" })
    for step in 0..<2 { _ = compressor.average(gradients(rank: 0, step: step), over: counter) }
    // tall 40 × 12, wide 9 × 50, square 24 × 24, kernel 16 × 45; 3 (3 + 4) is more than 3 · 4.
    let p = 3 * (40 + 9 + 24 + 16)
    let q = 3 * (12 + 50 + 24 + 45)
    let whole = 7 + 1 + 3 * 4 + 30 * 20
    let flag = 1
    #expect(counter.sums == [flag + p + whole, q, flag + p + whole, q])
    #expect(compressor.bytesSent == 4 * counter.sums.reduce(0, +))
    #expect(compressor.bytesUncompressed == 2 * 4 * parameters.reduce(0) { $0 + $1.tensor.count })
    #expect(["tall", "wide", "square", "kernel"].allSatisfy(compressor.compresses))
    #expect(!["bias", "scale", "small", "table"].contains(where: compressor.compresses))
  }

  @Test func `where nothing is compressed, means are exact and take one sum`() {
    let counter = Counter()
    let vectors = parameters.filter { $0.tensor.rank < 2 }
    let compressor = GradientCompressor(vectors, rank: 1, seed: 1)
    let all = gradients(rank: 0, step: 0, of: vectors)
    #expect(compressor.average(all, over: counter)?.bits == all.bits)
    #expect(counter.sums == [1 + 7 + 1])
    #expect(compressor.state(over: counter).isEmpty)
  }

  @Test func `a matrix must save what was asked for`() {
    // 480 numbers in place of 2 · 52 = 104: a factor of 4.6.
    for (saving, isCompressed) in [(1, true), (4, true), (5, false), (0, true)] as [(Float, Bool)] {
      let compressor = GradientCompressor(
        [("w", .zeros([40, 12]))], rank: 2, seed: 1, leastSaving: saving)
      #expect(compressor.compresses("w") == isCompressed, "\(saving)")
    }
    // 2 · (4 + 4) numbers in place of 16 save nothing.
    #expect(!GradientCompressor([("w", .zeros([4, 4]))], rank: 2, seed: 1).compresses("w"))
    #expect(!GradientCompressor([("w", .zeros([0, 4]))], rank: 2, seed: 1).compresses("w"))
  }

  /// A row of table 1, and the bytes that a GPU averages for one block, in 16 bits.
  struct Row: Sendable {
    let width, rank, percent, bytes, bytesSent: Int
  }

  @Test(arguments: [
    Row(width: 1920, rank: 512, percent: 83, bytes: 11_059_200, bytesSent: 1_843_200),
    Row(width: 2688, rank: 640, percent: 85, bytes: 21_676_032, bytesSent: 3_225_600),
    Row(width: 3968, rank: 896, percent: 86, bytes: 47_235_072, bytesSent: 6_666_240),
  ])
  func `the paper's table 1 follows from its table 2`(_ row: Row) {
    let block = BlockTraffic(width: row.width, rank: row.rank)
    let (d, r) = (row.width, row.rank)
    #expect(block.gradients == 12 * d * d / 8)
    #expect(block.p == (5 * d * r * 8 + 4 * d * r) / 64)
    #expect(block.q == (d * r * 8 + 8 * d * r) / 64)
    #expect(abs(block.saving - (1 - 5 * Double(r) / (8 * Double(d)))) < 1e-12)
    #expect(Int((100 * block.saving).rounded()) == row.percent)
    #expect(2 * block.gradients == row.bytes && 2 * (block.p + block.q) == row.bytesSent)
  }

  @Test func `on a GPU that has whole parameters, the rank is not divided`() {
    let alone = BlockTraffic(width: 64, rank: 4, shards: 1)
    #expect(abs(alone.saving - (1 - 3.0 * 4 / (2 * 64))) < 1e-12)
  }
}
