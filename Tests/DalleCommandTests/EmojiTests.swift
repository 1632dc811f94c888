import Checkpoints
import EmojiWorld
import Foundation
import Images
import PictureFiles
import TestSupport
import Testing

@testable import DalleCommand

@Suite("The emoji world") struct EmojiTests {
  private let folder: TemporaryFolder
  private let font: String

  init() throws {
    folder = try TemporaryFolder()
    let bytes = MiniFont(EmojiThing.all.prefix(20).map(\.character), shapes: true).bytes
    font = try folder.write(bytes, to: "font.ttf")
  }

  private func run(_ arguments: String...) -> (status: Int32, complaint: String) {
    var complaint = ""
    let status = Dalle.execute(["emoji"] + arguments) { complaint += $0 }
    return (status, complaint)
  }

  @Test func `sheets are drawn and pictures exported`() throws {
    let sheet = folder.file("sheet.png")
    for arguments in [["--count", "9", "--split", "unseenPairs"], ["--sheet", "things"]] {
      let drawn = Dalle.execute(
        ["emoji", "--font", font, "--things", "20", "--output", sheet] + arguments
      ) { _ in }
      #expect(drawn == 0)
      let image = try Image(contentsOf: sheet)
      #expect(image.width > 8 * 128)
    }
    let place = folder.file("pictures")
    let export = ["--font", font, "--things", "20", "--count", "5", "--size", "16"]
    #expect(Dalle.execute(["emoji"] + export + ["--export", place]) { _ in } == 0)
    #expect(try Image(contentsOf: "\(place)/00005.png").width == 16)
    #expect(try !folder.read("pictures/00001.txt").isEmpty)
    var complaint = ""
    #expect(Dalle.execute(["emoji"] + export + ["--export", place]) { complaint += $0 } == 1)
    #expect(complaint.contains("allow overwriting"))
  }

  @Test func `models of your own are judged`() throws {
    let models = try smallModels()
    let json = folder.file("report.json")
    let arguments = [
      "evaluate", "--world", "emoji", "--things", "20", "--font", font, "--captions", "2",
      "--candidates", "2",
    ]
    let judged = arguments + ["--models", models.path, "--split", "unseenPairs", "--json", json]
    #expect(Dalle.execute(judged) { _ in } == 0)
    let text = String(decoding: try folder.read("report.json"), as: UTF8.self)
    #expect(text.contains("\"unseenPairs\"") && text.contains("\"real\" : ["))
    let many = dalle(["evaluate", "--world", "emoji", "--things", "101", "--captions", "2"])
    #expect(many.status == 64 && many.complaint.contains("the bundled models know 100 emoji"))
    for wrong in [
      ["--split", "unseenColours", "--models", models.path],
      ["--models", models.path, "--rival", font],
    ] {
      #expect(Dalle.execute(arguments + wrong) { _ in } == 64)
    }
    #expect(Dalle.execute(["evaluate", "--things", "3"]) { _ in } == 64)
    #expect(Dalle.execute(["evaluate", "--split", "nowhere"]) { _ in } == 64)
  }

  private var world: [String] { ["--world", "emoji", "--things", "6", "--font", font] }

  @Test func `each model learns from emoji, and a judge reads them without the font`() throws {
    let run = folder.file("run")
    let (dvae, judge) = ("\(run)/dvae/dvae.safetensors", "\(run)/judge/judge.safetensors")
    for command in [
      ["dvae", "--warm-up-steps", "1", "--steps", "1", "--decoder-steps", "1", "--batch", "16"]
        + world,
      ["transformer", "--dvae", dvae, "--steps", "1", "--batch", "2", "--pictures", "4"] + world,
      ["captioner", "--transformer", "\(run)/transformer", "--steps", "1", "--batch", "2"],
      ["clip", "--steps", "1", "--batch", "4", "--redrawn", "--dvae", dvae] + world,
      ["judge", "--things", "6", "--font", font, "--steps", "1", "--dvae", dvae],
    ] {
      let (status, complaint) = dalle(
        ["train"] + command + ["--output", "\(run)/\(command[0])"])
      #expect(status == 0, "\(command[0]): \(complaint)")
    }
    let notes = try Checkpoint("\(run)/transformer/transformer.safetensors").card.notes
    #expect(notes["data"] == "emoji, 6 things")
    #expect(notes["recipe"]?.contains(#""codeNoise":0.5,"#) == true)
    let again =
      ["train", "transformer", "--dvae", dvae, "--steps", "1", "--batch", "2", "--pictures", "4"]
      + world + ["--output", "\(run)/transformer", "--resume", "--code-noise"]
    let other = dalle(again + ["0.25"])
    #expect(other.status == 1 && other.complaint.contains("--code-noise"))
    #expect(dalle(again + ["0.5"]).status == 0)  // as it was without the option
    let choosing = try Checkpoint("\(run)/captioner/captioner.safetensors").card
    #expect(choosing.notes["data"]?.hasPrefix("emoji, 6 things") == true)
    let none = dalle(["train", "captioner", "--transformer", run, "--output", folder.file("no")])
    #expect(none.status == 1 && none.complaint.contains("tokens.safetensors"))
    let models = folder.file("models")
    try FileManager.default.createDirectory(
      atPath: models, withIntermediateDirectories: true)
    for name in ["dvae", "transformer", "clip", "judge"] {
      try FileManager.default.copyItem(
        atPath: "\(run)/\(name)/\(name).safetensors", toPath: "\(models)/\(name).safetensors")
    }
    let evaluate = [
      "evaluate", "--world", "emoji", "--models", models, "--captions", "2", "--candidates", "1",
      "--split", "validation",
    ]
    #expect(dalle(evaluate + ["--things", "6", "--judge", judge, "--font", font]).status == 0)
    let many = dalle(evaluate + ["--things", "7", "--judge", judge, "--font", font])
    #expect(many.status == 1 && many.complaint.contains("knows 6 things"))
    let stranger = dalle(evaluate + ["--things", "6", "--judge", dvae, "--font", font])
    #expect(stranger.status == 1 && stranger.complaint.contains("dvae.safetensors"))
  }

  @Test func `a whole DALL·E of emoji has a captioner to choose`() throws {
    let mine = folder.file("mine")
    let command =
      ["train", "all", "--dvae-steps", "10", "--transformer-steps", "8", "--captioner-steps", "3"]
      + world + ["--output", mine]
    let (status, complaint) = dalle(command)
    #expect(status == 0, "\(complaint)")
    let card = try Checkpoint("\(mine)/reranker.safetensors").card
    #expect(card.kind == "captioner" && card.notes["data"] == "emoji, 6 things")
    #expect(dalle(command + ["--resume"]).status == 0)
    let drawn = folder.file("drawn.png")
    let draw = [
      EmojiThing.all[0].name, "--models", mine, "--candidates", "2", "--output", drawn,
    ]
    #expect(dalle(draw).status == 0)
    #expect(FileManager.default.fileExists(atPath: drawn))
  }

  @Test func `sources that exclude one another are refused`() {
    for (command, says) in [
      (["dvae", "--data", folder.path] + world, "two sources"),
      (["transformer", "--things", "6"], "for --world emoji"),
      (["all"], "or --world emoji"),
      (["all", "--clip-steps", "9"] + world, "the reranker is captioner here"),
      (["all", "--captioner-steps", "9", "--data", "x"], "the reranker is clip here"),
      (["all", "--captioner-steps", "0"] + world, "--captioner-steps"),
      (["all", "--code-noise", "1.5"] + world, "--code-noise must be 0 to 1"),
      (["transformer", "--text-dropout", "-0.5"] + world, "--text-dropout must be 0 to 1"),
      (["all", "--data", folder.path] + world, "or --world emoji"),
      (["clip", "--prefer-pairs"] + world, "for stickers"),
      (["clip", "--redrawn"] + world, "the bundled one knows stickers"),
      (["clip", "--dvae", "x"], "goes with --redrawn"),
    ] {
      let (status, complaint) = dalle(["train"] + command + ["--output", folder.file("no")])
      #expect(status == 64 && complaint.contains(says), "\(command): \(complaint)")
    }
    #expect(dalle(["evaluate", "--judge", "x"]).status == 64)
    #expect(!folder.names.contains("no"))
  }

  @Test func `what cannot be is refused`() {
    let sheet = folder.file("x.png")
    #expect(run("--font", font, "--things", "1", "--output", sheet).status == 64)
    #expect(run("--font", font).status == 64)
    #expect(run("--font", font, "--output", "x.jpg").status == 64)
    #expect(
      run("--font", font, "--sheet", "things", "--count", "3", "--output", sheet).status == 64)
    let lacking = run("--font", font, "--things", "30", "--output", sheet)
    #expect(lacking.status == 1 && lacking.complaint.contains(EmojiThing.all[20].name))
    let missing = run("--font", folder.file("none.ttf"), "--output", sheet)
    #expect(missing.status == 1 && missing.complaint.contains("none.ttf"))
    #expect(!FileManager.default.fileExists(atPath: sheet))
  }
}
