// The messages for wrong answers.

import Exercises
import Foundation
import Grading
import Solutions
import TensorCore
import Testing

@testable import CourseKit
@testable import course

@Suite struct MessageTests {
  private func lines(_ yours: Answer, _ expected: Answer, _ tolerance: Tolerance = .exact)
    -> [String]
  {
    Mismatch(yours, expected, tolerance)?.lines ?? []
  }

  @Test func `the first difference, both numbers and the largest distance are shown`() {
    let expected = Answer(shape: [2, 3], [1, 2, 3, 4, 5, 6])
    let yours = Answer(shape: [2, 3], [1, 2, 3, 4, 5.5, 8])
    #expect(
      lines(yours, expected) == [
        "first difference at [1, 1]  (2 of 6 numbers shown)", "expected  5  6", "yours     5.5  8",
        "max |Δ| 2 · 2 of 6 differ · allowed |Δ| ≤ 0 (nothing is rounded here)",
      ])
  }

  @Test func `NaN comes first`() {
    let said = lines([1, 2, .nan, 4], [0, 2, 3, 4])
    #expect(said.first == "yours is nan at [2]" && said[1].hasPrefix("first difference at [0]"))
    #expect(lines([.infinity], [1]).first == "yours is inf at [0]")
    #expect(lines([-.infinity, 1], [-.infinity, 1]).isEmpty)
    #expect(!lines([3, 1], [-.infinity, 1], .moved).isEmpty)
    #expect(!lines([.infinity, 1], [-.infinity, 1], .moved).isEmpty)
  }

  @Test func `right values in a wrong shape are recognised`() {
    let said = lines(
      Answer(shape: [3, 2], [1, 2, 3, 4, 5, 6]), Answer(shape: [2, 3], [1, 2, 3, 4, 5, 6]))
    #expect(said.first == "expected shape [2, 3]" && said.last?.contains("right order") == true)
  }

  @Test func `tolerances are relative and absolute`() {
    let tolerance = Tolerance(rtol: 0.1, atol: 0.5, because: "test")
    #expect(lines([11.4, 0.4], [10, 0], tolerance).isEmpty)
    #expect(
      lines([11.6, 0.4], [10, 0], tolerance).last?.contains("0.5 + 0.1·|expected| (test)") == true)
  }

  /// The diagnosis of an answer that was changed afterwards.
  private func diagnosis(_ change: @escaping @Sendable (Tensor) -> Tensor) throws -> String {
    let check = Check(.random, "random", .sums(of: 4)) { _, random in
      Answer(change(Tensor.normal([3, 3], &random)))
    }
    let exercise = Exercise("1.1", "test", hints: [], checks: [check])
    var right = Random(seed: 5).split("1.1/random")
    let entry = AnswerKey.Entry(
      answers: ["random": Answer(Tensor.normal([3, 3], &right))], mutants: [])
    let verdict = exercise.grade(yours, AnswerKey(seed: 5, exercises: ["1.1": entry]))
    return verdict.checks[0].diagnosis ?? ""
  }

  @Test func `common mistakes are recognised without a mutant`() throws {
    #expect(try diagnosis { $0.transposed(0, 1) }.contains("axes 0 and 1 exchanged"))
    #expect(try diagnosis { -$0 }.contains("wrong sign"))
    #expect(try diagnosis { $0 * 4 }.contains("4 times"))
    #expect(try diagnosis { $0 + 1 }.contains("plus 1"))
    #expect(try diagnosis { $0 * 0 }.contains("all zeros"))
    #expect(try diagnosis { $0.square() } == "")
  }

  private func report(_ implementation: Implementation, _ id: String) throws -> String {
    let exercise = try #require(Catalogue.exercise(id))
    return exercise.grade(implementation, try storedKey.get()).report
  }

  @Test func `a result without a gradient is reported as such`() throws {
    enum NoGradient: Chapter3Exercises {
      static func bound(prior: [Double], likelihood: [Double], guess: [Double], beta: Double) throws
        -> Double
      { 0 }
      static func divergence(_ logits: Tensor) throws -> Tensor {
        try Reference3.divergence(logits).detached
      }
      static func gumbelMax(_ logits: Tensor, uniform: Tensor) throws -> IndexTensor {
        throw NotAttempted("3.3")
      }
      static func gumbelSoftmax(_ logits: Tensor, uniform: Tensor, temperature: Float) throws
        -> Tensor
      { logits }
      static func temperature(at step: Int, of steps: Int, from start: Double, to end: Double)
        throws -> Double
      { 0 }
      static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor { x }
      static func mapPixels(_ x: Tensor) throws -> Tensor {
        _ = try gumbelMax(x, uniform: x); return x
      }
      static func unmapPixels(_ x: Tensor) throws -> Tensor { throw CheckError("no") }
      static func perplexity(_ codes: [Int], vocabulary: Int) throws -> Double {
        throw CocoaError(.fileNoSuchFile)
      }
      static func boundLoss(_ logDensity: Tensor, divergence: Tensor, beta: Float) throws -> Tensor
      {
        throw NotAttempted("3.8")
      }
    }
    var implementation = reference
    implementation.chapter3 = NoGradient.self
    #expect(try report(implementation, "3.2").contains("make it of tensor operations only"))
    #expect(try report(implementation, "3.2").contains("4 of 5 points"))
    #expect(
      try report(implementation, "3.6").contains("calls exercise 3.3, which is not attempted yet"))
    #expect(try report(implementation, "3.7").contains("your code threw an error"))
  }
}
