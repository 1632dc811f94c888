// Ten minutes of Swift: tensors, a gradient, and a training.

import Foundation
import NeuralNetwork
import Notebook
import Optimization
import TensorCore

extension Chapter0 {
  static var primerCells: [Cell<State>] {
    [
      Cell("tensors", "Tensors") { _, out in
        // ANCHOR: tensors
        let x = Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])  // [2, 3]
        let w = Tensor(shape: [3, 2], [1, 0, 0, 1, 1, 1])  // [3, 2]
        let y = matmul(x, w)  // [2, 2]
        out.show("y", y)
        out.show("y, columns added up", y.sum(axes: [1]))  // [2]
        out.show("first row of x", x.sliced(axis: 0, 0..<1))  // [1, 3]
        out.show("x times itself, plus 1", x * x + 1)  // [2, 3]
        // ANCHOR_END: tensors
      },
      Cell("gradient", "A gradient") { _, out in
        // ANCHOR: gradient
        let w = Tensor(shape: [2], [3, -1]).requiringGradient()  // [2]
        let loss = (w * w).sum()  // 3² + 1² = 10
        loss.backward()  // d loss / d w = 2 w
        out.show("loss", loss)
        out.show("gradient", w.gradient!)
        // ANCHOR_END: gradient
      },
      Cell("line", "A training") { _, out in
        // ANCHOR: line
        var random = out.random
        let x = Tensor.uniform([64, 1], -1, 1, &random)  // [64, 1]
        let y = x * 2 - 1  // [64, 1]: the line to be found
        let model = Linear(1, 1, &random)  // one weight, one bias
        let optimizer = Adam(model, rate: 0.1)
        for step in 0...100 {
          model.clearGradients()
          let loss = meanSquaredError(model(x), y)
          loss.backward()
          optimizer.step()
          if step.isMultiple(of: 25) { out.print("step \(step)  loss \(fixed(loss.item))") }
        }
        let (weight, bias) = (model.weight.item, model.bias!.item)
        out.print("weight \(fixed(weight)), bias \(fixed(bias))")
        // ANCHOR_END: line
      },
    ]
  }

  private static func fixed(_ number: Float) -> String { String(format: "%.4f", number) }
}
