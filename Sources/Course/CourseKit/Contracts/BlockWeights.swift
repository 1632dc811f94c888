import TensorCore

/// The weights of a transformer block of width D. Only its layer norms have biases.
public struct BlockWeights: Sendable {
  /// Gain and bias, [D] each, of the layer norm before attention and of the one before the MLP.
  public let norm1, norm2: (gain: Tensor, bias: Tensor)
  /// [D, D]: the matrices that make queries, keys and values of normalised tokens.
  public let query, key, value: Tensor
  /// [D, D]: the matrix that mixes the results of the heads.
  public let output: Tensor
  /// [M, D]: the first layer of the MLP; M is 4D in the models of the book.
  public let first: Tensor
  /// [D, M]: its second layer.
  public let second: Tensor

  /// The weights of a block.
  public init(
    norm1: (gain: Tensor, bias: Tensor), query: Tensor, key: Tensor, value: Tensor, output: Tensor,
    norm2: (gain: Tensor, bias: Tensor), first: Tensor, second: Tensor
  ) {
    (self.norm1, self.norm2) = (norm1, norm2)
    (self.query, self.key, self.value, self.output) = (query, key, value, output)
    (self.first, self.second) = (first, second)
  }
}

extension BlockWeights: Transferable {
  /// The tensors in the order of a block.
  public var wire: Wire {
    [norm1.gain, norm1.bias, query, key, value, output, norm2.gain, norm2.bias, first, second].wire
  }

  /// Throws a `WireError` if the message is not ten tensors.
  public init(wire: Wire) throws {
    let parts = try [Tensor](wire: wire)
    guard parts.count == 10 else {
      throw WireError(description: "the weights of a block are 10 tensors, not \(parts.count)")
    }
    self.init(
      norm1: (parts[0], parts[1]), query: parts[2], key: parts[3], value: parts[4],
      output: parts[5], norm2: (parts[6], parts[7]), first: parts[8], second: parts[9])
  }
}
