import CourseKit
import TensorCore

// The exercises about chapter 5's rival.

extension Catalogue {
  static let matchingLoss = Exercise(
    "5.6", "a loss with a margin", section: "a-rival",
    hints: [
      "A score that is good enough costs nothing and has no gradient. What is good enough for a real "
        + "picture with its caption, and what for the other two kinds?",
      "A term is max(0, 1 - score) for real pairs and max(0, 1 + score) for the others.",
      "mean of the real terms + (mean of the drawn ones + mean of the mismatched ones) / 2",
    ],
    checks: [
      Check(.hand, "three scores", .double, expecting: [1.75]) { x, _ in
        // 0.5 + (2 + 0.5) / 2
        Answer([
          try x.chapter5.matchingLoss(
            real: Tensor([0.5]), drawn: Tensor([1]), mismatched: Tensor([-0.5]))
        ])
      },
      Check(
        .hand, "beyond the margin there is nothing to gain", .double, expecting: [0]
      ) { x, _ in
        Answer([
          try x.chapter5.matchingLoss(
            real: Tensor([1, 7]), drawn: Tensor([-1, -3]), mismatched: Tensor([-2, -1]))
        ])
      },
      Check(
        .random, "random scores", points: 2,
        Tolerance(rtol: 1e-5, atol: 1e-6, because: "means in 32 bits are allowed")
      ) { x, random in
        Answer([
          try x.chapter5.matchingLoss(
            real: .normal([9], &random), drawn: .normal([9], &random),
            mismatched: .normal([9], &random))
        ])
      },
    ])

  static let gradientPenalty = Exercise(
    "5.7", "a penalty on a gradient", section: "a-rival",
    hints: [
      "What are ∇ₓD and ∇ₛD of a linear function? They do not depend on x and s.",
      "Both gradients together are one vector g = (w, u), and the penalty is k ‖g‖ᵖ. With "
        + "‖g‖² = Σ w² + Σ u² it is k (‖g‖²)^(p/2).",
      "d‖g‖ᵖ / dg = p ‖g‖ᵖ⁻² g, so the gradient with respect to w is k · p · ‖g‖ᵖ⁻² · w, and the same "
        + "for u.",
    ],
    checks: [
      Check(.shape, "one number and two gradients", expecting: [0, 4, 1]) { x, random in
        let answer = try x.chapter5.gradientPenalty(
          w: .normal([4], &random), u: .normal([1], &random), weight: 2, power: 2)
        return Answer(answer.map { $0.rank == 0 ? 0 : $0.count })
      },
      Check(
        .hand, "3 and 4",
        Tolerance(rtol: 1e-5, atol: 0, because: "powers in 32 bits are allowed"),
        expecting: [1250, 600, 800]
      ) { x, _ in
        // ‖(3, 4)‖ = 5: 2 · 5⁴ = 1250, and 2 · 4 · 5² · (3, 4).
        let answer = try x.chapter5.gradientPenalty(
          w: Tensor([3]), u: Tensor([4]), weight: 2, power: 4)
        return Answer(answer.flatMap { $0.scalars.map(Double.init) })
      },
      Check(
        .random, "random weights, p = 6", points: 2,
        Tolerance(rtol: 1e-4, atol: 1e-5, because: "powers in 32 bits are allowed")
      ) { x, random in
        let answer = try x.chapter5.gradientPenalty(
          w: .normal([5], &random), u: .normal([3], &random), weight: 2, power: 6)
        return Answer(answer.flatMap { $0.scalars.map(Double.init) })
      },
      Check(
        .property, "the gradient is what a small change costs",
        Tolerance(rtol: 0, atol: 2e-2, because: "a difference in 32 bits has few digits"),
        expecting: [0]
      ) { x, random in
        let (w, u) = (Tensor.normal([3], &random), Tensor.normal([2], &random))
        let step: Float = 1e-2
        let answers = try [step, 0, -step].map { h in
          let answer = try x.chapter5.gradientPenalty(
            w: w + Tensor([h, 0, 0]), u: u, weight: 0.1, power: 2)
          guard answer.count == 3 else {
            throw CheckError("expected a penalty and two gradients, yours \(answer.count) tensors")
          }
          return (penalty: try shaped(answer[0], []).item, ofW: try shaped(answer[1], [3]))
        }
        let slope = (answers[0].penalty - answers[2].penalty) / (2 * step)
        return Answer([Double(slope - answers[1].ofW.scalars[0])])
      },
    ])
}
