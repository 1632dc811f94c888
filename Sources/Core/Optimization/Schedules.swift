import Foundation

/// A number that changes with the step: a learning rate, a temperature, a weight.
public indirect enum Schedule: Codable, Equatable, Sendable {
  /// The same number at every step.
  case constant(Double)
  /// From one number to another in a straight line over `steps` steps, then constant.
  case linear(from: Double, to: Double, steps: Int)
  /// From one number to another along half a cosine over `steps` steps, then constant.
  case cosine(from: Double, to: Double, steps: Int)
  /// from · factorⁿ after n steps.
  case exponential(from: Double, factor: Double)
  /// A factor that rises from 0 to 1 over `steps` steps, times the schedule, which begins
  /// when the rise ends.
  case warmUp(steps: Int, then: Schedule)

  /// A learning rate for a run of `steps` steps: it rises to `rate` in a straight line, for
  /// `rise` steps or a fifth of all if that is less, then falls to `rate` / `fall` along half a
  /// cosine.
  public static func riseAndFall(
    to rate: Float, steps: Int, rise: Int = 200, fall: Double = 100
  ) -> Schedule {
    let rise = min(rise, steps / 5)
    let rate = Double(rate)
    return .warmUp(
      steps: rise, then: .cosine(from: rate, to: rate / fall, steps: steps - rise))
  }

  /// The value at step 0, 1, …
  public func callAsFunction(_ step: Int) -> Double {
    switch self {
    case .constant(let value): return value
    case .linear(let from, let to, let steps):
      return from + (to - from) * Self.progress(step, steps)
    case .cosine(let from, let to, let steps):
      return to + (from - to) * 0.5 * (1 + cos(.pi * Self.progress(step, steps)))
    case .exponential(let from, let factor): return from * pow(factor, Double(step))
    case .warmUp(let steps, let schedule):
      if step >= steps { return schedule(step - steps) }
      return schedule(0) * Double(step) / Double(max(1, steps))
    }
  }

  private static func progress(_ step: Int, _ steps: Int) -> Double {
    min(1, max(0, Double(step) / Double(max(1, steps))))
  }
}
