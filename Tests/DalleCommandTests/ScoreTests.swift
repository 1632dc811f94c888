import Foundation
import Images
import PictureFiles
import StickerWorld
import TestSupport
import Testing

@testable import DalleCommand

@Suite struct ScoreTests {
  /// Runs `dalle` and returns its status and what it says on standard error.
  private func run(_ arguments: String...) -> (status: Int32, complaint: String) {
    var complaint = ""
    let status = Dalle.execute(arguments) { complaint += $0 }
    return (status, complaint)
  }

  private func picture(_ caption: String, in folder: TemporaryFolder) throws -> String {
    let scene = try Scene(caption: caption)
    let path = folder.file("\(caption).png")
    try scene.render(Layout(for: scene, seed: 1)).writePNG(to: path)
    return path
  }

  @Test func `one picture ranks captions, one caption ranks pictures`() throws {
    let folder = try TemporaryFolder()
    let star = try picture("a red star at night", in: folder)
    let boat = try picture("a blue boat at sunset", in: folder)
    #expect(run("score", star, "a red star", "a blue boat").status == 0)
    #expect(run("score", "a red star", star, boat, "--json").status == 0)
  }

  @Test func `wrong uses end in a sentence`() throws {
    let folder = try TemporaryFolder()
    let star = try picture("a red star at night", in: folder)
    for arguments in [[star], ["a star"], [star, " "], [star, star, "a star", "a moon"]] {
      #expect(Dalle.execute(["score"] + arguments) { _ in } == 64)
    }
    for (arguments, words) in [
      (["missing.png", "a star"], "missing.png"),
      ([star, "Русский кот", "🐱"], "none of the words"),
      ([star, "a star", "--model", folder.path], folder.path),
    ] {
      var complaint = ""
      #expect(Dalle.execute(["score"] + arguments) { complaint += $0 } == 1)
      #expect(complaint.contains(words) && complaint.count { $0 == "\n" } == 1, "\(complaint)")
    }
  }
}

@Suite struct TrainCLIPTests {
  @Test func `drawings are made once, and a run goes on with its own`() throws {
    let folder = try TemporaryFolder()
    func train(_ more: String...) -> (status: Int32, complaint: String) {
      var complaint = ""
      let status = Dalle.execute(
        ["train", "clip", "--redrawn", "--batch", "4", "--output", folder.file("run")] + more
      ) { complaint += $0 }
      return (status, complaint)
    }
    #expect(train("--drawings", "3", "--steps", "1").status == 0)
    let drawings = try folder.read("run/drawings.safetensors")
    #expect(train("--drawings", "3", "--steps", "1").complaint.contains("--resume"))
    let other = train("--drawings", "4", "--steps", "1", "--resume")
    #expect(other.status == 1 && other.complaint.contains("began with --drawings 3"))
    let seed = train("--drawings", "3", "--steps", "1", "--resume", "--seed", "2")
    #expect(seed.status == 1 && seed.complaint.contains("seed 1"))
    #expect(train("--drawings", "3", "--steps", "1", "--resume").status == 0)
    #expect(try folder.read("run/drawings.safetensors") == drawings)
    #expect(train("--drawings", "0").status == 64)
  }

  @Test func `a CLIP is trained on a folder, stopped runs go on, and the model scores`() throws {
    let folder = try TemporaryFolder()
    let data = folder.file("data")
    let export = ["stickers", "--count", "12", "--export", data]
    #expect(Dalle.execute(export) == 0)
    let train = [
      "train", "clip", "--data", data, "--output", folder.file("run"), "--steps", "2", "--batch",
      "4",
    ]
    #expect(Dalle.execute(train) == 0)
    var complaint = ""
    #expect(Dalle.execute(train) { complaint += $0 } == 1)
    #expect(complaint.contains("--resume"))
    #expect(Dalle.execute(train + ["--resume"]) == 0)
    for (more, status, words) in [
      (["--batch", "13"], 1, "there are 12"), (["--prefer-pairs"], 64, "--prefer-pairs"),
      (["--drawings", "8"], 64, "--drawings"), (["--steps", "99999999999"], 64, "got 99999999999"),
    ] as [([String], Int32, String)] {
      complaint = ""
      let other = train + ["--output", folder.file("other")] + more
      #expect(Dalle.execute(other) { complaint += $0 } == status)
      #expect(complaint.contains(words), "\(complaint)")
    }
    let picture = "\(data)/00001.png"
    let model = folder.file("run/clip.safetensors")
    #expect(Dalle.execute(["score", picture, "a star", "a moon", "--model", model]) == 0)
  }
}
