// The innermost loops of sparse attention: products of one query with the keys that it sees, and
// sums of their values.
//
// The keys of a sequence lie in slots, in an order in which those of a query form a few runs of
// neighbours. Stored as [width, slots], eight keys of a run meet a component of the query in one
// multiply-add; stored as [slots, width], eight components of a value are summed at once.

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
  @inlinable public var rowStride: Int { (width + 7) / 8 * 8 }

  /// Runs are read up to this many values beyond their last one.
  @inlinable public static var overhang: Int { 24 }

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
        case ...8:
          var a = F8()
          for d in 0..<width { a = a.adding(from.load8(d * stride), times: F8(repeating: x[d])) }
          target.store8(i, a)
          i += 8
        case ...16:
          var (a, b) = (F8(), F8())
          for d in 0..<width {
            let factor = F8(repeating: x[d])
            a = a.adding(from.load8(d * stride), times: factor)
            b = b.adding(from.load8(d * stride + 8), times: factor)
          }
          target.store8(i, a)
          target.store8(i + 8, b)
          i += 16
        default:
          var (a, b, c) = (F8(), F8(), F8())
          for d in 0..<width {
            let factor = F8(repeating: x[d])
            a = a.adding(from.load8(d * stride), times: factor)
            b = b.adding(from.load8(d * stride + 8), times: factor)
            c = c.adding(from.load8(d * stride + 16), times: factor)
          }
          target.store8(i, a)
          target.store8(i + 8, b)
          target.store8(i + 16, c)
          i += 24
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
          sum = sum.adding(row.load8(d), times: x.load8(d))
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
    while d + 32 <= rowStride {
      mix32(runs, weights, rows: rows + d, into: y + d)
      d += 32
    }
    while d < rowStride {
      var a = F8()
      var weight = weights
      for run in runs {
        var row = rows + run.first * rowStride + d
        for _ in 0..<run.count {
          a = a.adding(row.load8(0), times: F8(repeating: weight[0]))
          weight += 1
          row += rowStride
        }
      }
      y.store8(d, a)
      d += 8
    }
  }

  /// 32 neighbouring components of `mix`, in four vectors.
  @inlinable @inline(__always)
  func mix32(
    _ runs: Runs, _ weights: UnsafePointer<Float>, rows: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    var (a, b, c, e) = (F8(), F8(), F8(), F8())
    var weight = weights
    for run in runs {
      var row = rows + run.first * rowStride
      for _ in 0..<run.count {
        let factor = F8(repeating: weight[0])
        a = a.adding(row.load8(0), times: factor)
        b = b.adding(row.load8(8), times: factor)
        c = c.adding(row.load8(16), times: factor)
        e = e.adding(row.load8(24), times: factor)
        weight += 1
        row += rowStride
      }
    }
    y.store8(0, a)
    y.store8(8, b)
    y.store8(16, c)
    y.store8(24, e)
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
        let factor = F8(repeating: weight[0])
        var d = 0
        while d < rowStride {
          row.store8(d, row.load8(d).adding(x.load8(d), times: factor))
          d += 8
        }
        weight += 1
        row += rowStride
      }
    }
  }
}
