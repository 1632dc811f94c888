// Which positions an image token may look back at (DALL·E, appendix B.1 and figure 11).

import TensorCore

/// Which image tokens an image token may attend to. It always sees itself, and never a later one.
public enum AttentionKind: Hashable, Sendable {
  /// All before it.
  case full
  /// The last `columns` before it, across the ends of rows: a window that reaches back to the token
  /// right above.
  case row
  /// Those in its own column.
  case column
  /// Those before it in a square of kernel × kernel places around it.
  case convolution(kernel: Int, Borders)
  /// Those in its own row only: dalle_pytorch's `axial_row`.
  case sameRow
  /// A square of kernel × kernel places whose lower right corner it is: dalle_pytorch's
  /// `conv_like`.
  case upperLeft(kernel: Int)

  /// How a window continues past the left or right edge of the picture.
  public enum Borders: Hashable, Sendable {
    /// In the row above or below: a window of raster offsets (the paper).
    case raster
    /// Not at all: it ends there (ruDALL-E from version 3 on).
    case clipped
    /// At the other end of the same row, and past the bottom in the first rows (ruDALL-E's
    /// version 2).
    case wrapped
  }
}

/// An attention mask over a stream of text and image tokens.
///
/// Text tokens see the text up to themselves; image tokens see all text, and of the image what
/// `kind` allows. The mask is not stored as a table: `allows` answers for one pair, `keys` lists
/// what a kernel visits, and `mask` is the whole table, for tests and figures.
public struct AttentionPattern: Hashable, Sendable {
  /// Which image tokens an image token sees.
  public let kind: AttentionKind
  /// The number of text positions, which come first.
  public let text: Int
  /// The grid of image tokens.
  public let rows, columns: Int
  /// The number of all positions: text, then image tokens in raster order, of which the last ones
  /// may be left out.
  public let positions: Int

  /// A pattern; `positions` defaults to the text and the whole grid.
  public init(_ kind: AttentionKind, text: Int, rows: Int, columns: Int, positions: Int? = nil) {
    let positions = positions ?? text + rows * columns
    precondition(
      text >= 0 && rows > 0 && columns > 0 && (text...text + rows * columns).contains(positions),
      "a stream of \(positions) positions is not \(text) of text and up to \(rows)×\(columns)")
    self.kind = kind
    self.text = text
    self.rows = rows
    self.columns = columns
    self.positions = positions
  }

  /// Whether position `query` sees position `key`.
  public func allows(_ query: Int, _ key: Int) -> Bool {
    if key > query { return false }
    if key < text { return true }
    let (q, k) = (query - text, key - text)  // places in the grid, q ≥ k
    let down = q / columns - k / columns
    let right = q % columns - k % columns
    switch kind {
    case .full: return true
    case .row: return q - k <= columns
    case .column: return right == 0
    case .sameRow: return down == 0
    case .upperLeft(let kernel): return down < kernel && (0..<kernel).contains(right)
    case .convolution(let kernel, let borders):
      let reach = kernel / 2
      switch borders {
      case .clipped: return down <= reach && abs(right) <= reach
      case .wrapped:
        return min(down, rows - down) <= reach && min(abs(right), columns - abs(right)) <= reach
      case .raster:
        // q - k = columns · rise + shift, with a rise of at most `reach` and a shift either way.
        let rise = min(reach, (q - k + reach) / columns)
        return abs(q - k - columns * rise) <= reach
      }
    }
  }

  /// 1 where a query may see a key, [positions, positions].
  public var mask: Mask {
    Mask(
      shape: [positions, positions],
      (0..<positions).flatMap { query in
        (0..<positions).map { allows(query, $0) ? UInt8(1) : 0 }
      })
  }

  /// The keys that the kernel visits for each query. They are stored in raster order, or column by
  /// column for `.column`, so that those of a query are a few runs of neighbours.
  public var keys: SparseKeys {
    let grid = positions - text
    let places =
      kind == .column
      ? (0..<columns).flatMap { Array(stride(from: $0, to: grid, by: columns)) } : Array(0..<grid)
    let order = Array(0..<text) + places.map { $0 + text }
    let runs = (0..<positions).map { query -> [KeyRun] in
      var runs: [KeyRun] = []
      for (slot, key) in order.enumerated() where allows(query, key) {
        if let last = runs.last, last.first + last.count == slot {
          runs[runs.count - 1].count += 1
        } else {
          runs.append(KeyRun(slot, 1))
        }
      }
      return runs
    }
    return SparseKeys(order: order, runs: runs)
  }

  /// The number of image tokens that an image token sees, itself included: the mean over the grid.
  public var meanImageKeys: Double {
    let queries = text..<positions
    let pairs = queries.reduce(0) { sum, query in
      sum + (text...query).count { allows(query, $0) }
    }
    return Double(pairs) / Double(max(queries.count, 1))
  }
}
