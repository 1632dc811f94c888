/// The sizes of a convolution. The transposed convolution has the same sizes with input and
/// output exchanged.
public struct ConvolutionShape: Equatable, Sendable {
  /// Pictures.
  public var batch: Int
  /// H
  public var inputHeight: Int
  /// W
  public var inputWidth: Int
  /// C
  public var inputChannels: Int
  /// H'
  public var outputHeight: Int
  /// W'
  public var outputWidth: Int
  /// O
  public var outputChannels: Int
  /// kh
  public var kernelHeight: Int
  /// kw
  public var kernelWidth: Int
  /// Distance between neighbouring windows.
  public var stride: Int
  /// Zeros on each side of the input.
  public var padding: Int

  /// The sizes of a convolution.
  public init(
    batch: Int, inputHeight: Int, inputWidth: Int, inputChannels: Int, outputHeight: Int,
    outputWidth: Int, outputChannels: Int, kernelHeight: Int, kernelWidth: Int, stride: Int,
    padding: Int
  ) {
    self.batch = batch
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.inputChannels = inputChannels
    self.outputHeight = outputHeight
    self.outputWidth = outputWidth
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.padding = padding
  }

  /// Rows of output that one task computes, so that its input fits the second-level cache.
  var rowsPerTask: Int {
    let wanted = max(1, 512 / max(outputWidth, 1))
    return min(outputHeight, wanted)
  }
}
