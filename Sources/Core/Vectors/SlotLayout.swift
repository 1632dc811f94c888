// The innermost loops of sparse attention: products of one query with the keys that it sees, and
// sums of their values.
//
// The keys of a sequence lie in slots, in an order in which those of a query form a few runs of
// neighbours. Stored as [width, slots], sixteen keys of a run meet a component of the query in one
// multiply-add; stored as [slots, width], sixteen components of a value are summed at once.

/// Keys `first ..< first + count` of an order.
@frozen
public struct KeyRun: Equatable, Sendable {
  /// The first slot.
  public var first: Int
  /// How many slots.
  public var count: Int

  /// Some neighbouring slots.
  @inlinable
  public init(_ first: Int, _ count: Int) {
    self.first = first
    self.count = count
  }
}

/// The runs of one query.
public typealias Runs = Slice<UnsafeMutableBufferPointer<KeyRun>>

/// How many keys some runs hold.
@inlinable @inline(__always)
public func keyCount(_ runs: some Collection<KeyRun>) -> Int { runs.reduce(0) { $0 + $1.count } }

/// How the keys and values of one head lie in slots: [width, slots] for scores, [slots, width] for
/// sums.
@frozen
public struct SlotLayout {
  /// How far apart the components of a key are.
  public let stride: Int
  /// Components of a key or value, without padding.
  public let width: Int
  /// How far apart values are.
  @inlinable public var rowStride: Int { (width + 15) / 16 * 16 }

  /// Runs are read up to this many values beyond their last one.
  @inlinable public static var overhang: Int { 48 }

  /// The layout of keys and values of some width.
  @inlinable
  public init(slots: Int, width: Int) {
    stride = slots + SlotLayout.overhang
    self.width = width
  }

  /// Floats in the part for scores.
  @inlinable public var columnCount: Int { stride * width }
  /// Floats in the part for sums.
  @inlinable public var rowCount: Int { (stride - SlotLayout.overhang) * rowStride }

  /// Puts a vector into a slot of [width, slots].
  @inlinable @inline(__always)
  public func put(column x: UnsafePointer<Float>, _ slot: Int, _ to: UnsafeMutablePointer<Float>) {
    for d in 0..<width { to[d * stride + slot] = x[d] }
  }

  /// Puts a vector into a slot of [slots, width].
  @inlinable @inline(__always)
  public func put(row x: UnsafePointer<Float>, _ slot: Int, _ to: UnsafeMutablePointer<Float>) {
    (to + slot * rowStride).update(from: x, count: width)
  }
}

// MARK: - Scores

extension SlotLayout {
  /// scores[n] = x · key for the keys of all runs, stored as [width, slots]; writes up to
  /// `overhang` values more.
  @inlinable @inline(__always)
  public func score(
    _ runs: Runs, _ x: UnsafePointer<Float>, columns: UnsafePointer<Float>,
    into scores: UnsafeMutablePointer<Float>
  ) {
    var target = scores
    for run in runs {
      var i = 0
      while i < run.count {
        let from = columns + run.first + i
        switch run.count - i {
        case ...16:
          var a = F16()
          for d in 0..<width { a = a.adding(from.load16(d * stride), times: F16(repeating: x[d])) }
          target.store16(i, a)
          i += 16
        case ...32:
          var (a, b) = (F16(), F16())
          for d in 0..<width {
            let factor = F16(repeating: x[d])
            a = a.adding(from.load16(d * stride), times: factor)
            b = b.adding(from.load16(d * stride + 16), times: factor)
          }
          target.store16(i, a)
          target.store16(i + 16, b)
          i += 32
        default:
          var (a, b, c) = (F16(), F16(), F16())
          for d in 0..<width {
            let factor = F16(repeating: x[d])
            a = a.adding(from.load16(d * stride), times: factor)
            b = b.adding(from.load16(d * stride + 16), times: factor)
            c = c.adding(from.load16(d * stride + 32), times: factor)
          }
          target.store16(i, a)
          target.store16(i + 16, b)
          target.store16(i + 32, c)
          i += 48
        }
      }
      target += run.count
    }
  }

  /// The same for keys stored as [slots, width], which suits a single query: all components of a
  /// run lie together, so that memory is read in one go.
  @inlinable @inline(__always)
  public func score(
    _ runs: Runs, _ x: UnsafePointer<Float>, rows: UnsafePointer<Float>,
    into scores: UnsafeMutablePointer<Float>
  ) {
    var score = scores
    for run in runs {
      var row = rows + run.first * rowStride
      for _ in 0..<run.count {
        var sum = F8()
        var d = 0
        while d < rowStride {
          sum = sum.addingProduct(row.load8(d), x.load8(d))
          d += 8
        }
        score[0] = horizontalSum(sum)
        score += 1
        row += rowStride
      }
    }
  }
}

// MARK: - Sums

extension SlotLayout {
  /// y = Σ weight · row over all runs; y has `rowStride` values.
  @inlinable @inline(__always)
  public func mix(
    _ runs: Runs, _ weights: UnsafePointer<Float>, rows: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    var d = 0
    while d < rowStride {
      let isPair = d + 32 <= rowStride
      var (a, b) = (F16(), F16())
      var weight = weights
      for run in runs {
        var row = rows + run.first * rowStride + d
        for _ in 0..<run.count {
          let factor = F16(repeating: weight[0])
          a = a.adding(row.load16(0), times: factor)
          if isPair { b = b.adding(row.load16(16), times: factor) }
          weight += 1
          row += rowStride
        }
      }
      y.store16(d, a)
      if isPair { y.store16(d + 16, b) }
      d += 32
    }
  }

  /// row += weight · x over all runs.
  @inlinable @inline(__always)
  public func spread(
    _ runs: Runs, _ weights: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    into rows: UnsafeMutablePointer<Float>
  ) {
    var weight = weights
    for run in runs {
      var row = rows + run.first * rowStride
      for _ in 0..<run.count {
        let factor = F16(repeating: weight[0])
        var d = 0
        while d < rowStride {
          row.store16(d, row.load16(d).adding(x.load16(d), times: factor))
          d += 16
        }
        weight += 1
        row += rowStride
      }
    }
  }
}
