// Modules, initialisers, schedules and the pieces that have no public reference.

import NeuralNetwork
import Optimization
import TensorCore
import Testing

@Suite("Layers") struct LayerTests {
  @Test func `a module's tensors have dotted names in order`() {
    var random = Random(seed: 1)
    let block = DenseBlock(width: 8, heads: 2, layers: 1, &random)
    let names = block.tensors.map(\.name)
    #expect(names.first == "layer_norm1.weight")
    #expect(names.contains("self_attn.q_proj.weight"))
    #expect(names.last == "mlp.fc2.bias")
    #expect(block.parameterCount == 12 * 64 + 13 * 8)
    #expect([block, block].count == 2)
    struct Counter: Module {
      let weight = Tensor.ones([4]).requiringGradient()
      let seen = Tensor.zeros([4])
      var members: Members {
        ("weight", weight)
        ("seen", seen)
      }
    }
    #expect(Counter().tensors.map(\.name) == ["weight", "seen"])
    #expect(Counter().parameters.map(\.name) == ["weight"])
  }

  @Test func `a block without its output projections changes nothing`() {
    var random = Random(seed: 2)
    let block = DenseBlock(width: 8, heads: 2, layers: 1, &random)
    for linear in [block.attention.output, block.feedForward.second] {
      linear.weight.assign(.zeros(linear.weight.shape))
    }
    let x = Tensor.normal([2, 5, 8], &random)
    #expect(block(x).scalars == x.scalars)
  }

  @Test func `a causal block does not look ahead`() {
    var random = Random(seed: 3)
    let block = DenseBlock(width: 8, heads: 2, layers: 1, &random)
    let x = Tensor.normal([1, 6, 8], &random)
    let changed = concatenate(
      [x.sliced(axis: 1, 0..<4), Tensor.normal([1, 2, 8], &random)], axis: 1)
    let a = block(x, mask: .causal).sliced(axis: 1, 0..<4)
    let b = block(changed, mask: .causal).sliced(axis: 1, 0..<4)
    #expect(a.scalars == b.scalars)
  }

  @Test func `initialisers have the spread they promise`() {
    var random = Random(seed: 4)
    func deviation(_ initializer: Initializer) -> Float {
      let w = initializer([200, 100], inputs: 100, outputs: 200, &random)
      return w.flattened.variance(axis: 0).squareRoot().item
    }
    #expect(abs(deviation(.normal(0.02)) - 0.02) < 0.001)
    #expect(abs(deviation(.kaimingUniform) - 0.1 / Float(3).squareRoot()) < 0.002)
    #expect(abs(deviation(.kaimingNormal) - Float(0.02).squareRoot()) < 0.003)
    #expect(deviation(.zeros) == 0)
    let cut = Initializer.truncatedNormal(1)([5000], inputs: 1, outputs: 1, &random)
    #expect(cut.abs().maximum().item <= 2)
  }

  @Test func `groups scale the rate and choose the decay`() throws {
    let (a, b) = (Tensor([1]).requiringGradient(), Tensor([1]).requiringGradient())
    let adam = Adam(
      [
        ParameterGroup([(name: "a", tensor: a)], rateScale: 0.5, decay: 0),
        ParameterGroup([(name: "b", tensor: b)]),
      ], rate: 0.1, decay: .decoupled(1))
    a.gradient = Tensor([1])
    b.gradient = Tensor([1])
    adam.step()
    // Adam's first step has length rate; b shrinks by 10 % before it.
    #expect(abs(a.item - 0.95) < 1e-5)
    #expect(abs(b.item - 0.8) < 1e-5)
  }

  @Test func `a late first gradient is corrected by the steps of the optimiser`() {
    let (early, late) = (Tensor(1).requiringGradient(), Tensor(1).requiringGradient())
    let adam = Adam(
      [ParameterGroup([(name: "early", tensor: early), (name: "late", tensor: late)])], rate: 0.1)
    early.gradient = Tensor(3)
    adam.step()
    late.gradient = Tensor(3)
    adam.step()
    // Both steps of `early` have length rate. In step 2 the moments of `late` are 0.1 g and
    // 0.001 g², divided by 1 - 0.9² and 1 - 0.999²: 0.5263 / √0.50025 of rate.
    #expect(abs(early.item - 0.8) < 1e-5 && abs(late.item - 0.92559) < 1e-5, "\(late.item)")
  }

  @Test func `matrices decay and vectors do not`() {
    var random = Random(seed: 6)
    let groups = ParameterGroup.decayingMatrices(Linear(3, 2, &random), decay: 0.1)
    #expect(groups[0].parameters.map(\.name) == ["weight"])
    #expect(groups[1].parameters.map(\.name) == ["bias"])
    #expect(groups.map(\.decay) == [0.1, 0])
  }

  @Test func `swapping averages in and out loses nothing`() {
    var random = Random(seed: 7)
    let layer = Linear(3, 2, &random)
    let average = MovingAverage(layer, decay: 0.5)
    let fresh = layer.weight.scalars
    average.swap()
    #expect(layer.weight.scalars == fresh, "there is no average before the first update")
    average.update()
    let before = layer.weight.scalars
    layer.weight.update { $0[0] += 2 }
    average.update()
    let now = layer.weight.scalars
    average.swap()
    #expect(abs(layer.weight.scalars[0] - (before[0] + 1)) < 1e-6)
    average.swap()
    #expect(layer.weight.scalars == now)
  }

  @Test func `packed weights give the same product`() {
    var random = Random(seed: 8)
    for rows in [1, 2, 5, 6, 7, 16, 33] {
      let layer = Linear(70, 50, &random)
      let x = Tensor.normal([rows, 70], &random)
      let packed = PackedWeight(layer.weight, layer.bias)
      #expect((packed(x) - layer(x)).abs().maximum().item < 1e-5)
    }
  }
}
