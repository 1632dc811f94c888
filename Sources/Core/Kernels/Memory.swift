// Memory for tensors. A training step asks for the same sizes again and again, and the first
// touch of a fresh page costs about 35 times a reused one, so big blocks go back to a list by
// size class instead of to the system.

import CSupport
import Synchronization

/// Where the memory of tensors comes from.
public enum Memory {
  /// Blocks of at least this many bytes are kept for reuse; smaller ones are malloc's.
  static let smallestPooled = 32 << 10

  /// Whether fresh memory is filled with NaN, so that what a kernel forgets to write shows in its
  /// result: `make check` runs the core's tests so, with NAN_MEMORY=1 in the environment.
  static let isFilled = getenv("NAN_MEMORY").map { String(cString: $0) } == "1"

  /// Uninitialised room for `count` floats. Give it back with `free` and the same count.
  public static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let pointer: UnsafeMutablePointer<Float>
    if bytes < smallestPooled {
      guard let block = malloc(bytes) else { support_exit_without_memory(bytes) }
      pointer = block.assumingMemoryBound(to: Float.self)
    } else {
      pointer = UnsafeMutablePointer(bitPattern: blocks.withLock { $0.take(bytes) })!
    }
    if isFilled { pointer.update(repeating: .nan, count: max(count, 1)) }
    return pointer
  }

  /// Takes back what `allocate` gave, for the same `count`.
  public static func free(_ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    if bytes < smallestPooled {
      CSupport.free(pointer)
    } else {
      let address = UInt(bitPattern: pointer)
      blocks.withLock { $0.give(address, bytes) }
    }
  }

  /// Gives all unused blocks back to the system.
  public static func trim() {
    blocks.withLock { $0.trim() }
  }

  /// Bytes in big blocks: those in use and those kept for reuse.
  public static var statistics: (live: Int, kept: Int) {
    blocks.withLock { ($0.live, $0.kept) }
  }

  private static let blocks = Mutex(Blocks())
}

/// Free blocks, by their address, in size classes. There are four classes per power of two, so that
/// at most a quarter of a block is wasted.
private struct Blocks: ~Copyable {
  var free: [[UInt]] = Array(repeating: [], count: 4 * 64)
  var live = 0
  var kept = 0

  /// The class of `bytes` and the size that its blocks have.
  static func sizeClass(_ bytes: Int) -> (index: Int, size: Int) {
    let exponent = Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount  // 2^exponent < bytes
    let quarter = 1 << (exponent - 2)
    let step = (bytes - 1 - (1 << exponent)) / quarter  // 0...3
    return (4 * exponent + step, (1 << exponent) + (step + 1) * quarter)
  }

  mutating func take(_ bytes: Int) -> UInt {
    let (index, size) = Self.sizeClass(bytes)
    live += size
    if let block = free[index].popLast() {
      kept -= size
      return block
    }
    // What is kept does not fit. When that is more than all that is in use, let it go.
    if kept > live + (64 << 20) { trim() }
    if let block = support_allocate_large(size) { return UInt(bitPattern: block) }
    trim()
    guard let block = support_allocate_large(size) else { support_exit_without_memory(size) }
    return UInt(bitPattern: block)
  }

  mutating func give(_ block: UInt, _ bytes: Int) {
    let (index, size) = Self.sizeClass(bytes)
    free[index].append(block)
    live -= size
    kept += size
  }

  mutating func trim() {
    for index in free.indices {
      for block in free[index] { CSupport.free(UnsafeMutableRawPointer(bitPattern: block)) }
      free[index].removeAll()
    }
    kept = 0
  }
}
