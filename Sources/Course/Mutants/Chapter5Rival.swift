import CourseKit
import Foundation
import Solutions
import TensorCore

// Wrong answers to the exercises about chapter 5's rival.

/// The loss with other terms; `bend` turns 1 ± score into a term.
private func loss(
  _ real: Tensor, _ drawn: Tensor, _ mismatched: Tensor, margin: Float = 1, half: Double = 0.5,
  bend: (Float) -> Float = { max(0, $0) }
) -> Double {
  func mean(_ terms: [Float]) -> Double {
    terms.reduce(0) { $0 + Double(bend($1)) } / Double(terms.count)
  }
  return mean(real.scalars.map { margin - $0 })
    + half
    * (mean(drawn.scalars.map { margin + $0 }) + mean(mismatched.scalars.map { margin + $0 }))
}

enum CapAtZero: Mutant5 {
  static let note = Note(
    "5.6", caughtBy: "beyond the margin there is nothing to gain",
    "terms below 0 count, so the loss falls for ever: take max(0, …) of every term")
  static func matchingLoss(real: Tensor, drawn: Tensor, mismatched: Tensor) throws -> Double {
    loss(real, drawn, mismatched) { $0 }
  }
}

enum MarginForgotten: Mutant5 {
  static let note = Note(
    "5.6", caughtBy: "three scores",
    "the margin is missing: real pictures should score above 1, not 0, and the others below -1")
  static func matchingLoss(real: Tensor, drawn: Tensor, mismatched: Tensor) throws -> Double {
    loss(real, drawn, mismatched, margin: 0)
  }
}

enum HalvesForgotten: Mutant5 {
  static let note = Note(
    "5.6", caughtBy: "three scores",
    "drawn and mismatched pairs count in full: each has the weight ½, both together as much as real "
      + "ones")
  static func matchingLoss(real: Tensor, drawn: Tensor, mismatched: Tensor) throws -> Double {
    loss(real, drawn, mismatched, half: 1)
  }
}

enum SignsOfFakes: Mutant5 {
  static let note = Note(
    "5.6", caughtBy: "three scores",
    "drawn and mismatched pairs are pulled up like real ones: their terms are max(0, 1 + score)")
  static func matchingLoss(real: Tensor, drawn: Tensor, mismatched: Tensor) throws -> Double {
    loss(real, -drawn, -mismatched)
  }
}

/// Penalty and gradients from ‖w‖² and ‖u‖².
private func penalty(
  _ w: Tensor, _ u: Tensor, _ k: Float, _ p: Int, squares: Float, gradientPower: Int? = nil
) -> [Tensor] {
  let value = k * pow(squares, Float(p) / 2)
  let slope = k * Float(p) * pow(squares, Float(gradientPower ?? p) / 2 - 1)
  return [Tensor(value), w * slope, u * slope]
}

enum NormsApart: Mutant5 {
  static let note = Note(
    "5.7", caughtBy: "3 and 4",
    "the norms of w and u are added; both together are one vector, ‖(w, u)‖² = ‖w‖² + ‖u‖²")
  static func gradientPenalty(w: Tensor, u: Tensor, weight k: Float, power p: Int) throws
    -> [Tensor]
  {
    let sum = w.square().sum().item.squareRoot() + u.square().sum().item.squareRoot()
    return penalty(w, u, k, p, squares: sum * sum)
  }
}

enum PictureOnly: Mutant5 {
  static let note = Note(
    "5.7", caughtBy: "3 and 4",
    "only the gradient with respect to the picture is punished; the sentence is an input, too")
  static func gradientPenalty(w: Tensor, u: Tensor, weight k: Float, power p: Int) throws
    -> [Tensor]
  {
    var answer = penalty(w, u, k, p, squares: w.square().sum().item)
    answer[2] = .zeros(u.shape)
    return answer
  }
}

enum NormNotPower: Mutant5 {
  static let note = Note(
    "5.7", caughtBy: "3 and 4",
    "the penalty is of ‖g‖² whatever p is; raise the norm to the power p")
  static func gradientPenalty(w: Tensor, u: Tensor, weight k: Float, power p: Int) throws
    -> [Tensor]
  {
    penalty(w, u, k, 2, squares: w.square().sum().item + u.square().sum().item)
  }
}

enum SlopeOfSquare: Mutant5 {
  static let note = Note(
    "5.7", caughtBy: "3 and 4",
    "the gradient lacks ‖g‖ᵖ⁻²: d‖g‖ᵖ / dg = p ‖g‖ᵖ⁻² g")
  static func gradientPenalty(w: Tensor, u: Tensor, weight k: Float, power p: Int) throws
    -> [Tensor]
  {
    penalty(
      w, u, k, p, squares: w.square().sum().item + u.square().sum().item, gradientPower: 2)
  }
}
