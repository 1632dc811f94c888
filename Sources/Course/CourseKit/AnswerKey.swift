import Foundation
import TensorCore

/// The answers of the reference and of the mutants to all checks, for one seed: numbers only.
///
/// With it, a copy without solutions and mutants can grade learners' answers and name mistakes.
public struct AnswerKey: Codable, Sendable, Equatable {
  /// The answers of one mutant.
  public struct MutantAnswers: Codable, Sendable, Equatable {
    /// Its name.
    public let name: String
    /// What it does wrong.
    public let diagnosis: String
    /// Its wrong answers by check; right ones are left out.
    public let answers: [String: Answer]
  }

  /// The answers to one exercise.
  public struct Entry: Codable, Sendable, Equatable {
    /// The right answers by check, unless the check itself knows them.
    public let answers: [String: Answer]
    /// The answers of the mutants.
    public let mutants: [MutantAnswers]
  }

  /// The seed of the random inputs.
  public let seed: UInt64
  /// The answers by exercise.
  public let exercises: [String: Entry]

  /// The seed in learners' copies.
  public static let publicSeed: UInt64 = 2021

  /// A key from answers that are known already.
  public init(seed: UInt64, exercises: [String: Entry]) {
    self.seed = seed
    self.exercises = exercises
  }

  /// Computes a key by asking the reference and the mutants.
  ///
  /// Throws what the reference throws.
  public init(
    seed: UInt64 = publicSeed, _ exercises: [Exercise], reference: Implementation,
    mutants: [Mutant]
  ) throws {
    var entries: [String: Entry] = [:]
    for exercise in exercises {
      var right: [String: Answer] = [:]
      var own: [String: Answer] = [:]
      for check in exercise.checks {
        let answer =
          try check.expected ?? check.ask(reference, exercise: exercise.id, seed: seed)
        right[check.name] = answer
        if check.expected == nil { own[check.name] = answer }
      }
      let wrong = mutants.filter { $0.exercise == exercise.id }.map { mutant in
        var answers: [String: Answer] = [:]
        for check in exercise.checks {
          let answer = try? check.ask(mutant.implementation, exercise: exercise.id, seed: seed)
          if let answer, let expected = right[check.name],
            check.mismatch(answer, expected) != nil
          {
            answers[check.name] = answer
          }
        }
        return MutantAnswers(name: mutant.name, diagnosis: mutant.diagnosis, answers: answers)
      }
      entries[exercise.id] = Entry(answers: own, mutants: wrong)
    }
    self.init(seed: seed, exercises: entries)
  }

  /// A key with the exercises of several files.
  ///
  /// Throws a `CocoaError` if a file cannot be read, a `DecodingError` if it is not a key.
  public init(files: [URL]) throws {
    let parts = try files.map {
      try JSONDecoder().decode(AnswerKey.self, from: Data(contentsOf: $0))
    }
    self.init(
      seed: parts.first?.seed ?? Self.publicSeed,
      exercises: parts.reduce(into: [:]) { $0.merge($1.exercises) { $1 } })
  }

  /// The part of the key for one chapter.
  public func chapter(_ number: Int) -> AnswerKey {
    AnswerKey(seed: seed, exercises: exercises.filter { $0.key.hasPrefix("\(number).") })
  }

  /// The key as JSON; equal keys give equal bytes.
  ///
  /// Throws an `EncodingError` if JSON cannot hold the key.
  public func json() throws -> Data {
    // Like `prettyJSON` of `Files`, on which learners' stubs should not depend.
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
