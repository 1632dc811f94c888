import DFGAN
import GANTraining
import NeuralNetwork
import TensorCore
import TestSupport
import Testing

@Suite("Gradient penalty") struct GradientPenaltyTests {
  /// linear(flatten(leaky ReLU(convolution)))
  @Test func `agrees with PyTorch's second-order gradients`() throws {
    let net = try ReferenceNet("gradpen")
    let penalty = gradientPenalty(at: [try net.input(0)], weight: 1, power: 2) { inputs, pass in
      #expect(inputs.count == 1)
      return pass.multiply(net.linear("lin"), net.flat(inputs[0], pass))
    }
    try net.compare(penalty)
  }

  /// The same through a tanh and a second input, with the authors' k = 2 and p = 6.
  @Test func `agrees for DF-GAN's penalty, and for slopes that depend on weights`() throws {
    let net = try ReferenceNet("magp")
    let inputs = [try net.input(0), try net.input(1)]
    let penalty = gradientPenalty(at: inputs, weight: 2, power: 6) { inputs, pass in
      let features = pass.apply(
        .tanh, pass.multiply(net.linear("lin"), net.flat(inputs[0], pass)))  // [B, 6]
      let joint = concatenate([features, inputs[1]], axis: 1)  // [B, 11]
      let hidden = pass.apply(.leakyRelu(0.2), pass.multiply(net.linear("j2"), joint))
      return pass.multiply(net.linear("j"), hidden)
    }
    try net.compare(penalty)
  }

  @Test(arguments: [2, 6] as [Float])
  func `of a discriminator agrees with finite differences`(_ power: Float) throws {
    var random = Random(seed: 3)
    let net = DFGANDiscriminator(
      DFGANConfiguration(base: 2, noise: 3, sentence: 5, size: 16), &random)
    // Blocks add nothing before their gains have moved; larger weights make larger gradients.
    for (name, tensor) in net.parameters {
      tensor.assign(
        name.hasSuffix("gamma") ? .ones(tensor.shape) : tensor.detached * 2)
    }
    let inputs: [Tensor] = [.normal([3, 16, 16, 3], &random), .normal([3, 5], &random)]
    func penalty() -> Float {
      net.clearGradients()
      return gradientPenalty(at: inputs, weight: 0.5, power: power) { net($0[0], $0[1], $1) }
    }
    let value = penalty()
    #expect(value > 0)
    let gradients = net.parameters.map { ($0.name, $0.tensor, $0.tensor.gradient) }
    // A parameter that moves along d changes the penalty by g·d a unit. Half of d is g's own direction,
    // so that the change is large enough to see; the rest finds what g leaves out.
    for (name, tensor, gradient) in gradients {
      guard let gradient else {
        #expect(name.hasSuffix("bias"), "\(name) got no gradient")
        continue
      }
      func unit(_ x: Tensor) -> Tensor { x * (1 / x.square().sum().item.squareRoot()) }
      let kept = tensor.detached + 0
      let direction = unit(gradient) + unit(.normal(gradient.shape, &random))
      let expected = (gradient * direction).sum().item
      // So small that hardly a number inside crosses 0, where the penalty jumps.
      let step: Float = 1e-4
      func moved(_ h: Float) -> Float {
        tensor.assign(kept.adding(direction, times: h))
        return penalty()
      }
      let slope = (moved(step) - moved(-step)) / (2 * step)
      tensor.assign(kept)
      let norm = gradient.square().sum().item.squareRoot()
      // 32 bits lose about a thousandth of the value over so small a step.
      #expect(
        abs(slope - expected) < 0.03 * norm + 2e-3 * value,
        "\(name): \(slope), not \(expected)")
    }
  }

  @Test func `is 0 with gradient 0 where the network does not depend on its input`() {
    let w = Tensor.zeros([3]).requiringGradient()
    let penalty = gradientPenalty(at: [Tensor.ones([4, 3])], weight: 2, power: 6) { inputs, pass in
      (inputs[0] * pass.weight(w)).sum(axis: 1)
    }
    #expect(penalty == 0)
    #expect(w.gradient?.scalars == [0, 0, 0])
  }
}

/// A network of Tests/Reference/ops.safetensors.
private struct ReferenceNet {
  let name: String
  let file: ReferenceFile
  private let convolution: Convolution2D
  private let layers: [String: Linear]

  init(_ name: String) throws {
    self.name = name
    let file = try ReferenceFile("ops")
    self.file = file
    func parameter(_ key: String) throws -> Tensor {
      let (shape, values) = try file.floats("\(name).param.\(key)")
      return Tensor(shape: shape, values)
    }
    var random = Random(seed: 1)
    convolution = Convolution2D(3, 4, kernel: 3, stride: 2, padding: 1, &random)
    convolution.weight.assign(try parameter("conv_w"))
    convolution.bias?.assign(try parameter("conv_b"))
    var layers: [String: Linear] = [:]
    for key in ["lin", "j2", "j"] where file.names.contains("\(name).param.\(key)_w") {
      let weight = try parameter("\(key)_w")
      let layer = Linear(weight.shape[1], weight.shape[0], &random)
      layer.weight.assign(weight)
      layer.bias?.assign(try parameter("\(key)_b"))
      layers[key] = layer
    }
    self.layers = layers
  }

  func input(_ index: Int) throws -> Tensor {
    let (shape, values) = try file.floats("\(name).in.\(index)")
    return Tensor(shape: shape, values)
  }

  func linear(_ key: String) -> Linear { layers[key]! }

  /// Convolution and leaky ReLU of pictures [B, 3, 8, 8] → [B, 64], flat as in PyTorch.
  func flat(_ x: Tensor, _ pass: NetworkPass) -> Tensor {
    let features = pass.apply(.leakyRelu(0.2), pass.convolve(convolution, x.channelsLast))
    return features.channelsFirst.reshaped(x.shape[0], -1)
  }

  /// Compares the penalty, and its gradient with respect to all parameters.
  func compare(_ penalty: Float) throws {
    let want = try file.floats("\(name).penalty").values[0]
    #expect(abs(penalty - want) <= 1e-5 * max(1, abs(want)))
    var parameters = [("conv_w", convolution.weight), ("conv_b", convolution.bias!)]
    for (key, layer) in layers {
      parameters += [("\(key)_w", layer.weight), ("\(key)_b", layer.bias!)]
    }
    #expect(
      parameters.count == file.names.filter { $0.hasPrefix("\(name).param.") }.count)
    for (key, tensor) in parameters {
      let want = try file.floats("\(name).grad.\(key)").values
      let got = tensor.gradient?.scalars ?? [Float](repeating: 0, count: tensor.count)
      let largest = want.reduce(0) { max($0, abs($1)) }
      let problem = difference(got, want, atol: 1e-5 * max(1, largest), rtol: 1e-4)
      #expect(problem == nil, "\(name).grad.\(key): \(problem ?? "")")
    }
  }
}
