import Checkpoints
import DALLETraining
import Foundation
import TestSupport
import Testing

@testable import DalleCommand

@Suite struct TrainAllTests {
  @Test func `a folder of captioned pictures becomes a DALL·E, which can be resumed`() throws {
    let folder = try TemporaryFolder()
    let (data, output) = (folder.file("data"), folder.file("mine"))
    #expect(Dalle.execute(["stickers", "--count", "12", "--export", data]) == 0)
    let command = [
      "train", "all", "--data", data, "--output", output, "--dvae-steps", "10",
      "--transformer-steps", "8", "--clip-steps", "2", "--visits", "1",
    ]
    #expect(Dalle.execute(command + ["--plan"]) == 0)
    #expect(!FileManager.default.fileExists(atPath: "\(output)/dvae.safetensors"))
    #expect(Dalle.execute(command) == 0)
    for name in [
      "dvae.safetensors", "transformer.safetensors", "clip.safetensors", "report.json",
      "reconstructions.png", "samples.png", "nearest.png",
    ] {
      #expect(FileManager.default.fileExists(atPath: "\(output)/\(name)"), "\(name)")
    }
    for file in ["transformer", "transformer/transformer"] {
      let notes = try Checkpoint("\(output)/\(file).safetensors").card.notes
      #expect(notes["sampling"]?.contains("\"guidance\":1.5") == true, "\(file): \(notes)")
    }
    #expect(Dalle.execute(command + ["--resume"]) == 0)
    var complaint = ""
    #expect(Dalle.execute(command) { complaint += $0 } == 1)
    #expect(complaint.contains("--resume"))
    let drawn = Dalle.execute([
      "a red star", "--models", output, "--candidates", "2", "--output", folder.file("x.png"),
    ])
    #expect(drawn == 0)
  }

  @Test func `held-out pictures are measured and not learnt from`() throws {
    let folder = try TemporaryFolder()
    let (data, output) = (folder.file("data"), folder.file("mine"))
    #expect(Dalle.execute(["stickers", "--count", "12", "--export", data]) == 0)
    func run(_ kind: String, _ output: String, _ holdOut: Int) -> (Int32, String) {
      var complaint = ""
      let steps =
        kind == "all"
        ? ["--dvae-steps", "10", "--transformer-steps", "8", "--clip-steps", "2", "--visits", "1"]
        : ["--steps", "8", "--pictures", "9"]
      let status = Dalle.execute(
        ["train", kind, "--data", data, "--output", output, "--hold-out", "\(holdOut)", "--resume"]
          + steps
      ) { complaint += $0 }
      return (status, complaint)
    }
    #expect(run("all", output, 3).0 == 0)
    let tokens = try TokenSet("\(output)/transformer/tokens.safetensors")
    let heldOut = try TokenSet("\(output)/transformer/validation.safetensors")
    #expect(tokens.count == 9 && heldOut.count == 3)
    func captions(_ set: TokenSet) throws -> Set<String> {
      Set(try (0..<set.count).map { try set.caption(at: $0) })
    }
    let scenes = Set(
      try (1...12).map { try self.captions(of: String(format: "%05d", $0), in: data) })
    let (learnt, others) = (try captions(tokens), try captions(heldOut))
    for scene in scenes {
      #expect(scene.isDisjoint(with: learnt) || scene.isDisjoint(with: others), "\(scene)")
    }
    let log = try String(
      contentsOfFile: "\(output)/transformer/log.jsonl", encoding: .utf8)
    // After each step but the first, when there is no average of weights yet.
    #expect(log.components(separatedBy: "validation_image").count == 1 + 7)
    let report = try String(contentsOfFile: "\(output)/report.json", encoding: .utf8)
    #expect(report.contains("held_out_image"))
    let other = run("all", output, 4)
    #expect(other.0 == 1 && other.1.contains("--hold-out 3"), "\(other)")
    let all = run("all", folder.file("none"), 12)
    #expect(all.0 == 1 && all.1.contains("has 12 pictures"), "\(all)")
    #expect(run("transformer", folder.file("alone"), 3).0 == 0)
    #expect(try TokenSet(folder.file("alone/validation.safetensors")).count == 3)
    var complaint = ""
    let drawn = ["train", "transformer", "--output", folder.file("x"), "--hold-out", "1"]
    #expect(Dalle.execute(drawn) { complaint += $0 } == 64 && complaint.contains("--data"))
  }

  /// The captions of an exported picture.
  private func captions(of name: String, in folder: String) throws -> Set<String> {
    Set(
      try String(contentsOfFile: "\(folder)/\(name).txt", encoding: .utf8)
        .split(separator: "\n").map(String.init))
  }

  @Test func `few pictures are seen some tens of times, and steps have an end`() {
    func steps(_ pictures: Int?) -> [Int] {
      let steps = DefaultSteps(pictures: pictures)
      return [steps.dvae, steps.transformer, steps.clip]
    }
    #expect(steps(1) == [600, 400, 200])
    #expect(steps(300) == [750, 400, 200])
    #expect(steps(1000) == [2500, 1250, 312])
    #expect(steps(2400)[0] == 6000 && steps(5600)[1] == 7000 && steps(9600)[2] == 3000)
    #expect(steps(1_000_000) == [6000, 7000, 3000])
    #expect(steps(nil) == [3000, 6000, 3000])
  }

  @Test func `settings follow from the pictures, and options come first`() throws {
    func recipes(_ options: [String], pictures: Int?) throws -> TrainAll.Recipes {
      let command = try TrainAll.parse(["--output", "x"] + options)
      return TrainAll.Recipes(command, pictures: pictures)
    }
    let own = try recipes(["--data", "x"], pictures: 300)
    #expect(own.dvae.warmUpSteps == 750 && own.dvae.steps == 93 && own.dvae.decoderSteps == 375)
    #expect(own.transformer.steps == 400 && own.transformer.pictures == 1200)
    #expect(own.clip.steps == 200 && own.captioner.steps == 5000)
    #expect(own.optimizers == [.muon] && own.transformer.rate == 4e-3)
    #expect(own.transformerSizes.width == 192)
    let emoji = try recipes(["--world", "emoji"], pictures: nil)
    #expect(emoji.dvae.warmUpSteps == 3000 && emoji.transformer.steps == 6000)
    #expect(emoji.transformer.pictures == 96_000 && emoji.transformerSizes.width == 128)
    #expect(emoji.optimizers == [.muon])
    let shared = try recipes(["--data", "x", "--shard"], pictures: 300)
    #expect(shared.optimizers == [.adamW] && shared.transformer.rate == 1.5e-3)
    let given = try recipes(
      ["--data", "x", "--dvae-steps", "80", "--transformer-steps", "9", "--clip-steps", "7"]
        + ["--optimizer", "adamw"], pictures: 300)
    #expect(given.dvae.warmUpSteps == 80 && given.dvae.steps == 10)
    #expect(given.transformer.steps == 9 && given.clip.steps == 7)
    #expect(given.optimizers == [.adamW])
  }

  @Test func `it needs pictures of one's own`() throws {
    var complaint = ""
    let status = Dalle.execute(["train", "all", "--output", "x"]) { complaint += $0 }
    #expect(status == 64 && complaint.contains("--export"))
    let none = try TemporaryFolder().file("none")
    #expect(Dalle.execute(["train", "all", "--data", none, "--output", none]) { _ in } == 1)
  }
}
