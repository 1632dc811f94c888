import TensorCore

/// A caption and the codes after it, as a decoder reads them: with a model small enough to write
/// down in place of a transformer. It knows three things about the next code, and adds up what
/// each says.
public struct CodeStream: Sendable {
  /// [K + 1, K]: the logits after each code, and in the last row those after the caption.
  public let pairs: Tensor
  /// [K + 1, K]: the logits below each code, and in the last row those of the uppermost row.
  public let columns: Tensor
  /// [n, n, K]: the logits at each place.
  public let places: Tensor
  /// The codes so far.
  public private(set) var codes: [Int32]

  /// A stream that has read the caption and these codes.
  public init(pairs: Tensor, columns: Tensor, places: Tensor, codes: [Int32] = []) {
    (self.pairs, self.columns, self.places, self.codes) = (pairs, columns, places, [])
    add(codes)
  }

  /// The logits of the code that comes next, [K]; zeros if the picture has all of its n² codes.
  public var logits: Tensor {
    let (n, k) = (places.shape[1], places.shape[2])
    let (place, none) = (codes.count, Int32(k))
    if place >= n * n { return .zeros([k]) }
    let left = Int(codes.last ?? none)
    let above = Int(place < n ? none : codes[place - n])
    return pairs.at(left, axis: 0) + columns.at(above, axis: 0)
      + places.at(place / n, axis: 0).at(place % n, axis: 0)
  }

  /// Reads one code or several, in this order.
  public mutating func add(_ codes: [Int32]) {
    let k = places.shape[2]
    if let stranger = codes.first(where: { !(0..<Int32(k)).contains($0) }) {
      preconditionFailure("codes are 0 to \(k - 1), got \(stranger)")
    }
    self.codes += codes
  }
}
