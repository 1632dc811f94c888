import ArgumentParser
import CourseKit
import Exercises
@preconcurrency import Foundation
import Grading

#if TEACHER
  import Mutants
  import Solutions
#endif

/// Grades one exercise in this process and prints the verdict as one line of JSON: what `grade`
/// runs for each exercise, so that a trap or an endless loop costs one.
struct GradeOne: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grade-one", abstract: "Grades one exercise in this process.",
    shouldDisplay: false)

  @Argument var id: String
  @Option var seed = AnswerKey.publicSeed
  @Option(name: .customLong("as")) var name = "yours"

  func run() throws {
    setvbuf(stdout, nil, _IOLBF, 0)  // so that output before a trap is not lost
    let verdict = try exercise(id).grade(implementation(named: name), key(exercise(id), seed))
    print(String(decoding: try JSONEncoder().encode(verdict), as: UTF8.self))
  }
}

/// The answers with this name. Throws a `CourseError` if there are none.
func implementation(named name: String) throws -> Implementation {
  #if TEACHER
    if let mutant = mutants.first(where: { $0.name == name }) { return mutant.implementation }
    let known = [yours, reference, misbehaving]
  #else
    let known = [yours]
  #endif
  guard let implementation = known.first(where: { $0.name == name }) else {
    throw CourseError("there are no answers called \(name), only \(known.map(\.name))")
  }
  return implementation
}

/// The answers to an exercise for a seed. Throws a `CourseError` if this copy cannot compute them.
func key(_ exercise: Exercise, _ seed: UInt64) throws -> AnswerKey {
  if seed == AnswerKey.publicSeed { return try Catalogue.key(chapter: exercise.chapter) }
  #if TEACHER
    return try AnswerKey(seed: seed, [exercise], reference: reference, mutants: mutants)
  #else
    throw CourseError("only the teacher's copy can grade with another seed")
  #endif
}
