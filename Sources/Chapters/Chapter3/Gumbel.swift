// Drawing a code, and a gradient through the draw.

import DiscreteVAE
import Foundation
import Notebook
import TensorCore

extension Chapter3 {
  static var gumbelCells: [Cell<State>] {
    [
      Cell("gumbel", "Drawing by taking a maximum") { _, out in
        // ANCHOR: gumbel
        let logits = Tensor([1, 0, -1, 2, 0.5])  // [K]
        let shares = logits.softmax().scalars
        let n = 100_000
        let noise = Tensor.gumbel([n, 5], &out.random)
        let draws = (logits + noise).argmax(axis: 1).values  // [n]
        let counts = (0..<5).map { k in draws.count { $0 == k } }
        let expected = shares.map { Double($0) * Double(n) }
        out.table(
          ["code", "probability", "drawn"],
          (0..<5).map { [$0, Double(shares[$0]), Double(counts[$0]) / Double(n)] })
        let chiSquare = zip(counts, expected).reduce(0.0) { sum, pair in
          sum + pow(Double(pair.0) - pair.1, 2) / pair.1
        }
        out.value("chi-square", chiSquare, .fixed(2))
        // ANCHOR_END: gumbel
      },
      Cell("softmax", "From a maximum to a softmax") { _, out in
        // ANCHOR: softmax
        let logits = Tensor([1, 0, -1, 2, 0.5])  // [K]
        let noise = Tensor.gumbel([12, 5], &out.random)
        let temperatures: [Float] = [4, 1, 0.25, 0.0625]
        let samples = temperatures.map { gumbelSoftmax(logits, noise: noise, temperature: $0) }
        let largest = samples.map { Double($0.maximum(axis: 1).mean().item) }
        out.table(
          ["τ", "mean of the largest entry"], zip(temperatures, largest).map { ["\($0)", $1] })
        // ANCHOR_END: softmax
        // A block of five rows, one for each code, for each temperature; samples side by side. Rows of
        // no numbers keep the blocks apart.
        let rows = temperatures.flatMap { temperature in
          (0..<6).map { $0 == 2 ? "temperature \(temperature)" : "" }
        }.dropLast()
        let gap = Tensor(repeating: .nan, shape: [1, 12])
        let blocks = samples.flatMap { [$0.transposed(0, 1), gap] }.dropLast()
        let map = HeatMap(
          concatenate(Array(blocks), axis: 0),
          "Twelve samples of five codes at each temperature", rows: Array(rows), map: .light,
          range: 0...1)
        out.figure(
          "softmax", map,
          "Columns are samples, with the same noise at each temperature: cold ones are one-hot")
      },
      Cell("estimators", "Three gradients and the truth") { _, out in
        // ANCHOR: estimators
        let logits = Tensor([0.5, 0, -0.5, 1])  // [K]
        // What the decoder makes of a code is compared with a target: a loss of soft codes too.
        let codebook = Tensor([-1, 0.2, 0.5, 2])  // [K]
        func loss(_ codes: Tensor) -> Tensor { ((codes * codebook).sum(axis: 1) - 0.6).square() }

        let exact = logits.detached.requiringGradient()
        let losses = loss(oneHot(IndexTensor([0, 1, 2, 3]), classes: 4))  // of each code, [K]
        (exact.softmax() * losses).sum().backward()
        let truth = exact.gradient ?? .zeros([4])  // [K]

        let n = 50_000
        let noise = Tensor.gumbel([n, 4], &out.random)
        func report(_ name: String, _ gradients: Tensor) -> [any TableValue] {  // [n, K]
          let mean = gradients.mean(axis: 0)
          let scale = truth.square().sum().item.squareRoot()
          let bias = (mean - truth).square().sum().item.squareRoot()
          let spread = (gradients - mean).square().sum(axis: 1).mean().item.squareRoot()
          let error = spread / Float(n).squareRoot()
          return [name] + [bias, error, spread].map { Double($0 / scale) }
        }
        var rows: [[any TableValue]] = []
        for isHard in [false, true] {
          for temperature: Float in [2, 1, 0.5, 0.25, 0.0625] {
            let all = logits.expanded([n, 4]).detached.requiringGradient()
            let codes = gumbelSoftmax(all, noise: noise, temperature: temperature, isHard: isHard)
            loss(codes).sum().backward()
            let name = isHard ? "straight-through" : "Gumbel-softmax"
            rows.append(report("\(name), τ = \(temperature)", all.gradient ?? .zeros([n, 4])))
          }
        }
        // REINFORCE: the loss of a code times the gradient of the logarithm of its probability.
        let drawn = oneHot((logits + noise).argmax(axis: 1), classes: 4)  // [n, K]
        let score = drawn - logits.softmax()  // [n, K]
        let paid = loss(drawn).reshaped(n, 1)  // [n, 1]
        rows.append(report("REINFORCE", score * paid))
        rows.append(report("REINFORCE less the mean loss", score * (paid - paid.mean())))
        out.table(["gradient", "bias", "its error", "standard deviation"], rows)
        // ANCHOR_END: estimators
      },
    ]
  }
}
