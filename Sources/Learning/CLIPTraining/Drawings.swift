// Pictures that a transformer drew for captions: nearly right ones, for a reranker to reject.

import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import StickerWorld
import TensorCore
import Training

/// Pictures that a transformer drew for captions of the train split.
///
/// We cannot know whether such a picture matches its caption. But the real picture certainly does,
/// so of the two, the caption belongs to the real one. A CLIP that learns to tell which is which,
/// from the same caption, learns how drawings go wrong.
public struct Drawings {
  private let tokens: TokenSet
  private let dvae: DiscreteVAE

  /// The number of drawings for each caption.
  static let perCaption = 8

  /// The drawings at `path`, in a dVAE's codes.
  ///
  /// Throws a `CheckpointError` if the file does not hold drawings in these codes.
  public init(_ path: String, _ dvae: DiscreteVAE) throws(CheckpointError) {
    tokens = try TokenSet(path)
    if tokens.encoderHash != dvae.encoderHash {
      throw .mismatch(
        file: path,
        reason: "holds drawings in the codes of another dVAE; use another folder to make new ones")
    }
    try tokens.check(
      rows: tokens.rows, columns: tokens.columns, vocabulary: dvae.configuration.vocabulary)
    self.dvae = dvae
  }

  /// The number of drawings.
  public var count: Int { tokens.count }
  /// The origin of the drawings, with their random seed, as stored in the file.
  public var source: String { tokens.source }

  /// The `source` of drawings with this random seed.
  public static func source(seed: UInt64) -> String { "drawn for stickers, seed \(seed)" }

  /// Draws `count` pictures for captions of the train split, several for each caption, and stores
  /// their codes at `path`. What an earlier call had drawn when it was stopped is taken over.
  ///
  /// They are drawn at temperature 1, without filters or guidance, so that they show all mistakes
  /// of the transformer.
  ///
  /// - Parameter terminal: Where progress is shown, if anywhere.
  /// - Throws: A `TextError` if a caption is too long for the transformer; a `CheckpointError` if
  ///   the file cannot be written; a `TrainingError` if the user stops the program or the disk is
  ///   too small.
  public static func make(
    _ count: Int, _ transformer: CaptionedDALLE, _ dvae: DiscreteVAE, seed: UInt64, to path: String,
    showingProgressOn terminal: Terminal? = nil
  ) throws {
    precondition(count > 0, "1 or more pictures are drawn, not \(count)")
    let decoder = DALLEDecoder(transformer.model)
    let c = transformer.model.configuration
    var bar: ProgressBar?
    defer { bar?.end() }
    try TokenSet.make(
      count, grid: (c.rows, c.columns), called: source(seed: seed), encoderHash: dvae.encoderHash,
      partsOf: perCaption, to: path,
      progress: { done in
        // What was drawn before the first call does not count for the speed.
        if let bar { return bar.update(done, "") }
        bar = terminal.map {
          ProgressBar("drawings", total: count, unit: "picture", done: done, to: $0)
        }
      }
    ) { part in
      let index = part.lowerBound / perCaption
      let caption = StickerWorld.sample(.train, seed: seed, index: index).caption
      var chance = Random(seed: seed).split("drawings").split(index)
      let codes = try transformer.draw(
        caption, candidates: 0..<part.count, seed: chance.next(), SamplingOptions(),
        decoder: decoder)
      return (codes.values, [String](repeating: caption, count: part.count))
    }
  }

  /// Random drawings [count, 3, H, W], and the scenes that they should show.
  ///
  /// Throws a `CaptionError` if a caption in the file describes no scene, or a `CheckpointError` if
  /// the file cannot be read.
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

  /// Pictures [n, 3, H, W] → their reconstructions by the dVAE, so that real ones cannot be told by
  /// their sharpness.
  func reconstructed(_ pictures: Tensor) -> Tensor { dvae.decode(dvae.encode(pictures)) }
}
