import TensorCore

/// What the functions of the exercises take and return.
public protocol Transferable {
  /// This value as a message.
  var wire: Wire { get }
  /// The value of a message. Throws a `WireError` if it is of another type.
  init(wire: Wire) throws
}

/// The error of a value of another type.
private func unexpected(_ wire: Wire, _ wanted: Any.Type) -> WireError {
  WireError(description: "a \(wanted) was expected")
}

extension Int: Transferable {
  /// A whole number.
  public var wire: Wire { .integer(self) }
  /// Throws a `WireError` if the message is no whole number.
  public init(wire: Wire) throws {
    guard case .integer(let value) = wire else { throw unexpected(wire, Self.self) }
    self = value
  }
}

extension Bool: Transferable {
  /// 0 or 1.
  public var wire: Wire { .integer(self ? 1 : 0) }
  /// Throws a `WireError` if the message is neither 0 nor 1.
  public init(wire: Wire) throws {
    guard case .integer(let value) = wire, 0...1 ~= value else {
      throw unexpected(wire, Self.self)
    }
    self = value == 1
  }
}

extension Int32: Transferable {
  /// A whole number.
  public var wire: Wire { .integer(Int(self)) }
  /// Throws a `WireError` if the message is no whole number of 32 bits.
  public init(wire: Wire) throws {
    guard case .integer(let value) = wire, let exact = Int32(exactly: value) else {
      throw unexpected(wire, Self.self)
    }
    self = exact
  }
}

extension Double: Transferable {
  /// A number.
  public var wire: Wire { .number(self) }
  /// Throws a `WireError` if the message is no number.
  public init(wire: Wire) throws {
    guard case .number(let value) = wire else { throw unexpected(wire, Self.self) }
    self = value
  }
}

extension Float: Transferable {
  /// A number.
  public var wire: Wire { .number(Double(self)) }
  /// Throws a `WireError` if the message is no number.
  public init(wire: Wire) throws { self = Float(try Double(wire: wire)) }
}

extension String: Transferable {
  /// A text.
  public var wire: Wire { .text(self) }
  /// Throws a `WireError` if the message is no text.
  public init(wire: Wire) throws {
    guard case .text(let value) = wire else { throw unexpected(wire, Self.self) }
    self = value
  }
}

extension Tensor: Transferable {
  /// Sizes and numbers.
  public var wire: Wire { .tensor(shape, scalars, requiresGradient: requiresGradient) }
  /// A tensor without history, which collects gradients if they are wanted. Throws a `WireError` if
  /// the message is no tensor.
  public init(wire: Wire) throws {
    guard case .tensor(let shape, let values, let requiresGradient) = wire else {
      throw unexpected(wire, Self.self)
    }
    let tensor = Tensor(shape: shape, values)
    self = requiresGradient ? tensor.requiringGradient() : tensor
  }
}

extension IndexTensor: Transferable {
  /// Sizes and numbers.
  public var wire: Wire { .indices(shape, values) }
  /// Throws a `WireError` if the message is no index tensor.
  public init(wire: Wire) throws {
    guard case .indices(let shape, let values) = wire else { throw unexpected(wire, Self.self) }
    self.init(shape: shape, values)
  }
}

extension Mask: Transferable {
  /// Sizes and bytes.
  public var wire: Wire { .mask(shape, bytes) }
  /// Throws a `WireError` if the message is no mask.
  public init(wire: Wire) throws {
    guard case .mask(let shape, let bytes) = wire else { throw unexpected(wire, Self.self) }
    self.init(shape: shape, bytes)
  }
}

extension Array: Transferable where Element: Transferable {
  /// The elements.
  public var wire: Wire { .list(map(\.wire)) }
  /// Throws a `WireError` if the message is no list, or an element of another type.
  public init(wire: Wire) throws {
    guard case .list(let values) = wire else { throw unexpected(wire, Self.self) }
    self = try values.map { try Element(wire: $0) }
  }
}

extension Optional: Transferable where Wrapped: Transferable {
  /// The value, if there is one.
  public var wire: Wire { self?.wire ?? .none }
  /// Throws a `WireError` if the message is a value of another type.
  public init(wire: Wire) throws {
    self = wire == .none ? nil : try Wrapped(wire: wire)
  }
}
