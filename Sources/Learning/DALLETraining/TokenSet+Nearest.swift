// Which picture of a training set a drawn one is most like.

import Checkpoints
import TensorCore

extension TokenSet {
  /// The first picture of those that have most codes in common with `codes` [N], each at its place, and how
  /// many these are.
  ///
  /// Throws a `CheckpointError` if the file cannot be read.
  public func nearest(to codes: [Int32]) throws(CheckpointError) -> (index: Int, equal: Int) {
    precondition(codes.count == rows * columns, "\(codes.count) codes for \(rows)×\(columns)")
    var best = (index: 0, equal: -1)
    for part in (0..<count).parts(of: 1024) {
      let others = try file.integers("codes", rows: part).values  // [n, N]
      for (i, index) in part.enumerated() {
        var equal = 0
        for place in codes.indices where others[i * codes.count + place] == codes[place] {
          equal += 1
        }
        if equal > best.equal { best = (index, equal) }
      }
    }
    return best
  }
}
