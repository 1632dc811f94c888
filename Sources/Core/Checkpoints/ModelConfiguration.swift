import TensorCore

/// The sizes of a model, as a checkpoint keeps them.
public protocol ModelConfiguration: Codable {
  /// How many numbers a model of these sizes has. A `Double`, because a file from elsewhere may
  /// claim more than an `Int` holds.
  var parameterCount: Double { get }
  /// Why no model can have these sizes; nil if one can.
  var flaw: String? { get }
}

extension ModelConfiguration {
  /// Nothing: sizes that were decoded are possible ones.
  public var flaw: String? { nil }
}
