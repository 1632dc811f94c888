import CourseKit

/// All mutants, in the order of the exercises.
public let mutants: [Mutant] =
  chapter1.map { $0.mutant } + chapter2.map { $0.mutant } + chapter3.map { $0.mutant }
  + chapter4.map { $0.mutant } + chapter5.map { $0.mutant }
  + chapter6.map { $0.mutant }

/// What is wrong with a mutant.
struct Note: Sendable {
  let exercise: String
  let caughtBy: String
  let diagnosis: String

  init(_ exercise: String, caughtBy: String, _ diagnosis: String) {
    self.exercise = exercise
    self.caughtBy = caughtBy
    self.diagnosis = diagnosis
  }

  func mutant(_ name: String, _ implementation: Implementation) -> Mutant {
    Mutant(exercise, name, caughtBy: caughtBy, diagnosis, implementation)
  }
}
