// The name of an activation in a configuration.

extension Activation {
  /// Reads any of the names that `init(name:)` knows.
  ///
  /// Throws a `DecodingError` that lists them if it is another.
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let known = Self(name: name) else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: "the activation \(name.debugDescription) is not supported; known are "
            + "gelu, gelu_new, gelu_pytorch_tanh, gelu_fast and quick_gelu"))
    }
    self = known
  }
}
