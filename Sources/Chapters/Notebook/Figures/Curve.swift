/// Values at some steps, as a cell keeps them of a training run.
public struct Curve: Codable, Sendable {
  /// The steps, from 1 on.
  public let steps: [Int]
  /// The value at each of them.
  public let values: [Float]

  /// As many values as steps.
  public init(steps: [Int], values: [Float]) { (self.steps, self.values) = (steps, values) }

  /// What a run has logged; its first step is number `first`.
  public init(_ logged: [(step: Int, value: Float)], first: Int = 1) {
    self.init(steps: logged.map { $0.step + first }, values: logged.map(\.value))
  }

  /// The curve with its sign changed.
  public var negated: Curve { Curve(steps: steps, values: values.map { -$0 }) }
}

extension Mark {
  /// A curve over steps.
  public static func line(_ name: String, _ curve: Curve) -> Mark {
    .line(name, x: curve.steps.map(Double.init), curve.values)
  }
}
