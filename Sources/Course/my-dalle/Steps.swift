// Which function takes each step: yours if there is one that fits, else the package's.

import CourseKit
import Grading
import TensorCore

/// A learner's functions, and whether each was used.
final class Steps {
  /// The learner's functions.
  let yours: Implementation
  /// The points that an exercise's answer earns.
  private let points: (Exercise) -> Int?
  private var outcomes: [String: Outcome] = [:]

  /// Whether a learner's function was used, and if not, why.
  enum Outcome: Equatable {
    /// The learner's function was used.
    case yours
    /// The exercise is not solved yet.
    case open
    /// The function's result cannot be used, for this reason.
    case unfit(String)
    /// Drawing with these options does not need the step, for this reason.
    case resting(String)
  }

  /// The exercises that take part in drawing, and what each does.
  static let parts = [
    ("2.1", "cuts the caption's words into tokens"),
    ("4.1", "pads the caption to its full length"),
    ("4.2", "says what the row layers see"),
    ("4.3", "says what the column layers see"),
    ("4.4", "says what the last layer sees"),
    ("4.6", "lets every new token attend to those before it"),
    ("4.9", "makes the caption count more, with --guidance above 1"),
    ("4.7", "leaves out unlikely codes, with --threshold"),
    ("4.8", "leaves out unlikely codes, with --top-p below 1"),
    ("3.6", "turns the decoder's output into pixels"),
    ("1.1", "cuts the pictures into patches for CLIP"),
    ("1.3", "turns the patches into tokens"),
    ("1.5", "lets the patches attend to one another"),
    ("2.2", "reads the caption at its end token"),
    ("2.3", "scores the pictures"),
    ("5.1", "chooses the best"),
  ]

  /// Steps for a learner's functions, none of them taken yet.
  ///
  /// - Parameter points: How many points an exercise's answer earns; nil if that is not known.
  init(
    _ yours: Implementation,
    points: @escaping (Exercise) -> Int? = { _ in nil }
  ) {
    (self.yours, self.points) = (yours, points)
  }

  /// The outcome of an exercise so far; nil if its step was not reached.
  subscript(exercise: String) -> Outcome? { outcomes[exercise] }

  /// Notes that a step is not needed, and why.
  func rest(_ exercise: String, _ reason: String) { outcomes[exercise] = .resting(reason) }

  /// The learner's result if there is one that fits, else the package's. A function that is open or
  /// failed once is not called again.
  ///
  /// - Parameter misfit: Returns why a result cannot be used; nil if it can.
  func take<Result>(
    _ exercise: String, _ yours: () throws -> Result, misfit: (Result) -> String?,
    else reference: () -> Result
  ) -> Result {
    if let outcome = outcomes[exercise], outcome != .yours { return reference() }
    do {
      let result = try yours()
      guard let misfit = misfit(result) else {
        outcomes[exercise] = .yours
        return result
      }
      outcomes[exercise] = .unfit(misfit)
    } catch let error as NotAttempted where error.exercise == exercise {
      outcomes[exercise] = .open
    } catch let error as NotAttempted {
      outcomes[exercise] = .unfit("it calls exercise \(error.exercise), which is open")
    } catch {
      outcomes[exercise] = .unfit("it threw an error: \(error)")
    }
    return reference()
  }

  /// The outcomes as a table, a line for each exercise in the order of the steps.
  var table: String {
    let rows = Self.parts.map { id, _ in
      let title = Catalogue.exercise(id)?.title ?? ""
      return "\(id)       \(title.padding(to: 44))\(word(for: id))"
    }
    return (["exercise  \("title".padding(to: 44))whose"] + rows).joined(separator: "\n")
  }

  /// Whether an answer that was used is right: one that is wrong draws as well.
  private func grade(of id: String) -> String {
    guard let exercise = Catalogue.exercise(id), let points = points(exercise) else { return "" }
    return points == exercise.points
      ? ", right ✓"
      : ", but wrong ✗ (\(points) of \(exercise.points) points: make grade EX=\(id))"
  }

  private func word(for exercise: String) -> String {
    switch outcomes[exercise] {
    case .yours: "yours\(grade(of: exercise))"
    case .unfit(let reason): "reference (yours did not fit: \(reason))"
    case .resting(let reason): "not needed (\(reason))"
    case .open: "reference (open)"
    case nil: "not needed (this model has no such step)"
    }
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}

/// Why a tensor of numbers cannot be used where `shape` is needed; nil if it can.
func misfit(_ y: Tensor, _ shape: [Int]) -> String? {
  if y.shape != shape { return "its shape \(y.shape) is not \(shape)" }
  return y.scalars.allSatisfy(\.isFinite) ? nil : "not all of its numbers are finite"
}

/// The same for logits [B, K], of which all but one of a row may be -∞.
func misfit(logits y: Tensor, _ shape: [Int]) -> String? {
  if y.shape != shape { return "its shape \(y.shape) is not \(shape)" }
  let values = y.scalars
  if values.contains(where: { $0.isNaN || $0 == .infinity }) { return "it gave NaN or ∞" }
  let k = shape[1]
  let isEmpty = stride(from: 0, to: values.count, by: k).contains { row in
    values[row..<row + k].allSatisfy { $0 == -.infinity }
  }
  return isEmpty ? "it left nothing to draw from" : nil
}
