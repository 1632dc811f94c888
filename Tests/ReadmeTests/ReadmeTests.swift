// The README's pictures and numbers are those of the programs.

import EmojiJudge
import EmojiWorld
import Evaluation
import Foundation
import Pretrained
import StickerWorld
import Testing

@Suite("README") struct ReadmeTests {
  @Test func `every picture of the gallery has its command, and unseen means unseen`() throws {
    let readme = try text("README.md")
    let commands = readme.matches(
      of: /swift run dalle "(.+)" --keep 4 --output (figures\/gallery\/\S+)/)
    #expect(commands.count == 8)
    for command in commands {
      let (caption, file) = (String(command.1), String(command.2))
      let alt = caption.prefix(1).uppercased() + caption.dropFirst()
      #expect(readme.contains("![\(alt)](\(file))"), "\(file) is not shown as “\(alt)”")
      let isSeen: Bool
      if let scene = emojiScene(caption) {
        isSeen = [.train, .validation].contains(try #require(scene.split, "\(caption)"))
      } else {
        let split = try #require(try Scene(caption: caption).split, "\(caption)")
        isSeen = [.train, .validation].contains(split)
      }
      #expect(isSeen != file.contains("unseen"), "\(caption)")
    }
    #expect(commands.count { emojiScene(String($0.1)) != nil } == 4)
  }

  /// The scene of the emoji world that has this caption. All that have a thing in common with it are tried.
  private func emojiScene(_ caption: String) -> EmojiScene? {
    let things = EmojiThing.all.prefix(Pretrained.emojiThings)
      .filter { caption.contains($0.name) || caption.contains($0.plural) }
    let sizes = [nil] + Scene.Size.allCases
    let single = things.flatMap { thing in
      sizes.flatMap { size in
        ([nil] + Scene.Position.allCases).map {
          EmojiScene.Arrangement.single(thing, size: size, position: $0)
        }
      }
    }
    let several = things.flatMap { thing in
      [2, 3].map { EmojiScene.Arrangement.several(thing, count: $0) }
    }
    let pairs = things.flatMap { first in
      things.filter { $0 != first }.flatMap { second in
        Scene.Relation.allCases.map {
          EmojiScene.Arrangement.pair(first: first, $0, second: second)
        }
      }
    }
    return (single + several + pairs).lazy.flatMap { arrangement in
      ([nil] + EmojiScene.Ground.allCases).map { EmojiScene(arrangement, ground: $0) }
    }.first { $0.captions.contains(caption) }
  }

  @Test func `the README says how often it is right as the report does`() throws {
    let readme = try text("README.md")
    let report = try JSONDecoder().decode(
      EvaluationReport.self,
      from: Data(contentsOf: root.appending(path: "chapters/outputs/evaluation.json")))
    let errors = report.standardErrors.captionMatch
    #expect(report.captions["held_out"] == 3 * 512)
    #expect(report.measures.captionMatch.count == 5)
    for (part, shares) in report.measures.captionMatch {
      let cells = try ["best_of_1", "best_of_8", "best_of_32", "oracle_of_32"].map { way in
        let (share, error) = (try #require(shares[way]), try #require(errors[part]?[way]))
        return String(format: "%.1f ± %.1f", 100 * share, 100 * error)
      }
      #expect(readme.contains("| \(cells.joined(separator: " | ")) |"), "\(part): \(cells)")
    }
  }

  @Test func `the README says how often emoji are right as their report does`() throws {
    let readme = try text("README.md")
    let report = try JSONDecoder().decode(
      EmojiReport.self,
      from: Data(contentsOf: root.appending(path: "chapters/outputs/emoji-evaluation.json")))
    #expect(report.things == Pretrained.emojiThings && report.candidates == 8)
    #expect(Set(report.parts.map(\.split)) == Set(EmojiSplit.allCases).subtracting([.train]))
    for part in report.parts {
      #expect(part.one.count == report.captions && report.captions >= 256)
      let best = try #require(Tally(part.best).estimate)
      let share = String(format: "%.1f ± %.1f", 100 * best.value, 100 * best.standardError)
      #expect(readme.contains("\(share) %"), "\(part.split): \(share)")
    }
  }
}
