// Real or drawn? A network that learnt the difference between the pictures of the data set and those of
// some models.

import NeuralNetwork
import TensorCore
import Training

/// Tells how real pictures of 64×64 pixels look.
///
/// It knows only the faults of the models whose pictures it was trained with: a model with other faults
/// may look real to it. And it is no person: it may see a blurred edge that people overlook, and overlook
/// a crooked face that people see.
public struct RealismNet: Module {
  private let trunk: PictureTrunk
  private let head: Linear

  /// An untrained network, whose stages have so many `channels`, multiples of 8.
  public init(channels: [Int], _ random: inout Random) {
    trunk = PictureTrunk(channels: channels, outputs: 64, &random)
    head = Linear(trunk.outputs, 1, &random)
  }

  /// `convolutions`, `norms`, `summary` and `head`.
  public var members: Members {
    ("", trunk)
    ("head", head)
  }

  /// The channels after each stage.
  var channels: [Int] { trunk.channels }

  /// Pictures [B, 64, 64, 3] in 0 … 1 → logits [B], above 0 for real.
  func callAsFunction(_ pictures: Tensor) -> Tensor {
    head(trunk(pictures)).reshaped(pictures.shape[0])
  }

  /// Pictures [n, 3, 64, 64] in 0 … 1 → n logits, above 0 for real. 64 at a time, without gradient.
  public func realism(_ pictures: Tensor) -> [Float] {
    pictures.expect(nil, 3, PictureTrunk.size, PictureTrunk.size, name: "judged pictures")
    return inParts(of: 64, count: pictures.shape[0]) {
      self(pictures.sliced(axis: 0, $0).channelsLast)
    }.scalars
  }

  /// Trains for `steps` batches, half of whose pictures are real, half drawn. Both closures return so
  /// many random pictures, [count, 3, 64, 64] in 0 … 1.
  ///
  /// Throws what the closures throw, or a `TrainingError`.
  public func train(
    steps: Int, batch: Int = 64, seed: UInt64, real: (Int, inout Random) throws -> Tensor,
    drawn: (Int, inout Random) throws -> Tensor, terminal: Terminal = .standardError
  ) throws {
    let trainer = Trainer(
      reading: "realism", self, rate: 1e-3, steps: steps, seed: seed, terminal: terminal)
    let half = batch / 2
    let isReal = Tensor((0..<2 * half).map { $0 < half ? 1 : 0 })  // [B]
    try trainer.run { _, random in
      let pictures = concatenate(
        [try real(half, &random), try drawn(half, &random)], axis: 0)  // [B, 3, 64, 64]
      let loss = binaryCrossEntropy(logits: self(pictures.channelsLast), isReal)
      loss.backward()
      return Metrics(loss: loss.item)
    }
  }
}
