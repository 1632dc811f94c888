import TensorCore

extension Exercise {
  /// Grades an implementation.
  ///
  /// Random inputs depend on the key's seed. A check that throws fails; traps and endless loops
  /// cannot be caught here, so `course grade` runs each exercise in a process of its own.
  public func grade(_ implementation: Implementation, _ key: AnswerKey) -> Verdict {
    let entry = key.exercises[id]
    var answers: [String: Answer] = [:]
    var errors: [String: String] = [:]
    for check in checks {
      do {
        answers[check.name] = try check.ask(implementation, exercise: id, seed: key.seed)
      } catch let error as NotAttempted {
        if error.exercise == id { continue }
        errors[check.name] =
          "your code calls exercise \(error.exercise), which is not attempted yet"
      } catch let error as CheckError {
        errors[check.name] = error.description
      } catch {
        errors[check.name] = "your code threw an error: \(error)"
      }
    }
    let mistakes = Mistakes(self, entry, answers)
    return Verdict(
      self,
      checks.map { check in
        func result(
          _ outcome: CheckResult.Outcome, _ message: [String] = [], _ diagnosis: String? = nil
        ) -> CheckResult {
          CheckResult(
            name: check.name, maximum: check.points, outcome: outcome, message: message,
            diagnosis: diagnosis)
        }
        if let error = errors[check.name] { return result(.failed, [error]) }
        guard let answer = answers[check.name] else { return result(.notAttempted) }
        guard let expected = check.expected ?? entry?.answers[check.name] else {
          return result(.failed, ["the answer key has no answer for this check"])
        }
        guard let mismatch = check.mismatch(answer, expected) else {
          return result(.passed)
        }
        let diagnosis =
          mistakes.diagnosis(of: check)
          ?? (check.kind == .shape ? nil : commonMistake(answer, expected, check.tolerance))
          .map { "your answer \($0)" }
        return result(.failed, mismatch.lines, diagnosis)
      })
  }

  /// Whether the stub was changed since it was handed out.
  public func isAttempted(_ implementation: Implementation) -> Bool {
    guard let check = checks.first else { return false }
    do {
      _ = try check.ask(implementation, exercise: id, seed: AnswerKey.publicSeed)
      return true
    } catch let error as NotAttempted {
      return error.exercise != id
    } catch {
      return true
    }
  }
}

/// The mutants whose answers equal the learner's.
private struct Mistakes {
  private let entry: AnswerKey.Entry?
  private let answers: [String: Answer]
  /// The mutant that agrees with the learner in all checks, right or wrong.
  private let twin: AnswerKey.MutantAnswers?

  init(_ exercise: Exercise, _ entry: AnswerKey.Entry?, _ answers: [String: Answer]) {
    self.entry = entry
    self.answers = answers
    twin = entry?.mutants.first { mutant in
      exercise.checks.allSatisfy { check in
        guard let yours = answers[check.name] else { return false }
        let expected = check.expected ?? entry?.answers[check.name]
        guard let wanted = mutant.answers[check.name] ?? expected else { return false }
        return check.mismatch(yours, wanted) == nil
      }
    }
  }

  func diagnosis(of check: Check) -> String? {
    guard let yours = answers[check.name] else { return nil }
    let alike = entry?.mutants.first { mutant in
      mutant.answers[check.name].map { check.mismatch(yours, $0) == nil } ?? false
    }
    return twin?.diagnosis ?? alike?.diagnosis
  }
}
