// Scenes that are chosen from a world's.

import CaptionedImages
import EmojiWorld
import Images

/// Some scenes of the emoji world with their captions.
struct ChosenScenes: DrawnPairs {
  let size = 64
  let count: Int?
  private let world: EmojiWorld
  let samples: [EmojiScenes.Sample]

  /// The first `count` scenes of a split that a condition holds for.
  init(
    _ world: EmojiWorld, _ split: EmojiSplit, count: Int, where isChosen: (EmojiScene) -> Bool
  ) {
    self.world = world
    self.count = count
    var (samples, index) = ([EmojiScenes.Sample](), 0)
    while samples.count < count {
      let sample = world.sample(split, seed: 5, index: index)
      if isChosen(sample.scene) { samples.append(sample) }
      index += 1
    }
    self.samples = samples
  }

  var captions: [String] { samples.map(\.caption) }

  func drawn(at index: Int) -> (picture: Image, captions: [String]) {
    let sample = samples[index % samples.count]
    return (world.render(sample.scene, sample.layout), [sample.caption])
  }
}
