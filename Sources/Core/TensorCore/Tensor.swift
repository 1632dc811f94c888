import CSupport
import Kernels

/// An array of 32-bit floats with a shape, row by row, and, when gradients are wanted, with the
/// history of how it was made.
///
/// A tensor is a small value; its copies share their numbers. Operations make new tensors and
/// never change their inputs. The one exception is a parameter, whose numbers an optimiser
/// replaces through `update`.
///
///     let x = Tensor([[1, 2], [3, 4]])                    // [2, 2]
///     let w = Tensor([[1, 0], [1, 1]]).requiringGradient()
///     let y = matmul(x, w).square().sum()                 // []
///     y.backward()
///     print(w.gradient!)
public struct Tensor: @unchecked Sendable {
  package internal(set) var storage: Storage
  /// The sizes of the axes; empty for a single number.
  public let shape: [Int]
  /// Where gradients arrive; nil for a constant.
  var node: Node?

  /// Memory for a result; every operation fills it whole.
  init(uninitialized shape: [Int]) {
    storage = Storage(shape.elementCount)
    self.shape = shape
  }

  init(storage: Storage, shape: [Int]) {
    self.storage = storage
    self.shape = shape
  }
}

/// The memory of a tensor, freed with the last tensor that uses it.
package final class Storage {
  private(set) var pointer: UnsafeMutablePointer<Float>
  let count: Int
  /// False while the numbers are elsewhere: they must not be read, and `update` must fill all later.
  package var isHeld = true {
    didSet {
      if isHeld == oldValue { return }
      if isHeld { pointer = Memory.allocate(count) } else { Memory.free(pointer, count) }
    }
  }

  init(_ count: Int) {
    self.count = count
    pointer = Memory.allocate(count)
  }

  deinit { if isHeld { Memory.free(pointer, count) } }
}

// MARK: - Making tensors

extension Tensor {
  /// A tensor of `shape` from its values, row by row.
  public init(shape: [Int], _ scalars: [Float]) {
    precondition(
      shape.allSatisfy { $0 >= 0 } && shape.elementCount == scalars.count,
      "a tensor of shape \(shape) has \(shape.elementCount) values, got \(scalars.count)")
    self.init(uninitialized: shape)
    scalars.withUnsafeBufferPointer {
      if let base = $0.baseAddress { pointer.update(from: base, count: scalars.count) }
    }
  }

  /// A single number: shape [].
  public init(_ scalar: Float) { self.init(shape: [], [scalar]) }

  /// A vector: [n].
  public init(_ scalars: [Float]) { self.init(shape: [scalars.count], scalars) }

  /// A matrix from its rows, which must be equally long: [rows, columns].
  public init(_ rows: [[Float]]) {
    let columns = rows.first?.count ?? 0
    precondition(
      rows.allSatisfy { $0.count == columns },
      "the rows of a matrix are equally long, got lengths \(rows.map { $0.count })")
    self.init(shape: [rows.count, columns], rows.flatMap { $0 })
  }

  /// A tensor filled with one value.
  public init(repeating value: Float, shape: [Int]) {
    precondition(shape.allSatisfy { $0 >= 0 }, "a shape has no negative size, got \(shape)")
    self.init(uninitialized: shape)
    fill(count, pointer, with: value)
  }

  /// A tensor filled with 0.
  public static func zeros(_ shape: [Int]) -> Tensor { Tensor(repeating: 0, shape: shape) }

  /// A tensor filled with 1.
  public static func ones(_ shape: [Int]) -> Tensor { Tensor(repeating: 1, shape: shape) }

  /// Independent draws from the normal distribution.
  public static func normal(
    _ shape: [Int], mean: Float = 0, deviation: Float = 1, _ random: inout Random
  ) -> Tensor {
    Tensor(shape: shape, (0..<shape.elementCount).map { _ in mean + deviation * random.normal() })
  }

  /// Independent draws from the uniform distribution on `low ..< high`.
  public static func uniform(
    _ shape: [Int], _ low: Float, _ high: Float, _ random: inout Random
  ) -> Tensor {
    Tensor(shape: shape, (0..<shape.elementCount).map { _ in random.uniform(low, high) })
  }

  /// Independent draws from the standard Gumbel distribution.
  public static func gumbel(_ shape: [Int], _ random: inout Random) -> Tensor {
    // -ln(-ln u) with u in the middle of one of 2²³ intervals: exact, and never 0 or 1.
    let result = Tensor(uninitialized: shape)
    let values = UnsafeMutableBufferPointer(start: result.pointer, count: result.count)
    random.fill(values) {
      (Float($0 >> 9) + 0.5) * 0x1p-23
    } finally: { n, x in
      for _ in 0..<2 {
        apply(.log, n, x, x)
        Kernels.affine(n, x, scale: -1, offset: 0, x)
      }
    }
    return result
  }
}

// MARK: - Reading tensors

extension Tensor {
  /// What tells the memory of this tensor from that of others, while it is in use.
  package var memoryIdentity: ObjectIdentifier { ObjectIdentifier(storage) }

  /// How many numbers there are.
  public var count: Int { storage.count }

  /// How many axes there are.
  public var rank: Int { shape.count }

  /// A copy of the numbers, row by row.
  public var scalars: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// The only number of a tensor that has one: of shape [], [1], [1, 1], …
  public var item: Float {
    precondition(count == 1, "item is for tensors of one value, this one has shape \(shape)")
    return pointer[0]
  }

  /// The value at one place, which has an index for every axis.
  public subscript(place: Int...) -> Float {
    precondition(
      place.count == rank && zip(place, shape).allSatisfy { $0 >= 0 && $0 < $1 },
      "index \(place) does not lie in a tensor of shape \(shape)")
    return pointer[zip(place, shape.rowMajorStrides).reduce(0) { $0 + $1.0 * $1.1 }]
  }

  /// Calls `body` with the numbers, row by row, without copying them.
  ///
  /// Throws what `body` throws.
  public func withScalars<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows
    -> Result
  {
    try body(UnsafeBufferPointer(start: pointer, count: count))
  }

  /// Calls `body` with the numbers of a constant or a parameter, to be changed in place; all
  /// copies of the tensor change with it.
  ///
  /// Throws what `body` throws.
  public func update(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    precondition(
      node?.isLeaf ?? true,
      "only constants and parameters can be changed in place, this tensor of shape \(shape) "
        + "is a result with a history")
    try body(UnsafeMutableBufferPointer(start: pointer, count: count))
  }

  /// Copies the numbers of another tensor of the same shape into this one.
  public func assign(_ other: Tensor) {
    precondition(shape == other.shape, "cannot assign shape \(other.shape) to shape \(shape)")
    update { $0.baseAddress!.update(from: other.pointer, count: count) }
  }

  /// The place, counted row by row, of the first NaN or infinite value; nil if all are finite.
  public var firstNonFiniteIndex: Int? { firstNonFinite(count, pointer) }

  /// Traps with a sentence unless the shape is `expected`, where nil allows any size.
  @discardableResult
  public func expect(_ expected: Int?..., name: String = "tensor") -> Tensor {
    let matches = expected.count == rank && zip(expected, shape).allSatisfy { $0 ?? $1 == $1 }
    precondition(
      matches,
      "\(name): expected shape [\(expected.map { $0.map(String.init) ?? "any" }.joined(separator: ", "))]"
        + ", got \(shape)")
    return self
  }

  var pointer: UnsafeMutablePointer<Float> {
    precondition(storage.isHeld, "the numbers of this tensor of shape \(shape) are elsewhere now")
    return storage.pointer
  }

  /// `axis`, counted from the end when negative, as a number in 0 ..< rank.
  func resolve(_ axis: Int) -> Int {
    let resolved = axis < 0 ? axis + rank : axis
    precondition(
      resolved >= 0 && resolved < rank, "axis \(axis) does not exist in a tensor of shape \(shape)")
    return resolved
  }

  /// The sizes before, at and after an axis, to see the tensor as [outer, n, inner].
  func split(at axis: Int) -> (outer: Int, n: Int, inner: Int) {
    (
      shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *)
    )
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the numbers, rounded to four digits; long axes show their ends.
  public var description: String {
    func show(_ axis: Int, _ offset: Int) -> String {
      guard axis < rank else { return format(pointer[offset]) }
      let stride = shape[(axis + 1)...].reduce(1, *)
      let n = shape[axis]
      let indices: [Int?] = n <= 8 ? (0..<n).map { $0 } : [0, 1, 2, nil, n - 3, n - 2, n - 1]
      let parts = indices.map { $0.map { show(axis + 1, offset + $0 * stride) } ?? "…" }
      let separator = axis == rank - 1 ? ", " : ",\n" + String(repeating: " ", count: axis + 1)
      return "[" + parts.joined(separator: separator) + "]"
    }
    return count == 0 ? "Tensor \(shape)" : "Tensor \(shape)\n" + show(0, 0)
  }
}

extension [Int] {
  /// The number of values in a tensor of this shape.
  var elementCount: Int { reduce(1, *) }

  /// How far apart neighbours along each axis lie.
  var rowMajorStrides: [Int] {
    var strides = self
    var step = 1
    for axis in indices.reversed() {
      strides[axis] = step
      step *= self[axis]
    }
    return strides
  }
}
