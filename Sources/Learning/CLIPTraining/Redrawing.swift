// Pictures as a transformer would draw them, which a reranker must judge.

import DiscreteVAE
import TensorCore

/// Sends pictures through a dVAE and makes mistakes in their codes.
///
/// To a CLIP that has only seen crisp pictures, drawn ones are unfamiliar. Drawn pictures
/// themselves can only serve as wrong answers (see `Drawings`), because we do not know whether they
/// show what their captions say; of a picture that went through the dVAE we do know.
public struct Redrawing {
  private let dvae: DiscreteVAE
  /// The largest share of a picture's codes that is replaced by wrong ones.
  private let mostMistakes: Float

  /// Redraws with a dVAE, and replaces up to `mostMistakes` of a picture's codes, 0 … 1.
  public init(_ dvae: DiscreteVAE, mostMistakes: Float = 0.1) {
    precondition(
      (0...1).contains(mostMistakes), "the share of mistakes is 0 … 1, not \(mostMistakes)")
    self.dvae = dvae
    self.mostMistakes = mostMistakes
  }

  /// Pictures [n, C, H, W] in 0 … 1 → the same with every second one redrawn. The share of mistakes
  /// is uniform between none and `mostMistakes`; a wrong code is one from elsewhere in the batch.
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
