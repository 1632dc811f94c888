// What a transformer made of captions: pictures that are nearly right, for a reranker to turn down.

import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import StickerWorld
import TensorCore

/// Pictures that a transformer drew for captions of the train split.
///
/// We cannot know whether such a picture matches its caption. But the real picture does for
/// certain, so when both stand side by side the caption belongs to the real one. A CLIP that
/// learns to tell which is which, from the same caption, learns how drawings go wrong.
public struct Drawings {
  private let tokens: TokenSet
  private let dvae: DiscreteVAE

  /// How many are drawn for each caption.
  static let perCaption = 8

  /// The drawings at `path`, in a dVAE's codes.
  ///
  /// Throws a `CheckpointError` if the file does not hold drawings in these codes.
  public init(_ path: String, _ dvae: DiscreteVAE) throws(CheckpointError) {
    tokens = try TokenSet(path)
    if tokens.encoderHash != dvae.encoderHash {
      throw .mismatch(
        file: path, reason: "holds drawings in the codes of another dVAE; let new ones be made")
    }
    self.dvae = dvae
  }

  /// How many there are.
  public var count: Int { tokens.count }
  /// The seed that decided them, as the file says it.
  public var source: String { tokens.source }

  /// What a file says of drawings of this seed.
  public static func source(seed: UInt64) -> String { "drawn for stickers, seed \(seed)" }

  /// Draws pictures for captions of the train split, a few for each, and keeps them at `path`.
  ///
  /// They are drawn at temperature 1, without filters or guidance: as the transformer is, with all
  /// its mistakes.
  ///
  /// - Parameter progress: Is told how many are done.
  /// - Throws: a `TextError` if a caption is too long for the transformer, a `CheckpointError` if
  ///   the file cannot be written.
  public static func make(
    _ count: Int, _ transformer: CaptionedDALLE, _ dvae: DiscreteVAE, seed: UInt64, to path: String,
    progress: (_ drawings: Int) -> Void = { _ in }
  ) throws {
    precondition(count > 0, "1 or more pictures are drawn, not \(count)")
    let decoder = DALLEDecoder(transformer.model)
    let c = transformer.model.configuration
    var (codes, captions): ([Int32], [String]) = ([], [])
    while captions.count < count {
      let index = captions.count / perCaption
      let caption = StickerWorld.sample(.train, seed: seed, index: index).caption
      var chance = Random(seed: seed).split("drawings").split(index)
      let some = min(perCaption, count - captions.count)
      codes +=
        try transformer.draw(
          caption, candidates: 0..<some, seed: chance.next(), SamplingOptions(), decoder: decoder
        ).values
      captions += [String](repeating: caption, count: some)
      progress(captions.count)
    }
    try TokenSet.write(
      IndexTensor(shape: [count, c.rows, c.columns], codes), captions,
      called: source(seed: seed), encoderHash: dvae.encoderHash, to: path)
  }

  /// Some drawings [count, 3, H, W] at random, and the scenes that they should show.
  ///
  /// Throws an error if a caption in the file describes no scene.
  func choose(
    _ count: Int, using random: inout Random
  ) throws -> (scenes: [Scene], pictures: Tensor) {
    let chosen = (0..<count).map { _ in random.integer(below: tokens.count) }
    let scenes = try chosen.map { try Scene(caption: tokens.caption(at: $0)) }
    let codes = try chosen.flatMap { try tokens.codes(at: $0) }
    return (
      scenes,
      dvae.decode(IndexTensor(shape: [count, tokens.rows, tokens.columns], codes))
    )
  }

  /// Pictures [n, 3, H, W] as the dVAE gives them back: real ones must not be known by their
  /// sharpness.
  func reconstructed(_ pictures: Tensor) -> Tensor { dvae.decode(dvae.encode(pictures)) }
}
