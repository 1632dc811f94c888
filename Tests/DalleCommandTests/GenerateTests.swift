import Foundation
import Images
import PictureFiles
import TestSupport
import Testing

@testable import DalleCommand

@Suite struct GenerateTests {
  /// Runs `dalle` and returns its status and what it says on standard error.
  private func run(_ arguments: String...) -> (status: Int32, complaint: String) {
    var complaint = ""
    let status = Dalle.execute(arguments) { complaint += $0 }
    return (status, complaint)
  }

  @Test func `a caption alone draws a sheet, the same bytes for the same seed`() throws {
    let models = try smallModels()
    let out = try TemporaryFolder()
    for name in ["a.png", "b.png"] {
      let (status, complaint) = run(
        "a red star at night", "--models", models.path, "--candidates", "5", "--keep", "3",
        "--output", out.file(name), "--each", out.file("each"))
      #expect(status == 0, "\(complaint)")
    }
    #expect(try out.read("a.png") == out.read("b.png"))
    #expect(try Image(contentsOf: out.file("each/003.png")).width == 16)
    #expect(!FileManager.default.fileExists(atPath: out.file("each/004.png")))
    let other = run(
      "generate", "a red star at night", "--models", models.path, "--candidates", "5", "--keep",
      "3", "--seed", "2", "--output", out.file("c.png"))
    #expect(other.status == 0)
    #expect(try out.read("c.png") != out.read("a.png"))
  }

  @Test func `what a model's file says of sampling counts where nothing is given`() throws {
    let (models, plain) = (try smallModels(sampling: .cautious), try smallModels())
    let out = try TemporaryFolder()
    func drawn(_ models: TemporaryFolder, _ options: String...) throws -> [UInt8] {
      let arguments = ["a red star", "--models", models.path, "--candidates", "2"]
      let path = out.file("x.png")
      #expect(Dalle.execute(arguments + ["--output", path] + options) == 0)
      return try Array(out.read("x.png"))
    }
    let asTheFileSays = try drawn(models)
    #expect(
      try asTheFileSays
        == drawn(plain, "--temperature", "0.5", "--top-p", "0.95", "--guidance", "1.5"))
    #expect(try asTheFileSays != drawn(plain))
    #expect(
      try drawn(models, "--temperature", "0.7", "--guidance", "2") == drawn(plain))
  }

  @Test func `a caption needs no quotes`() throws {
    let models = try smallModels()
    let out = try TemporaryFolder()
    for (name, caption) in [("a.png", ["a red star"]), ("b.png", ["a", "red", "star"])] {
      let arguments =
        caption + ["--models", models.path, "--candidates", "2", "--output", out.file(name)]
      #expect(Dalle.execute(arguments) == 0)
    }
    #expect(try out.read("a.png") == out.read("b.png"))
  }

  @Test func `of a folder's two CLIPs the reranker chooses`() throws {
    let models = try smallModels()
    let out = try TemporaryFolder()
    let draw = ["a red star", "--models", models.path, "--candidates", "2", "--output"]
    #expect(Dalle.execute(draw + [out.file("clip.png")]) == 0)
    try FileManager.default.copyItem(
      atPath: models.file("clip.safetensors"), toPath: models.file("reranker.safetensors"))
    try Data("not a CLIP".utf8).write(to: URL(filePath: models.file("clip.safetensors")))
    #expect(Dalle.execute(draw + [out.file("reranker.png")]) == 0)
    #expect(try out.read("clip.png") == out.read("reranker.png"))
  }

  @Test func `a picture's upper rows are kept when it is completed`() throws {
    let models = try smallModels()
    let out = try TemporaryFolder()
    var image = Image(width: 24, height: 16, fill: (250, 3, 9))
    image[12, 3] = (0, 255, 255)
    try image.writePNG(to: out.file("given.png"))
    let (status, complaint) = run(
      "a red star", "--models", models.path, "--candidates", "2", "--complete",
      out.file("given.png"), "--rows", "2", "--output", out.file("done.png"))
    #expect(status == 0, "\(complaint)")
    let tooMany = run(
      "a red star", "--models", models.path, "--complete", out.file("given.png"), "--rows", "9",
      "--output", out.file("done.png"))
    #expect(tooMany.status == 1 && tooMany.complaint.contains("4 rows"))
  }

  @Test func `what cannot be drawn is refused in one line`() throws {
    let models = try smallModels()
    let out = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: out.file("folder.png"), withIntermediateDirectories: false)
    try Image(width: 16, height: 16).writePNG(to: out.file("given.png"))
    let cases: [(arguments: [String], status: Int32, says: String)] = [
      ([""], 64, "empty"), (["  "], 64, "empty"),
      (["звезда над домом"], 1, "none of the words"),
      (["a star", "--candidates", "0"], 64, "--candidates"),
      (["a star", "--temperature", "-1"], 64, "temperature"),
      (["a star", "--top-p", "0"], 64, "top-p"),
      (["a star", "--rows", "3"], 64, "--complete"),
      (["a star", "--complete", out.path], 1, out.path),
      (["a star", "--complete", out.file("none.png")], 1, "none.png"),
      (["a star", "--output", out.file("folder.png")], 1, "folder"),
      (["a star", "--output", out.file("none/x.png")], 1, "none"),
      (["a star", "--output", "x"], 1, "ends in .png"), (["a star", "--output", ""], 1, "no name"),
      (["a star", "--output", "/proc/x.png"], 1, "/proc"),
      (
        ["a star", "--complete", out.file("given.png"), "--output", out.file("given.png")], 1,
        "is an input"
      ),
      (["a star", "--complete", "\(out.path)/001.png", "--each", out.path], 1, "is an input"),
      (
        [
          "a star", "--candidates", "2", "--each", out.file("e"), "--output", out.file("e/002.png"),
        ],
        1, "is also the name of a picture in --each"
      ),
      (
        ["a star", "--each", out.path, "--output", "\(out.path)/./001.png"], 1, "is also the name"
      ),
      (["a star", "--each", out.file("given.png")], 1, "given.png is a file); name"),
      (["a star", "--each", out.file("given.png/x")], 1, "given.png is a file); name"),
      (["a star", "--models", ""], 1, "--models: the file or folder has no name"),
      (["a star", "--each", ""], 1, "--each: the file or folder has no name"),
      (["a star", "--complete", ""], 1, "--complete: the file or folder has no name"),
      (["a star", "--temperature", "1e308"], 64, "must be 0 to 3.4e38"),
      (["a star", "--seed", "-1"], 64, "-1"), (["a star", "--keep", "0"], 64, "got 0"),
      (["🐱🎩"], 1, "none of the words"), (["日本"], 1, "none of the words"),
      (["a star", "--models", out.path], 1, "safetensors"),
    ]
    for (arguments, status, says) in cases {
      var complaint = ""
      var all = arguments
      if !arguments.contains("--models") { all += ["--models", models.path] }
      if !arguments.contains("--output") { all += ["--output", out.file("x.png")] }
      let got = Dalle.execute(all) { complaint += $0 }
      #expect(got == status && complaint.contains(says), "\(arguments): \(got) \(complaint)")
      if status == 1 { #expect(complaint.split(separator: "\n").count == 1, "\(complaint)") }
    }
    #expect(out.names == ["folder.png", "given.png"])
  }

  @Test func `a transformer does not go with another dVAE, nor a damaged file with anything`()
    throws
  {
    let (models, others) = (try smallModels(), try smallModels(2))
    let out = try TemporaryFolder()
    _ = try models.write(try others.read("dvae.safetensors"), to: "dvae.safetensors")
    let mixed = run("a star", "--models", models.path, "--output", out.file("x.png"))
    #expect(mixed.status == 1 && mixed.complaint.contains("another dVAE"))
    _ = try others.write(
      Array(try others.read("transformer.safetensors").dropLast(9)), to: "transformer.safetensors")
    let cut = run("a star", "--models", others.path, "--output", out.file("x.png"))
    #expect(cut.status == 1 && cut.complaint.contains("transformer.safetensors"))
    #expect(cut.complaint.split(separator: "\n").count == 1)
  }

  @Test func `info names what a checkpoint is`() throws {
    let models = try smallModels()
    #expect(run("info", models.file("transformer.safetensors")).status == 0)
    let none = run("info", models.path)
    #expect(none.status == 1 && none.complaint.contains("folder"))
  }
}
