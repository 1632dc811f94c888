// Pictures as a transformer would draw them: what a reranker has to judge.

import DiscreteVAE
import TensorCore

/// Sends pictures through a dVAE and makes mistakes in their codes.
///
/// A CLIP that has only seen crisp pictures looks at drawn ones as a stranger. Drawn pictures
/// themselves can only serve as wrong answers (see `Drawings`), as nobody knows whether they show
/// what was asked for; but of a picture that went through the dVAE we know.
public struct Redrawing {
  private let dvae: DiscreteVAE
  /// At most this share of a picture's codes is wrong.
  private let mostMistakes: Float

  /// Redraws with a dVAE.
  public init(_ dvae: DiscreteVAE, mostMistakes: Float = 0.1) {
    precondition(
      (0...1).contains(mostMistakes), "the share of mistakes is 0 … 1, not \(mostMistakes)")
    self.dvae = dvae
    self.mostMistakes = mostMistakes
  }

  /// Pictures [n, C, H, W] in 0 … 1, every second of them redrawn, with a share of mistakes that
  /// is uniform between none and most. A wrong code is one that stands elsewhere in the batch.
  public func redrawEverySecond(_ pictures: Tensor, using random: inout Random) -> Tensor {
    let n = pictures.shape[0]
    let rows = (0..<n).map { pictures.sliced(axis: 0, $0..<$0 + 1) }
    let chosen = stride(from: 1, to: n, by: 2)
    if n < 2 { return pictures }
    var codes = dvae.encode(concatenate(chosen.map { rows[$0] }, axis: 0))  // [n/2, h, w]
    let count = codes.values.count / codes.shape[0]
    let right = codes.values
    for picture in 0..<codes.shape[0] {
      let share = random.uniform() * mostMistakes
      for place in picture * count..<(picture + 1) * count where random.uniform() < share {
        codes.values[place] = right[random.integer(below: right.count)]
      }
    }
    let redrawn = dvae.decode(codes)  // [n/2, C, H, W]
    return concatenate(
      rows.indices.map {
        $0 % 2 == 0 ? rows[$0] : redrawn.sliced(axis: 0, $0 / 2..<$0 / 2 + 1)
      }, axis: 0)
  }
}
