import Checkpoints
import DFGAN
import Foundation
import Pretrained
import StickerJudge
import TestSupport
import Testing

@testable import DalleCommand

@Suite("The rival") struct RivalTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: String...) -> (status: Int32, complaint: String) {
    var complaint = ""
    let status = Dalle.execute(arguments) { complaint += $0 }
    return (status, complaint)
  }

  @Test func `it is trained, draws, and is compared by referees`() throws {
    let (place, rival) = (folder.file("rival"), folder.file("rival/rival.safetensors"))
    let train = ["train", "gan", "--batch", "2", "--output", place]
    #expect(Dalle.execute(train + ["--steps", "2"]) { _ in } == 0)
    // Its learning curve is in the checkpoint; so short a training has no point of it.
    let curve = try Checkpoint(rival).note(CaptionedGAN.curveNote)
    #expect(curve == #"{"background":[],"colour":[],"right":[],"thing":[]}"#)
    var complaint = ""
    let other = train + ["--steps", "2", "--rate", "0.1", "--resume"]
    #expect(Dalle.execute(other) { complaint += $0 } == 1)
    #expect(complaint.contains("--rate"))
    // Sentences of another CLIP would change the game.
    complaint = ""
    let reranker = try Pretrained.path("reranker")
    #expect(
      Dalle.execute(train + ["--steps", "2", "--clip", reranker, "--resume"]) { complaint += $0 }
        == 1)
    #expect(complaint.contains("--clip"))

    let sheet = folder.file("sheet.png")
    #expect(
      run("rival", "a red star", "--rival", rival, "--count", "3", "--output", sheet).status == 0)
    let first = try folder.read("sheet.png")
    #expect(
      run("rival", "a red star", "--rival", rival, "--count", "3", "--output", sheet).status == 0)
    #expect(try folder.read("sheet.png") == first)

    let panel = run(
      "train", "panel", "--rival", rival, "--pictures", "10", "--judge-steps", "1",
      "--realism-steps", "1", "--output", folder.file("panel"))
    #expect(panel.status == 0, "\(panel.complaint)")
    let referees = folder.file("panel/panel.safetensors")
    _ = try Panel(Checkpoint(referees, kind: Panel.kind))
    let again = run("train", "panel", "--rival", rival, "--output", folder.file("panel"))
    #expect(again.status == 1 && again.complaint.contains("is there already"))

    let json = folder.file("report.json")
    let evaluated = run(
      "evaluate", "--captions", "2", "--candidates", "2", "--split", "validation", "--rival", rival,
      "--panel", referees, "--json", json)
    #expect(evaluated.status == 0, "\(evaluated.complaint)")
    let report = String(decoding: try folder.read("report.json"), as: UTF8.self)
    #expect(report.contains("\"rival\"") && report.contains("\"neither\""))
  }

  @Test func `other models and impossible wishes are refused`() throws {
    let clip = try Pretrained.path("clip")
    let wrong = run("rival", "a red star", "--rival", clip, "--output", folder.file("x.png"))
    #expect(wrong.status == 1 && wrong.complaint.contains("dfgan"))
    let missing = run("rival", "a red star", "--rival", folder.file("none.safetensors"))
    #expect(missing.status == 1 && missing.complaint.contains("none.safetensors"))
    for option in [["--optimizer", "muon"], ["--shard"], ["--batch", "1"], ["--rate", "0"]] {
      let status = Dalle.execute(["train", "gan", "--output", folder.file("y")] + option) { _ in }
      #expect(status == 64, "\(option)")
    }
    #expect(run("rival", "a star", "--rival", clip, "--scale", "0").status == 64)
    #expect(run("train", "panel", "--rival", clip, "--pictures", "1", "--output", "z").status == 64)
    let judged = run("evaluate", "--captions", "2", "--candidates", "1", "--panel", clip)
    #expect(judged.status == 1 && judged.complaint.contains(Panel.kind))
  }
}
