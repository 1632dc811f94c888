extension Verdict {
  /// The verdict: one line if everything is right or not attempted, else one screen.
  public var summary: String {
    isPassed ? "✓ \(exercise) \(title) – \(points) of \(maximum) points" : report
  }

  /// The verdict on one screen: each check, and for failed ones the expected and the given numbers,
  /// the likely cause and where to read on.
  public var report: String {
    guard isAttempted else {
      return "· \(exercise) \(title) – not attempted (\(maximum) points)   make hint EX=\(exercise)"
    }
    var lines = ["\(isPassed ? "✓" : "✗") \(exercise) \(title) – \(points) of \(maximum) points"]
    if let reason = stopReason {
      lines += ["      \(reason)", "      hint: make hint EX=\(exercise)        read: \(reading)"]
      return lines.joined(separator: "\n")
    }
    let width = max(48, (checks.map(\.name.count).max() ?? 0) + 2)
    var detailed = 0
    for check in checks {
      let mark = check.outcome == .passed ? "✓" : "✗"
      let name = check.name + String(repeating: " ", count: width - check.name.count)
      lines.append("  \(mark) \(name)\(check.points)/\(check.maximum)")
      guard check.outcome != .passed else { continue }
      detailed += 1
      // The third and later ones in a line each: all fits on one screen.
      lines += check.message.prefix(detailed > 2 ? 1 : .max).map { "      \($0)" }
      if let diagnosis = check.diagnosis { lines.append("      likely: \(diagnosis)") }
    }
    if !isPassed { lines.append("      hint: make hint EX=\(exercise)        read: \(reading)") }
    return lines.joined(separator: "\n")
  }
}

extension Verdict {
  /// Why no check of the exercise was reached; nil if one was.
  public var stopReason: String? {
    let isStopped = checks.dropFirst().allSatisfy { $0.message == [Self.notReached] }
    return isStopped && checks.count > 1 ? checks.first?.message.first : nil
  }
}

/// All verdicts of a run.
public struct GradeReport: Codable, Sendable {
  /// One verdict for each exercise.
  public let verdicts: [Verdict]
  /// How long grading took, in seconds.
  public let seconds: Double
  /// The points earned.
  public let points: Int
  /// The points that could be earned.
  public let maximum: Int

  /// A report whose points are the sums over its verdicts.
  public init(verdicts: [Verdict], seconds: Double) {
    self.verdicts = verdicts
    self.seconds = seconds
    points = verdicts.reduce(0) { $0 + $1.points }
    maximum = verdicts.reduce(0) { $0 + $1.maximum }
  }

  /// One line: how much is done, and what comes next.
  public var progress: String {
    let done = verdicts.count(where: \.isPassed)
    let filled = verdicts.isEmpty ? 0 : done * 20 / verdicts.count
    let bar = String(repeating: "▓", count: filled) + String(repeating: "░", count: 20 - filled)
    let next = verdicts.first { !$0.isPassed }.map { ", next: \($0.exercise)" } ?? ", all done"
    return "\(bar) \(done)/\(verdicts.count) exercises · \(points)/\(maximum) points\(next)"
  }
}
