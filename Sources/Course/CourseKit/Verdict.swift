/// What became of one check.
public struct CheckResult: Codable, Sendable, Equatable {
  /// What became of it.
  public enum Outcome: String, Codable, Sendable {
    /// The answer is right.
    case passed
    /// The answer is wrong, or none came.
    case failed
    /// There is no answer yet.
    case notAttempted
  }

  /// The check.
  public let name: String
  /// What was earned.
  public let points: Int
  /// What it is worth.
  public let maximum: Int
  /// What became of it.
  public let outcome: Outcome
  /// How the answer differs, in lines that fit a screen.
  public let message: [String]
  /// What may be wrong, if that can be told.
  public let diagnosis: String?

  /// A result.
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

/// What became of one exercise.
public struct Verdict: Codable, Sendable, Equatable {
  /// The exercise.
  public let exercise: String
  /// What was to be written.
  public let title: String
  /// Where it is explained.
  public let reading: String
  /// What was earned.
  public let points: Int
  /// What could be earned.
  public let maximum: Int
  /// Its checks.
  public let checks: [CheckResult]

  /// A verdict.
  public init(_ exercise: Exercise, _ checks: [CheckResult]) {
    self.exercise = exercise.id
    title = exercise.title
    reading = exercise.reading
    self.checks = checks
    points = checks.reduce(0) { $0 + $1.points }
    maximum = checks.reduce(0) { $0 + $1.maximum }
  }

  /// No check could be made, for one reason: the code stopped, or ran too long.
  public init(_ exercise: Exercise, stopped reason: String) {
    self.init(
      exercise,
      exercise.checks.enumerated().map { place, check in
        CheckResult(
          name: check.name, maximum: check.points, outcome: .failed,
          message: place == 0 ? [reason] : ["not reached"])
      })
  }

  /// True if all points were earned.
  public var isPassed: Bool { points == maximum }
  /// True if there is an answer.
  public var isAttempted: Bool { !checks.allSatisfy { $0.outcome == .notAttempted } }
}
