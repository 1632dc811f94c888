// What several processes that train one model do together. Each is a rank, 0 … n - 1, and runs the
// same program; every call below waits until all ranks have made it, so all make the same calls in the
// same order.

/// A group of processes. Sums are added up in an order that depends on the number of ranks and of
/// values alone, and all ranks receive the same bits.
public protocol Collective: AnyObject, Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// The number of processes, n.
  var count: Int { get }

  /// Replaces the numbers on all ranks by their sums over the ranks (all-reduce).
  func sum(_ values: UnsafeMutableBufferPointer<Float>)

  /// Copies the bytes of rank 0 to all others, which must have as many.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer)

  /// The numbers of all ranks, which bring equally many, in the order of the ranks (all-gather).
  func gather(_ mine: [Float]) -> [Float]

  /// This rank's n-th part of the sums over the ranks (reduce-scatter). n must divide their number.
  func sumOfShare(_ values: [Float]) -> [Float]
}

extension Collective {
  /// The sums of some numbers over the ranks.
  public func sum(_ values: [Float]) -> [Float] {
    var values = values
    values.withUnsafeMutableBufferPointer { sum($0) }
    return values
  }

  /// The bytes of rank 0, on all ranks; those of the others do not count.
  public func broadcast(_ bytes: [UInt8]) -> [UInt8] {
    var count = UInt64(bytes.count)
    withUnsafeMutableBytes(of: &count) { broadcast($0) }
    var result = rank == 0 ? bytes : [UInt8](repeating: 0, count: Int(count))
    result.withUnsafeMutableBytes { broadcast($0) }
    return result
  }

  /// This rank's part of `count` rows that are computed together; the parts are of equal size.
  public func share(of rows: Int) -> Range<Int> {
    precondition(
      rows % count == 0, "\(count) ranks cannot share \(rows) rows equally")
    let size = rows / count
    return rank * size..<(rank + 1) * size
  }
}

/// A process on its own: rank 0 of 1.
public final class OneProcess: Collective {
  /// 0
  public let rank = 0
  /// 1
  public let count = 1

  /// A process that waits for no other.
  public init() {}

  /// Leaves the numbers as they are, which are their own sums.
  public func sum(_ values: UnsafeMutableBufferPointer<Float>) {}

  /// Leaves the bytes as they are.
  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {}

  /// The numbers as they are.
  public func gather(_ mine: [Float]) -> [Float] { mine }

  /// The numbers as they are.
  public func sumOfShare(_ values: [Float]) -> [Float] { values }
}
