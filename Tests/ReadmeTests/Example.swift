import NeuralNetwork
import Optimization
import TensorCore

/// The README's example; returns the last loss.
func example() throws -> Float {
  struct Model: Module {  // a module lists its parts by name
    let hidden, output: Linear
    var members: Members {
      ("hidden", hidden)
      ("output", output)
    }
    func callAsFunction(_ x: Tensor) -> Tensor { output(hidden(x).tanh()) }
  }

  var random = Random(seed: 1)  // all randomness comes from here
  let model = Model(hidden: Linear(1, 32, &random), output: Linear(32, 1, &random))
  let adam = Adam(model, rate: 1e-2)
  let x = Tensor.uniform([256, 1], -2, 2, &random)  // [256, 1]
  let y = x * x * x - x  // [256, 1]
  for step in 0..<1000 {
    model.clearGradients()
    let loss = meanSquaredError(model(x), y)  // []
    loss.backward()
    if step % 250 == 0 { print(step, loss.item) }
    adam.step()
  }
  print(model.hidden.weight.gradient!.shape)  // [32, 1]: d loss / d weight
  return meanSquaredError(model(x), y).item
}
