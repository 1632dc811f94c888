/// A complete set of answers: the learner's, the reference's or a mutant's.
///
/// Each chapter is a type with static functions, so that no layout of classes is imposed.
public struct Implementation: Sendable {
  /// Its name: "yours", "reference" or a mutant's.
  public let name: String
  /// The functions of chapter 1.
  public var chapter1: any Chapter1Exercises.Type
  /// The functions of chapter 2.
  public var chapter2: any Chapter2Exercises.Type
  /// The functions of chapter 3.
  public var chapter3: any Chapter3Exercises.Type
  /// The functions of chapter 4.
  public var chapter4: any Chapter4Exercises.Type
  /// The functions of chapter 5.
  public var chapter5: any Chapter5Exercises.Type
  /// The functions of chapter 6.
  public var chapter6: any Chapter6Exercises.Type

  /// Answers from the types that hold them.
  public init(
    name: String, chapter1: any Chapter1Exercises.Type, chapter2: any Chapter2Exercises.Type,
    chapter3: any Chapter3Exercises.Type, chapter4: any Chapter4Exercises.Type,
    chapter5: any Chapter5Exercises.Type, chapter6: any Chapter6Exercises.Type
  ) {
    self.name = name
    self.chapter1 = chapter1
    self.chapter2 = chapter2
    self.chapter3 = chapter3
    self.chapter4 = chapter4
    self.chapter5 = chapter5
    self.chapter6 = chapter6
  }
}

/// Thrown by a stub that is not filled in yet.
public struct NotAttempted: Error, CustomStringConvertible {
  /// The exercise, "1.2".
  public let exercise: String

  /// The error of this exercise's stub.
  public init(_ exercise: String) { self.exercise = exercise }

  /// One sentence that says how to begin.
  public var description: String {
    "exercise \(exercise) is not attempted yet: make hint EX=\(exercise)"
  }
}

/// A deliberately wrong answer. It tests the graders, and learners who give the same answer read
/// what is wrong with it.
public struct Mutant: Sendable {
  /// The exercise it answers.
  public let exercise: String
  /// Its name, unique among the exercise's mutants.
  public let name: String
  /// The check that catches it.
  public let caughtBy: String
  /// One sentence that says what is wrong.
  public let diagnosis: String
  /// The wrong answer; right in all other exercises.
  public let implementation: Implementation

  /// A wrong answer, what is wrong with it, and the check that catches it.
  public init(
    _ exercise: String, _ name: String, caughtBy: String, _ diagnosis: String,
    _ implementation: Implementation
  ) {
    self.exercise = exercise
    self.name = name
    self.caughtBy = caughtBy
    self.diagnosis = diagnosis
    self.implementation = implementation
  }
}
