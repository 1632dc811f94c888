import Kernels
import NeuralNetwork
import TensorCore

/// Stops this process unless checkpointing the blocks of a model leaves its loss and all its gradients
/// as they are, bit for bit and in both precisions, while their history takes at most `share` of its
/// memory. Call it in a process of its own: the memory of all threads is counted.
public func requireSameGradients(
  _ model: some Module, memory share: Double, _ loss: () -> Tensor
) {
  for precision in [Precision.f32, .bf16] {
    func run(_ isOn: Bool) -> (numbers: [[UInt32]], memory: Int) {
      model.clearGradients()
      let before = Memory.statistics.live
      let result = withPrecision(precision) { withCheckpointedBlocks(isOn) { loss() } }
      let memory = Memory.statistics.live - before
      result.backward()
      let gradients = model.parameters.map { $0.tensor.gradient?.scalars ?? [] }
      precondition(gradients.contains { $0.contains { $0 != 0 } }, "all gradients are 0")
      return (([result.scalars] + gradients).map { $0.map(\.bitPattern) }, memory)
    }
    let (usual, checkpointed) = (run(false), run(true))
    let names = ["the loss"] + model.parameters.map(\.name)
    for (name, numbers) in zip(names, zip(usual.numbers, checkpointed.numbers)) {
      precondition(numbers.0 == numbers.1, "\(precision): \(name) differs")
    }
    precondition(
      Double(checkpointed.memory) <= share * Double(usual.memory),
      "\(precision): \(checkpointed.memory) bytes are kept, \(usual.memory) without checkpoints")
  }
}
