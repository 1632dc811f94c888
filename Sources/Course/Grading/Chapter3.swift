import CourseKit
import Foundation
import TensorCore

extension Catalogue {
  static let chapter3 = [
    bound, divergence, gumbelMax, gumbelSoftmax, logitLaplace, mapping, perplexity, boundLoss,
  ]

  private static let bound = Exercise(
    "3.1", "the bound of an enumerable model", section: "a-bound-on-what-cannot-be-computed",
    hints: [
      "It is an expectation under q: for each code z, q(z | x) times a bracket. Add up.",
      "The bracket is ln p(x | z) - β · ln (q / p(z)). Logarithms of likelihoods are negative: the "
        + "bound is, too.",
      "for (z, q) in guess.enumerated() where q > 0 { sum += q * (log(likelihood[z]) - beta * "
        + "log(q / prior[z])) }. Leaving out q = 0 keeps 0 · ln 0 from becoming NaN.",
    ],
    checks: [
      Check(.hand, "a guess that is sure", .double, expecting: [-1.386_294_361_119_890_6]) { x, _ in
        // ln ½ - ln (1 / ½) = -2 ln 2
        Answer([
          try x.chapter3.bound(
            prior: [0.5, 0.5], likelihood: [0.5, 0.25], guess: [1, 0], beta: 1)
        ])
      },
      Check(.random, "random tables, β from 0 to 6.6", points: 2, .double) { x, random in
        Answer(
          try [0, 0.5, 1, 6.6].map { beta in
            try x.chapter3.bound(
              prior: distribution(5, &random), likelihood: distribution(5, &random),
              guess: distribution(5, &random), beta: beta)
          })
      },
      Check(.property, "with the posterior for a guess it is ln p(x)", .double, expecting: [0]) {
        x, random in
        let (prior, likelihood) = (distribution(6, &random), distribution(6, &random))
        let joint = zip(prior, likelihood).map(*)
        let evidence = joint.reduce(0, +)
        let bound = try x.chapter3.bound(
          prior: prior, likelihood: likelihood, guess: joint.map { $0 / evidence }, beta: 1)
        return Answer([bound - log(evidence)])
      },
      Check(.property, "what is missing is KL(q ‖ p(z | x))", .double, expecting: [0]) {
        x, random in
        let (prior, likelihood) = (distribution(6, &random), distribution(6, &random))
        let guess = distribution(6, &random)
        let joint = zip(prior, likelihood).map(*)
        let evidence = joint.reduce(0, +)
        let divergence = zip(guess, joint).reduce(0) {
          $0 + $1.0 * log($1.0 / ($1.1 / evidence))
        }
        let bound = try x.chapter3.bound(
          prior: prior, likelihood: likelihood, guess: guess, beta: 1)
        return Answer([bound + divergence - log(evidence)])
      },
    ])

  private static let divergence = Exercise(
    "3.2", "KL to the uniform prior", section: "what-β-does",
    hints: [
      "KL(q ‖ p) = Σ q ln (q / p), and p is 1/K everywhere. So what is -ln p?",
      "logits.logSoftmax() is ln q, without ever taking the logarithm of 0. Its exp() is q.",
      "(logQ.exp() * (logQ + ln K)).sum(axis: -1), where K is the last size: "
        + "logits.shape[logits.rank - 1].",
    ],
    checks: [
      Check(.shape, "shape [2, 3, 3]", expecting: [2, 3, 3]) { x, _ in
        Answer(try x.chapter3.divergence(.zeros([2, 3, 3, 5])).shape)
      },
      Check(.hand, "chance, and three to one", .sums(of: 4), expecting: [0, 0.130_812_1]) { x, _ in
        // q = (¾, ¼): ¾ ln ¾ + ¼ ln ¼ + ln 2 = 0.1308
        Answer(try x.chapter3.divergence(Tensor([[7, 7], [1.098_612_3, 0]])))
      },
      Check(.random, "random logits", .sums(of: 64)) { x, random in
        Answer(try x.chapter3.divergence(.normal([3, 4, 8], deviation: 2, &random)))
      },
      Check(.property, "certainty costs ln K", .sums(of: 4), expecting: [1.386_294_4, 0.693_147_2])
      {
        x, _ in
        let logits = Tensor([[200, 0, 0, 0], [1, 1, -200, -200]])
        return Answer(try x.chapter3.divergence(logits))
      },
      Check(.gradient, "gradient with respect to the logits", .sums(of: 64)) { x, random in
        try gradient(at: .normal([3, 6], &random), &random) { try x.chapter3.divergence($0) }
      },
    ])

  private static let gumbelMax = Exercise(
    "3.3", "Gumbel-max", section: "drawing-a-code",
    hints: [
      "Two logarithms turn a uniform number into Gumbel noise. The inner one is negative: mind "
        + "the signs.",
      "-(-u.log()).log() is the noise. Add it to the logits, not to the probabilities.",
      "(logits + noise).argmax(axis: 1), where noise is -(-u.log()).log().",
    ],
    checks: [
      Check(.shape, "shape [3]", expecting: [3]) { x, _ in
        let half = Tensor(repeating: 0.5, shape: [3, 4])
        return Answer(try x.chapter3.gumbelMax(.zeros([3, 4]), uniform: half).shape)
      },
      Check(.hand, "equal noise, and noise that decides", expecting: [2, 0]) { x, _ in
        // -ln(-ln 0.99) = 4.6 lifts 0 above 3; -ln(-ln 0.5) = 0.37.
        let logits = Tensor([[1, 0, 3], [0, 1, 3]])
        let uniform = Tensor([[0.5, 0.5, 0.5], [0.99, 0.5, 0.5]])
        return Answer(try x.chapter3.gumbelMax(logits, uniform: uniform)).flat
      },
      Check(.random, "random logits and noise") { x, random in
        Answer(
          try x.chapter3.gumbelMax(
            .normal([24, 6], &random), uniform: open01([24, 6], &random)))
      },
      Check(
        .property, "codes come as often as softmax says", .shares(of: 4000),
        expecting: [0.1, 0.2, 0.3, 0.4]
      ) { x, random in
        let n = 4000
        let logits = Tensor([0.1, 0.2, 0.3, 0.4]).log().expanded([n, 4])
        let codes = try x.chapter3.gumbelMax(logits, uniform: open01([n, 4], &random))
        return Answer(
          (0..<4).map { code in
            Double(codes.values.count { Int($0) == code }) / Double(n)
          })
      },
    ])

  private static let gumbelSoftmax = Exercise(
    "3.4", "Gumbel-softmax and its temperature schedule", section: "from-a-maximum-to-a-softmax",
    hints: [
      "The same noise as in 3.3; then a softmax that is sharper the colder it is. Do you multiply "
        + "or divide by a small temperature to get large numbers?",
      "((logits + noise) / temperature).softmax(axis: 1): the noise is divided as well. For the "
        + "schedule: cos(π · progress) falls from 1 to -1.",
      "progress = min(1, step / steps) as Double; end + (start - end) · (1 + cos(π · progress)) / 2.",
    ],
    checks: [
      Check(.shape, "shape [2, 5]", expecting: [2, 5]) { x, _ in
        let half = Tensor(repeating: 0.5, shape: [2, 5])
        let soft = try x.chapter3.gumbelSoftmax(.zeros([2, 5]), uniform: half, temperature: 1)
        return Answer(soft.shape)
      },
      Check(.hand, "equal noise at temperature ½", .sums(of: 4), expecting: [0.75, 0.25]) { x, _ in
        // softmax(½ ln 3 / ½, 0) = (¾, ¼)
        let half = Tensor(repeating: 0.5, shape: [1, 2])
        let logits = Tensor([[0.549_306_1, 0]])
        return Answer(try x.chapter3.gumbelSoftmax(logits, uniform: half, temperature: 0.5)).flat
      },
      Check(.random, "random logits and noise", .sums(of: 256)) { x, random in
        Answer(
          try x.chapter3.gumbelSoftmax(
            .normal([4, 6], &random), uniform: open01([4, 6], &random), temperature: 0.7))
      },
      Check(
        .hand, "the schedule: start, quarter, half, end, and after", .double,
        expecting: [1, 0.862_706_303_650_966_7, 0.531_25, 0.0625, 0.0625]
      ) { x, _ in
        Answer(
          try [0, 100, 200, 400, 900].map {
            try x.chapter3.temperature(at: $0, of: 400, from: 1, to: 0.0625)
          })
      },
      Check(.gradient, "gradient with respect to the logits", .sums(of: 256, scale: 2)) {
        x, random in
        let uniform = open01([3, 5], &random)
        return try gradient(at: .normal([3, 5], &random), &random) {
          try x.chapter3.gumbelSoftmax($0, uniform: uniform, temperature: 0.5)
        }
      },
    ])

  private static let logitLaplace = Exercise(
    "3.5", "the logit-Laplace log-density", section: "how-likely-a-pixel-is",
    hints: [
      "Five terms, each with a minus sign: -ln 2, -ln b, -ln x, -ln(1 - x), -|logit x - μ| / b.",
      "logScale is ln b already, so b is logScale.exp(). x.logit() is ln(x / (1 - x)).",
      "-((x.logit() - mean).abs() / logScale.exp() + logScale + x.log() + (1 - x).log() + "
        + "log(Float(2)))",
    ],
    checks: [
      Check(.shape, "shape [2, 3]", expecting: [2, 3]) { x, _ in
        let half = Tensor(repeating: 0.5, shape: [2, 3])
        let zero = Tensor.zeros([2, 3])
        return Answer(try x.chapter3.logitLaplace(half, mean: zero, logScale: zero).shape)
      },
      Check(.hand, "in the middle", .sums(of: 8), expecting: [0.693_147_2, -1]) { x, _ in
        // -ln 2 + 2 ln 2 = ln 2; and with μ = 2, b = 2: -ln 2 - ln 2 + 2 ln 2 - 2/2 = -1.
        let half = Tensor([0.5, 0.5])
        return Answer(
          try x.chapter3.logitLaplace(
            half, mean: Tensor([0, 2]), logScale: Tensor([0, 0.693_147_2])))
      },
      Check(.random, "random pixels", .sums(of: 256, scale: 4)) { x, random in
        Answer(
          try x.chapter3.logitLaplace(
            .uniform([3, 5], 0.1, 0.9, &random), mean: .normal([3, 5], &random),
            logScale: .normal([3, 5], deviation: 0.5, &random)))
      },
      Check(
        .property, "the density has the integral 1",
        Tolerance(rtol: 0, atol: 2e-3, because: "4,000 strips, tails beyond ±16 left out"),
        expecting: [1, 1]
      ) { x, _ in
        // Over y = logit x: dx = x (1 - x) dy.
        let n = 4000
        let y = Tensor((0..<n).map { (Float($0) + 0.5) / Float(n) * 32 - 16 })
        let pixels = y.sigmoid().clamped(1e-7, 1 - 1e-7)
        return Answer(
          try [(Float(0), Float(0)), (1.3, -1)].map { mean, logScale in
            let density = try shaped(
              x.chapter3.logitLaplace(
                pixels, mean: Tensor(repeating: mean, shape: [n]),
                logScale: Tensor(repeating: logScale, shape: [n])), [n]
            ).exp()
            return Double((density * pixels * (1 - pixels)).sum().item) * 32 / Double(n)
          })
      },
      Check(.gradient, "gradient with respect to μ and ln b", .sums(of: 256, scale: 4)) {
        x, random in
        let pixels = Tensor.uniform([2, 4], 0.1, 0.9, &random)
        let statistics = Tensor.normal([4, 4], deviation: 0.7, &random)
        return try gradient(at: statistics, &random) {
          try x.chapter3.logitLaplace(
            pixels, mean: $0.sliced(axis: 0, 0..<2), logScale: $0.sliced(axis: 0, 2..<4))
        }
      },
    ])

  private static let mapping = Exercise(
    "3.6", "mapping of pixels, and back", section: "how-likely-a-pixel-is",
    hints: [
      "A straight line that sends 0 to 0.1 and 1 to 0.9: how steep is it?",
      "From 0 to 1 it climbs by 0.8: multiply by that, and lift the result by 0.1. The inverse "
        + "undoes the last step first.",
      "Backwards: subtract 0.1, divide by 0.8, and end with clamped(0, 1): a decoder may well say "
        + "0.95, and a pixel cannot be lighter than white.",
    ],
    checks: [
      Check(.hand, "black, a quarter, white", .sums(of: 4), expecting: [0.1, 0.3, 0.9]) { x, _ in
        Answer(try x.chapter3.mapPixels(Tensor([0, 0.25, 1])))
      },
      Check(.hand, "and back", .sums(of: 4), expecting: [0, 0.25, 1]) { x, _ in
        Answer(try x.chapter3.unmapPixels(Tensor([0.1, 0.3, 0.9])))
      },
      Check(.random, "random pictures", .sums(of: 4)) { x, random in
        let image = Tensor.uniform([1, 3, 2, 4], 0, 1, &random)
        let mapped = try x.chapter3.mapPixels(image)
        return Answer(
          stack(
            [
              try shaped(mapped, image.shape),
              try shaped(x.chapter3.unmapPixels(image), image.shape),
            ], axis: 0))
      },
      Check(.property, "what lies outside is cut off", .sums(of: 4), expecting: [0, 0, 1, 1]) {
        x, _ in Answer(try x.chapter3.unmapPixels(Tensor([0, 0.05, 0.95, 1])))
      },
    ])
}
