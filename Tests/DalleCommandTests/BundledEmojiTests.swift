import Checkpoints
import EmojiJudge
import EmojiWorld
import Foundation
import Images
import PictureFiles
import Pretrained
import TensorCore
import TestSupport
import Testing
import TextToImage

@testable import DalleCommand

@Suite("The bundled emoji models") struct BundledEmojiTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `words that only one world knows choose it, and this is said`() throws {
    let stickers = try Pretrained.transformer().tokenizer
    let emoji = try Pretrained.emoji().transformer.tokenizer
    func choice(_ caption: String) -> (WorldName, String) {
      let (world, note) = ModelFlags.world(of: caption, stickers, emoji)
      return (world, note ?? "")
    }
    let only = choice("a fox above a pizza at night")
    #expect(only.0 == .emoji)
    #expect(only.1.contains("only the emoji models know \"fox\", \"pizza\", so they draw"))
    let tie = choice("a red fox")
    #expect(tie.0 == .stickers)
    #expect(tie.1 == "the emoji models know \"fox\"; --world emoji has them draw")
    for caption in ["a red star above a blue house at night", "a star at night", "a xyzzy"] {
      #expect(choice(caption) == (.stickers, ""), "\(caption)")
    }
  }

  @Test func `both worlds draw`() throws {
    let output = folder.file("drawn.png")
    for (caption, most) in [("a fox at night", 8), ("a star at night", 16)] {
      let beginning = folder.file("rows.png")
      try Image(width: 64, height: 64, fill: (30, 30, 80)).writePNG(to: beginning)
      // As many rows of codes as the world has may be given, and no more.
      let rows = ["--complete", beginning, "--rows"]
      let arguments = [caption, "--candidates", "1", "--output", output] + rows
      #expect(dalle(arguments + ["\(most)"]).status == 0)
      #expect(dalle(arguments + ["\(most + 1)"]).status == 1)
      #expect(try Image(contentsOf: output).width > 64)
    }
    let other = ["a star at night", "--world", "emoji", "--candidates", "1", "--output", output]
    #expect(dalle(other).status == 0)
    let both = dalle(["a fox", "--world", "emoji", "--models", folder.path])
    #expect(both.status == 64 && both.complaint.contains("--models names others"))
  }

  /// Each thing alone, one picture each. The shipped models draw nine of ten at least.
  @Test func `the network finds what was drawn for the names of all things`() throws {
    let models = try Pretrained.emoji()
    let judge = try EmojiNet(Pretrained.emojiJudge())
    #expect(judge.things == Pretrained.emojiThings)
    let scenes = EmojiThing.all.prefix(judge.things).map {
      EmojiScene(.single($0, size: nil, position: nil), ground: .night)
    }
    let captions = scenes.map { $0.captions[0] }
    let pictures = try models.draw(
      oneForEach: captions, seed: 1, models.transformer.sampling ?? .usual)
    let readings = judge.read(Image.pictures(of: pictures))
    let right = zip(readings, scenes).count { $0.shows($1).isRight }
    #expect(right >= 90, "\(right) of \(scenes.count)")
  }

  @Test func `the best of eight is right for a pair that never met`() throws {
    let models = try Pretrained.emoji()
    let judge = try EmojiNet(Pretrained.emojiJudge())
    let scenes = EmojiScenes(things: Pretrained.emojiThings)
    let samples = (0..<8).map { scenes.sample(.unseenPairs, seed: 21, index: $0) }
    let options = models.transformer.sampling ?? .usual
    let right = try samples.count { sample in
      let drawn = try models.draw(sample.caption, count: 8, seed: 1, options)
      let best = try models.ranked(drawn, sample.caption)[0]
      return judge.read([best.picture])[0].shows(sample.scene).isRight
    }
    #expect(right >= 6, "\(right) of 8")
  }

  @Test func `pictures become codes and are compared with captions`() throws {
    let caption = "a fox above a pizza at night"
    let drawing = ["--candidates", "1", "--output", folder.file("drawn.png")]
    #expect(dalle([caption, "--each", folder.path] + drawing).status == 0)
    let (picture, again) = (folder.file("001.png"), folder.file("again.png"))
    let world = ["--world", "emoji"]
    #expect(dalle(["reconstruct", picture, "--output", again] + world).status == 0)
    // One code for 8×8 pixels loses little of what the same decoder drew.
    #expect(psnr(try Image(contentsOf: picture), try Image(contentsOf: again)) > 30)
    #expect(dalle(["score", picture, caption, "a pizza above a fox at night"] + world).status == 0)
    #expect(dalle(["score", caption, picture, again, "--json"] + world).status == 0)
    for command in [["score", caption], ["reconstruct"]] {
      let both = dalle(command + [picture, "--model", again] + world)
      #expect(both.status == 64 && both.complaint.contains("--model names another"))
    }
  }
}
