// What several processes that train one model do together. Each is a rank, 0 … n - 1, and runs the
// same program; every call below waits until all ranks have made it, so all make the same calls in the
// same order.

/// A group of processes. Sums are added up in the order of the ranks, so they are the same bits on all
/// of them, however the numbers are divided among calls.
public protocol Collective: AnyObject, Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// The number of processes, n.
  var count: Int { get }

  /// Replaces this rank's part of the numbers, `part(of: values.count)`, by its sums over the ranks
  /// (reduce-scatter). The others stay as they are, or not.
  func reduce(_ values: UnsafeMutableBufferPointer<Float>)

  /// Replaces all parts of the numbers but this rank's own by those that the other ranks have (all-gather).
  func gather(_ values: UnsafeMutableBufferPointer<Float>)

  /// Copies the bytes of rank 0 to all others, which must have as many.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer)
}

extension Collective {
  /// Replaces the numbers on all ranks by their sums over the ranks (all-reduce).
  public func sum(_ values: UnsafeMutableBufferPointer<Float>) {
    reduce(values)
    gather(values)
  }

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

  /// The part of `total` numbers or rows that is this rank's. Parts differ by one at most.
  public func part(of total: Int) -> Range<Int> {
    total * rank / count..<total * (rank + 1) / count
  }

  /// This rank's part of `rows` rows that are computed together; the parts are of equal size.
  public func share(of rows: Int) -> Range<Int> {
    precondition(
      rows % count == 0, "\(count) ranks cannot share \(rows) rows equally")
    return part(of: rows)
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
  public func reduce(_ values: UnsafeMutableBufferPointer<Float>) {}

  /// Leaves the numbers as they are, which are all its own.
  public func gather(_ values: UnsafeMutableBufferPointer<Float>) {}

  /// Leaves the bytes as they are.
  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {}
}
