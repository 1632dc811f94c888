// What a training of everything learns from: the reader's own pictures, or the emoji world.

import CaptionedImages
import DALLETraining
import EmojiWorld
import Text

/// Pairs for all stages of a training.
struct TrainingSource {
  /// Pictures for the dVAE. Those of the reader may be mirrored.
  let pictures: any PairSource
  /// Pictures with their captions, which know left from right.
  let pairs: any PairSource
  /// The captions from which tokenizers learn, and samples are drawn.
  let captions: any Sequence<String>
  /// How many pictures there are; nil if they never end.
  let count: Int?
  /// Pairs that nothing is learnt from, if there are any, and captions of such.
  let heldOut: (any PairSource)?
  let heldOutCaptions: [String]
  /// What identifies the data, for checkpoints.
  let content: String
  /// The world, if pairs come from one.
  let emoji: EmojiWorld?
  /// The reader's own pictures, if they are the source.
  let own: OwnPictures?

  /// The pictures at `data`, of which some may be held out, or those of a world; for a `run` in a
  /// folder, whose first stage has its state in another, or for a plan.
  init(
    _ data: String?, holdOut: Int, _ choice: WorldOption, seed: UInt64,
    run: (folder: String, stage: String)?
  ) throws {
    if let data {
      let holdOut = HoldOut(count: holdOut, seed: seed)
      let own =
        try run.map { try OwnPictures(data, holdOut, folder: $0.folder, stage: $0.stage) }
        ?? OwnPictures(data, holdOut)
      let pairs = own.pairs(.transformer(size: 64))
      try own.noteContrast(pairs)
      (pictures, self.pairs, captions) = (own.pairs(.dVAE(size: 64)), pairs, pairs.captions)
      (count, content, emoji, self.own) = (own.images.count, own.content, nil, own)
      let others = own.heldOutPairs(.transformer(size: 64))
      (heldOut, heldOutCaptions) = (others, others.map { Array($0.captions) } ?? [])
    } else {
      let world = try choice.emoji()
      pairs = world.pairs(.training, size: 64, seed: seed, count: nil)
      (pictures, captions) = (pairs, world.captions(seed: seed, count: 4000))
      (count, content, emoji, own) = (nil, world.name, world, nil)
      heldOut = EmojiPairs(world, .validation, size: 64, seed: 3, count: 256)
      heldOutCaptions = (0..<6).map { world.sample(.validation, seed: 3, index: $0).caption }
    }
  }

  /// The tokenizer of the transformer's captions.
  var tokenizer: Tokenizer {
    emoji.map { .streams(of: $0) } ?? .streams(captions, minimumCount: 1)
  }
}
