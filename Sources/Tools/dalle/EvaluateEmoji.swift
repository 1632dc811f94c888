// `dalle evaluate --world emoji`

import ArgumentParser
import Checkpoints
import Commands
import EmojiJudge
import EmojiWorld
import Evaluation
import Files
import Foundation
import Pretrained
import Text
import TextToImage
import Training

extension Evaluate {
  /// Draws for captions of the emoji world and judges the pictures.
  func judgeEmoji() throws {
    var choice = choice
    if models.models == nil { choice.things = choice.things ?? Pretrained.emojiThings }
    let (scenes, dalle) = (choice.scenes, try models.dalle(.emoji))
    let (judge, world, name) = try emojiJudge(choice)
    let splits =
      split.isEmpty
      ? EmojiSplit.allCases.filter { $0 != .train } : split.compactMap { EmojiSplit(rawValue: $0) }
    let options = sampling.options(for: dalle)
    var cut: [String] = []
    let progress = ProgressBar("evaluate", total: captions * splits.count, unit: "caption")
    let report = try EmojiEvaluation(
      scenes, judge, drawnBy: world, splits: splits, captions: captions, candidates: candidates,
      seed: seed
    ).run(
      candidates: { caption, seed, count in
        do {
          return try dalle.draw(caption, count: count, seed: seed, options).pictures
        } catch TextError.captionTooLong {
          cut.append(caption)
          return try dalle.draw(
            caption, count: count, seed: seed, options, truncate: true
          ).pictures
        }
      },
      scores: { try dalle.scores($0, $1) }, progress: { progress.update($0, "") })
    progress.end()
    print("\(report)\njudged by \(name)")
    if let first = cut.first {
      print("captions cut, since the transformer reads fewer tokens: \(cut.count) (“\(first)”, …)")
    }
    if let json { try AtomicFile.write(Array(report.json()), to: json) }
  }

  /// Who judges: the network that is named; or the drawings of the font; or, without a font, the network
  /// beside the models. With the font, its own pictures can be judged, too.
  private func emojiJudge(
    _ choice: WorldOption
  ) throws -> (judge: any EmojiReader, world: EmojiWorld?, name: String) {
    if let judge {
      let world: EmojiWorld?
      do { world = try choice.emoji() } catch EmojiFontError.notInstalled where choice.font == nil {
        world = nil
      }
      return (try network(judge, for: choice.scenes), world, judge)
    }
    do {
      let world = try choice.emoji()
      return (EmojiJudge(world), world, "the drawings of the font")
    } catch EmojiFontError.notInstalled(let places) where choice.font == nil {
      let path =
        try models.models.map { "\($0)/judge.safetensors" } ?? Pretrained.path("emoji-judge")
      guard FileManager.default.fileExists(atPath: path) else {
        throw CommandError(
          "\(EmojiFontError.notInstalled(places: places)), or a network with --judge")
      }
      return (try network(path, for: choice.scenes), nil, "\(path), since there is no font")
    }
  }

  private func network(_ path: String, for scenes: EmojiScenes) throws -> EmojiNet {
    let net = try EmojiNet(Checkpoint(path, kind: EmojiNet.kind))
    guard net.things >= scenes.things.count else {
      throw CommandError(
        "\(path): knows \(net.things) things, and captions speak of \(scenes.things.count); name "
          + "--things \(net.things), or another network")
    }
    return net
  }
}
