import PlainKernels
import TensorCore
import TestSupport
import Testing

@Suite("Plain convolution") struct Convolution2DTests {
  static let sizes = [
    ConvolutionSizes(
      batch: 1, height: 1, width: 1, channels: 1, outputs: 1, kernelHeight: 1, kernelWidth: 1,
      stride: 2),
    ConvolutionSizes(
      batch: 2, height: 7, width: 6, channels: 3, outputs: 5, kernelHeight: 3, kernelWidth: 3,
      padding: 1),
    ConvolutionSizes(
      batch: 3, height: 17, width: 33, channels: 7, outputs: 17, kernelHeight: 4, kernelWidth: 4,
      stride: 2, padding: 1),
    ConvolutionSizes(
      batch: 9, height: 8, width: 8, channels: 16, outputs: 33, kernelHeight: 3, kernelWidth: 3,
      padding: 1),
    ConvolutionSizes(
      batch: 1, height: 5, width: 9, channels: 17, outputs: 16, kernelHeight: 1, kernelWidth: 3),
    ConvolutionSizes(
      batch: 2, height: 9, width: 9, channels: 3, outputs: 7, kernelHeight: 3, kernelWidth: 3,
      stride: 3),
    // A stride beyond the kernel: some pixels meet no tap.
    ConvolutionSizes(
      batch: 2, height: 8, width: 7, channels: 4, outputs: 5, kernelHeight: 2, kernelWidth: 2,
      stride: 3, padding: 1),
    // No pictures: the gradient of the weights is zero.
    ConvolutionSizes(
      batch: 0, height: 5, width: 5, channels: 3, outputs: 17, kernelHeight: 3, kernelWidth: 3,
      padding: 1),
    ConvolutionSizes(
      batch: 1, height: 8, width: 8, channels: 1, outputs: 1, kernelHeight: 7, kernelWidth: 7,
      padding: 3),
  ]

  @Test(arguments: sizes.indices)
  func `convolution2D and its gradients are the plain ones`(_ index: Int) {
    let s = Self.sizes[index]
    var random = Random(seed: 1).split(index)
    let x = uniform(s.batch * s.height * s.width * s.channels, &random)
    let w = uniform(s.outputs * s.channels * s.kernelHeight * s.kernelWidth, &random)
    let dy = uniform(s.batch * s.outputHeight * s.outputWidth * s.outputs, &random)
    let input = Tensor(shape: [s.batch, s.height, s.width, s.channels], x).requiringGradient()
    let weight = Tensor(shape: [s.outputs, s.channels, s.kernelHeight, s.kernelWidth], w)
      .requiringGradient()
    let y = TensorCore.convolution2D(input, weight, stride: s.stride, padding: s.padding)
    #expect(y.shape == [s.batch, s.outputHeight, s.outputWidth, s.outputs])
    // The numbers of terms in a sum: of the forward pass, and of the gradients.
    let window = s.kernelHeight * s.kernelWidth
    let places = s.batch * s.outputHeight * s.outputWidth
    let want = PlainKernels.convolution2D(x, w, s)
    #expect(difference(y.scalars, want, atol: rounding(window * s.channels)) == nil)
    y.backward(upstream: Tensor(shape: y.shape, dy))
    let dx = convolution2DInputGradient(dy, w, s)
    let dw = convolution2DWeightGradient(x, dy, s)
    #expect(
      difference(input.gradient?.scalars ?? [], dx, atol: rounding(window * s.outputs)) == nil)
    #expect(difference(weight.gradient?.scalars ?? [], dw, atol: rounding(places)) == nil)
  }

  @Test func `the plain gradients are the slopes of the plain convolution`() {
    let s = ConvolutionSizes(
      batch: 2, height: 5, width: 4, channels: 2, outputs: 3, kernelHeight: 3, kernelWidth: 2,
      stride: 2, padding: 1)
    var random = Random(seed: 2)
    let x = uniform(s.batch * s.height * s.width * s.channels, &random)
    let w = uniform(s.outputs * s.channels * s.kernelHeight * s.kernelWidth, &random)
    let dy = uniform(s.batch * s.outputHeight * s.outputWidth * s.outputs, &random)
    expectSlopes(convolution2DInputGradient(dy, w, s), at: x) {
      dot(PlainKernels.convolution2D($0, w, s), dy)
    }
    expectSlopes(convolution2DWeightGradient(x, dy, s), at: w) {
      dot(PlainKernels.convolution2D(x, $0, s), dy)
    }
  }
}
