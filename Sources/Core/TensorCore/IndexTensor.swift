// Whole numbers with a shape, and taking rows of them.

/// Whole numbers with a shape: token ids, labels, places.
public struct IndexTensor: Equatable, Sendable {
  /// The sizes of the axes, for instance [B, T] for the token ids of B captions.
  public let shape: [Int]
  /// The numbers, row by row.
  public var values: [Int32]

  /// Whole numbers of `shape`, row by row.
  public init(shape: [Int], _ values: [Int32]) {
    precondition(
      shape.elementCount == values.count,
      "an index tensor of shape \(shape) has \(shape.elementCount) values, got \(values.count)")
    self.shape = shape
    self.values = values
  }

  /// A vector of whole numbers: [n].
  public init(_ values: [Int32]) { self.init(shape: [values.count], values) }

  /// Traps unless every value lies in 0 ..< bound.
  func check(below bound: Int, _ name: String) {
    if let place = values.firstIndex(where: { $0 < 0 || $0 >= bound }) {
      preconditionFailure("\(name) \(values[place]) at place \(place) is not in 0 ..< \(bound)")
    }
  }
}

extension IndexTensor {
  /// Neighbouring rows, which are the places along axis 0: [n, ...] → [range.count, ...].
  ///
  ///     IndexTensor(shape: [3, 2], [1, 2, 3, 4, 5, 6]).rows(1..<3)  // [2, 2]: 3, 4, 5, 6
  public func rows(_ range: Range<Int>) -> IndexTensor {
    checkRows(range.isEmpty ? [] : [range.lowerBound, range.upperBound - 1])
    return IndexTensor(
      shape: [range.count] + shape.dropFirst(),
      Array(values[range.lowerBound * rowSize..<range.upperBound * rowSize]))
  }

  /// The rows at `indices`, in their order; an index may occur twice: [n, ...] → [m, ...].
  ///
  ///     IndexTensor([10, 20, 30]).rows([2, 0, 2])  // [3]: 30, 10, 30
  public func rows(_ indices: some Collection<Int>) -> IndexTensor {
    checkRows(indices)
    return IndexTensor(
      shape: [indices.count] + shape.dropFirst(),
      indices.flatMap { values[$0 * rowSize..<($0 + 1) * rowSize] })
  }

  private var rowSize: Int { shape.dropFirst().reduce(1, *) }

  private func checkRows(_ indices: some Collection<Int>) {
    precondition(!shape.isEmpty, "a single number has no rows")
    for index in indices {
      precondition(
        index >= 0 && index < shape[0],
        "row \(index) does not lie in an index tensor of shape \(shape)")
    }
  }
}

/// Index tensors one after the other along axis 0: [n₁, ...], [n₂, ...], … → [n₁ + n₂ + …, ...].
public func concatenate(_ parts: [IndexTensor]) -> IndexTensor {
  precondition(!parts.isEmpty, "concatenate needs at least one index tensor")
  let row = parts[0].shape.dropFirst()
  precondition(
    parts.allSatisfy { !$0.shape.isEmpty && $0.shape.dropFirst() == row },
    "cannot concatenate index tensors of shapes \(parts.map { $0.shape }) along axis 0")
  return IndexTensor(
    shape: [parts.reduce(0) { $0 + $1.shape[0] }] + row, parts.flatMap { $0.values })
}
