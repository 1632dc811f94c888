// A dVAE in a checkpoint, and the hash by which others name it.

import Checkpoints
import NeuralNetwork
import TensorCore

extension DiscreteVAE {
  /// A dVAE from its checkpoint.
  ///
  /// Throws a `CheckpointError` if the file holds something else.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    self = try checkpoint.model { DiscreteVAE($0, &$1) }
  }

  /// The SHA-256 of the encoder's parameters: dVAEs with the same hash turn a picture into the same
  /// codes, whatever their decoders.
  public var encoderHash: String {
    let numbers = encoder.tensors.flatMap { $0.tensor.scalars }
    return numbers.withUnsafeBytes { SHA256.hex($0) }
  }
}
