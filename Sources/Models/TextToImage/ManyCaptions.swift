// One picture for each of many captions, for measurements.

import DALLE
import TensorCore

extension TextToImage {
  /// Draws one picture for each caption, [n, 3, H, W] in 0 … 1, for 64 captions at a time. A picture
  /// depends on its caption, on its number from 0 on and on the seed, not on those beside it.
  ///
  /// Throws a `TextError` if a caption has more tokens than the transformer reads. `progress` is called
  /// with the number of pictures so far.
  public func draw(
    oneForEach captions: [String], seed: UInt64, _ options: SamplingOptions,
    progress: (Int) -> Void = { _ in }
  ) throws -> Tensor {
    precondition(!captions.isEmpty, "1 or more captions are drawn, not 0")
    let c = transformer.model.configuration
    let random = Random(seed: seed).split("one for each")
    return concatenate(
      try captions.indices.parts(of: 64).map { part in
        let ids = try part.flatMap { try transformer.ids(captions[$0]) }
        let text = IndexTensor(shape: [part.count, c.textLength], ids)  // [B, T]
        var drawing = TokenDrawing(
          decoder, text: text, random: part.map { random.split($0) }, options)
        let codes = drawing.finish().values
        defer { progress(part.upperBound) }
        return dvae.decode(IndexTensor(shape: [part.count, c.rows, c.columns], codes))
      }, axis: 0)
  }
}
