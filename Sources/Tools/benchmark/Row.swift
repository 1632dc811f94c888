// A row of the table: what is timed. Each has the same name and does the same work as its twin in
// peers/peer.py: results are allocated, not written into given memory, and a backward row builds its
// history and clears its gradients.

import TensorCore

/// A piece of work, ready to be run again and again.
struct Row {
  let name: String
  /// Floating-point operations of one run (see `Work`); nil for work that is not products.
  var operations: Double?
  /// The precisions in which it is timed.
  var precisions: [Precision] = [.f32]
  /// The tokens that one run learns from, where the row says tokens a second.
  var tokens: Int?
  /// The loss of the first run, where the row checks it.
  var firstLoss: FirstLoss?
  let prepare: () -> () -> Void

  static var all: [Row] {
    largeProducts + smallProducts + elementwise + optimizer + convolutions + attentions + layers
      + drawing + trainingSteps
  }

  /// The rows that the names in `wanted` choose, all if there are none. A whole name means that row
  /// alone, any other text all rows whose names contain it.
  ///
  /// Throws an `UnknownRow` for a text that is in no name.
  static func chosen(_ wanted: [String], among rows: [Row] = all) throws(UnknownRow) -> [Row] {
    for text in wanted where !rows.contains(where: { $0.name.contains(text) }) {
      throw UnknownRow(text: text, names: rows.map(\.name))
    }
    return rows.filter { row in
      wanted.isEmpty
        || wanted.contains { text in
          row.name == text
            || (row.name.contains(text) && !rows.contains { $0.name == text })
        }
    }
  }
}

/// A text that chooses no row.
struct UnknownRow: Error, CustomStringConvertible {
  let text: String
  let names: [String]

  var description: String {
    "no row has \"\(text)\" in its name; the rows are \(names.map { "\"\($0)\"" }.joined(separator: ", "))"
  }
}

/// The loss of the first run of a row, and what a model that knows nothing should have.
final class FirstLoss {
  var value: Float?
  /// ln V for V equally likely tokens.
  let expected: Float

  init(expected: Float) { self.expected = expected }

  /// Keeps the first loss that it is given.
  func note(_ loss: Tensor) { if value == nil { value = loss.item } }
}

extension Tensor {
  /// Numbers between -1 and 1, the same for the same seed.
  static func random(_ shape: [Int], _ seed: UInt64 = 1) -> Tensor {
    var random = Random(seed: seed)
    return .uniform(shape, -1, 1, &random)
  }
}
