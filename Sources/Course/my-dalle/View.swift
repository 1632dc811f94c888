// Which tokens the tokens of a layer see: exercises 4.2, 4.3 and 4.4.

import CourseKit
import DALLE
import TensorCore

/// Which token (row) may attend to which (column), once as a table and once as runs of neighbours.
struct View {
  /// [positions, positions]
  let mask: Mask
  /// What the package's kernel visits.
  let keys: SparseKeys

  /// What layers of a kind see: exercises 4.2, 4.3 and 4.4.
  init(_ pattern: AttentionPattern, _ keys: SparseKeys, _ steps: Steps) {
    let (t, n) = (pattern.text, pattern.columns)
    let chapter4 = steps.yours.chapter4
    let reference = pattern.mask
    func mask(_ exercise: String, _ yours: () throws -> Mask) -> Mask {
      let whole = t + n * n
      let mask = steps.take(
        exercise, yours, misfit: { Self.misfit($0, whole) }, else: { reference })
      // The last image token is never read, so it has no row and no column here.
      let size = pattern.positions
      return mask.shape[0] == size ? mask : Self.corner(mask, size)
    }
    switch pattern.kind {
    case .row where pattern.rows == n:
      self.mask = mask("4.2") { try chapter4.rowMask(text: t, grid: n) }
    case .column where pattern.rows == n:
      self.mask = mask("4.3") { try chapter4.columnMask(text: t, grid: n) }
    case .convolution(let kernel, .raster) where pattern.rows == n:
      self.mask = mask("4.4") { try chapter4.convolutionMask(text: t, grid: n, kernel: kernel) }
    default: self.mask = reference
    }
    self.keys = self.mask == reference ? keys : Self.runs(self.mask)
  }

  /// The first `size` rows and columns.
  private static func corner(_ mask: Mask, _ size: Int) -> Mask {
    let width = mask.shape[1]
    return Mask(
      shape: [size, size], (0..<size).flatMap { mask.bytes[$0 * width..<$0 * width + size] })
  }

  /// The keys of each query, in the order of the stream.
  private static func runs(_ mask: Mask) -> SparseKeys {
    let size = mask.shape[0]
    let runs = (0..<size).map { query -> [KeyRun] in
      var runs: [KeyRun] = []
      for key in 0...query where mask.bytes[query * size + key] != 0 {
        if let last = runs.last, last.first + last.count == key {
          runs[runs.count - 1].count += 1
        } else {
          runs.append(KeyRun(key, 1))
        }
      }
      return runs
    }
    return SparseKeys(order: Array(0..<size), runs: runs)
  }

  /// Why a mask cannot be used; nil if it can.
  private static func misfit(_ mask: Mask, _ size: Int) -> String? {
    if mask.shape != [size, size] { return "its shape \(mask.shape) is not \([size, size])" }
    for query in 0..<size {
      let row = mask.bytes[query * size..<(query + 1) * size]
      if row[query * size + query] == 0 { return "token \(query) does not see itself" }
      if row.dropFirst(query + 1).contains(where: { $0 != 0 }) {
        return "token \(query) sees what comes later"
      }
    }
    return nil
  }
}
