import DALLE
import NeuralNetwork
import NumberFormats
import TensorCore
import Testing

@testable import MixedPrecision

@Suite("A transformer with resblocks in 16 bits") struct MixedForwardTests {
  private let model = smallExperiment.untrained()

  private func scales(_ value: Float) -> [Scale] {
    Array(repeating: Scale(value: value, isFiltered: true), count: 6)
  }

  /// The loss of a computation, and the gradients of all parameters.
  private func run(_ body: () -> DALLELoss) -> (loss: Float, gradients: [[UInt32]]) {
    model.clearGradients()
    let loss = body().total
    loss.backward()
    return (loss.item, model.parameters.map { bits($0.tensor.gradient ?? .zeros([0])) })
  }

  @Test(arguments: [1, 0x1p10] as [Float])
  func `in 32 bits it is the plain transformer, bit for bit`(scale: Float) {
    let pairs = somePairs
    // A trace makes the plain model add residuals by themselves, as figure 4 does.
    let plain = run {
      model.loss(
        of: model.hidden(text: pairs.text, image: pairs.image, trace: Trace()), text: pairs.text,
        image: pairs.image)
    }
    let pass = MixedPass(format: nil, scales: scales(scale))
    let mixed = run { model.losses(text: pairs.text, image: pairs.image, pass) }
    #expect(mixed.loss == plain.loss)
    var divided: [String: Tensor] = [:]
    for (name, tensor) in model.parameters where name.contains("transformer.layers") {
      divided[name] = tensor.gradient.map { $0 / scale }
    }
    for (i, name) in model.parameters.map(\.name).enumerated() {
      #expect((divided[name].map(bits) ?? mixed.gradients[i]) == plain.gradients[i], "\(name)")
    }
    let fused = run { model(text: pairs.text, image: pairs.image) }
    #expect(abs(fused.loss - mixed.loss) < 1e-5)
  }

  @Test(arguments: [FloatFormat.half, .bfloat16])
  func `all results and gradients inside are numbers of the format`(format: FloatFormat) {
    var (count, wrong) = (0, 0)
    var pass = MixedPass(format: format, scales: scales(512))
    pass.onResult = { x in
      count += 1
      if bits(x.rounded(to: format)) != bits(x) { wrong += 1 }
    }
    let pairs = somePairs
    let loss = run { model.losses(text: pairs.text, image: pairs.image, pass) }.loss
    #expect(wrong == 0)
    // Forward a resblock has its input, norm, two weights, two products and what is between them;
    // backward the gradients of all seven and that of the output.
    #expect(count == 6 * 15)
    let exact = model(text: pairs.text, image: pairs.image).total.item
    #expect(loss != exact && abs(loss - exact) < 0.01)
  }

  @Test func `gradients of gains and biases keep 32 bits, those of matrices do not`() {
    let pairs = somePairs
    let pass = MixedPass(format: .half, scales: scales(512))
    _ = run { model.losses(text: pairs.text, image: pairs.image, pass) }
    for (name, tensor) in model.parameters {
      guard let gradient = tensor.gradient else {
        Issue.record("\(name) has no gradient")
        continue
      }
      let isRounded = bits(gradient.rounded(to: .half)) == bits(gradient)
      let isHalf = name.contains("transformer.layers") && tensor.rank == 2
      #expect(isRounded == isHalf, "\(name)")
    }
  }
}
