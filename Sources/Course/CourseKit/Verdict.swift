/// The result of one check.
public struct CheckResult: Codable, Sendable, Equatable {
  /// How a check can end.
  public enum Outcome: String, Codable, Sendable {
    /// The answer is right.
    case passed
    /// The answer is wrong or missing.
    case failed
    /// There is no answer yet.
    case notAttempted
  }

  /// The name of the check.
  public let name: String
  /// The points earned.
  public let points: Int
  /// The points it is worth.
  public let maximum: Int
  /// How it ended.
  public let outcome: Outcome
  /// The difference to the expected answer, in lines that fit a screen.
  public let message: [String]
  /// The likely mistake, if it is known.
  public let diagnosis: String?

  /// A result; a passed check earns its maximum, any other nothing.
  public init(
    name: String, maximum: Int, outcome: Outcome, message: [String] = [],
    diagnosis: String? = nil
  ) {
    self.name = name
    self.maximum = maximum
    self.outcome = outcome
    self.message = message
    self.diagnosis = diagnosis
    points = outcome == .passed ? maximum : 0
  }
}

/// The results of one exercise.
public struct Verdict: Codable, Sendable, Equatable {
  /// The id of the exercise.
  public let exercise: String
  /// The title of the exercise.
  public let title: String
  /// Where it is explained.
  public let reading: String
  /// The points earned.
  public let points: Int
  /// The points that could be earned.
  public let maximum: Int
  /// The results of its checks.
  public let checks: [CheckResult]

  /// A verdict from the results of all checks.
  public init(_ exercise: Exercise, _ checks: [CheckResult]) {
    self.exercise = exercise.id
    title = exercise.title
    reading = exercise.reading
    self.checks = checks
    points = checks.reduce(0) { $0 + $1.points }
    maximum = checks.reduce(0) { $0 + $1.maximum }
  }

  /// The message of checks after the end of the code.
  public static let notReached = "not reached"

  /// A verdict without results, because the code stopped or ran too long.
  public init(_ exercise: Exercise, stopped reason: String) {
    self.init(
      exercise,
      exercise.checks.enumerated().map { place, check in
        CheckResult(
          name: check.name, maximum: check.points, outcome: .failed,
          message: [place == 0 ? reason : Self.notReached])
      })
  }

  /// Whether all points were earned.
  public var isPassed: Bool { points == maximum }
  /// Whether there is an answer.
  public var isAttempted: Bool { !checks.allSatisfy { $0.outcome == .notAttempted } }
}
