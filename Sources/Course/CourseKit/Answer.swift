import TensorCore

/// The result of a function under test, as numbers or texts that can be compared and stored.
public struct Answer: Equatable, Sendable {
  /// The sizes of the axes; empty for a single number and for texts.
  public var shape: [Int]
  /// The numbers, row by row.
  public var values: [Double]
  /// The texts, if the answer consists of texts.
  public var texts: [String]

  /// Numbers with a shape.
  public init(shape: [Int], _ values: [Double]) {
    self.shape = shape
    self.values = values
    texts = []
  }

  /// A row of numbers.
  public init(_ values: [Double]) { self.init(shape: [values.count], values) }

  /// A row of whole numbers.
  public init(_ values: [Int]) { self.init(values.map(Double.init)) }

  /// A single number.
  public init(_ value: Double) { self.init(shape: [], [value]) }

  /// A tensor's numbers and shape.
  public init(_ tensor: Tensor) {
    self.init(shape: tensor.shape, tensor.scalars.map(Double.init))
  }

  /// Whole numbers with a shape.
  public init(_ indices: IndexTensor) {
    self.init(shape: indices.shape, indices.values.map(Double.init))
  }

  /// Ones and zeros with a shape.
  public init(_ mask: Mask) { self.init(shape: mask.shape, mask.bytes.map(Double.init)) }

  /// A row of texts.
  public init(texts: [String]) {
    shape = []
    values = []
    self.texts = texts
  }

  /// The numbers of this answer without their shape.
  public var flat: Answer { texts.isEmpty ? Answer(values) : self }
}

extension Answer: ExpressibleByArrayLiteral {
  /// A row of numbers.
  public init(arrayLiteral values: Double...) { self.init(values) }
}

// MARK: - Storing

extension Answer: Codable {
  private enum Key: CodingKey { case shape, values, floats, texts }

  /// Reads an answer. Throws a `DecodingError` if the data is not one.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let texts = try container.decodeIfPresent([String].self, forKey: .texts) {
      self.init(texts: texts)
      return
    }
    let isSingle = container.contains(.floats)
    let numbers = try container.decode(String.self, forKey: isSingle ? .floats : .values)
      .split(separator: " ")
    let values = numbers.compactMap { isSingle ? Float($0).map(Double.init) : Double($0) }
    let shape = try container.decode([Int].self, forKey: .shape)
    guard values.count == numbers.count, shape.reduce(1, *) == values.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container,
        debugDescription: "\(numbers.count) values do not make an answer of shape \(shape)")
    }
    self.init(shape: shape, values)
  }

  /// Writes an answer, its numbers in one string: that is short, and JSON has no infinity.
  ///
  /// Throws an `EncodingError` if the encoder fails.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if !texts.isEmpty {
      try container.encode(texts, forKey: .texts)
      return
    }
    try container.encode(shape, forKey: .shape)
    // 32-bit numbers are written and read as such: with nine digits instead of seventeen.
    let isSingle = values.allSatisfy { $0.isNaN || Double(Float($0)) == $0 }
    try container.encode(
      values.map { Self.shortest($0, isSingle) }.joined(separator: " "),
      forKey: isSingle ? .floats : .values)
  }

  /// The fewest digits that read back as this number.
  private static func shortest(_ value: Double, _ isSingle: Bool) -> String {
    Int(exactly: value).map { "\($0)" } ?? (isSingle ? "\(Float(value))" : "\(value)")
  }
}
