import Foundation
import Images
import PictureFiles
import TensorCore
import TestSupport
import Testing

@testable import DalleCommand

@Suite struct ReconstructTests {
  private func run(_ arguments: String...) -> (status: Int32, complaint: String) {
    dalle(arguments)
  }

  /// The checkpoint of a small dVAE that has learnt nothing.
  private func model(_ seed: UInt64, in folder: TemporaryFolder) throws -> String {
    var random = Random(seed: seed)
    let path = folder.file("dvae\(seed).safetensors")
    _ = try writeSmallDVAE(&random, to: path)
    return path
  }

  @Test func `encode and decode together do what reconstruct does, at any size`() throws {
    let folder = try TemporaryFolder()
    let model = try model(1, in: folder)
    let picture = folder.file("picture.png")
    var image = Image(width: 37, height: 21, fill: (250, 3, 9))
    image[5, 7] = (0, 255, 255)
    try image.writePNG(to: picture)
    let (once, tokens, twice) = (
      folder.file("once.png"), folder.file("tokens.json"), folder.file("twice.png")
    )
    #expect(run("reconstruct", picture, "--output", once, "--model", model).status == 0)
    #expect(run("encode", picture, "--output", tokens, "--model", model).status == 0)
    #expect(run("decode", tokens, "--output", twice, "--model", model).status == 0)
    let result = try Image(contentsOf: once)
    #expect(result.width == 37 && result.height == 21)
    #expect(try Image(contentsOf: twice) == result)
  }

  @Test func `what does not fit ends in a sentence and writes nothing`() throws {
    let folder = try TemporaryFolder()
    let (first, second) = (try model(1, in: folder), try model(2, in: folder))
    let (picture, tokens) = (folder.file("picture.png"), folder.file("tokens.json"))
    try Image(width: 8, height: 8).writePNG(to: picture)
    #expect(run("encode", picture, "--output", tokens, "--model", first).status == 0)
    let out = folder.file("out.png")
    for (arguments, words) in [
      (["decode", tokens, "--output", out, "--model", second], "another dVAE"),
      (["decode", picture, "--output", out, "--model", first], "dalle encode"),
      (["reconstruct", tokens, "--output", out, "--model", first], "tokens.json"),
      (["reconstruct", picture, "--output", out, "--model", picture], "picture.png"),
      (["reconstruct", folder.file("no.png"), "--output", out, "--model", first], "no.png"),
      (["reconstruct", picture, "--output", picture, "--model", first], "is an input"),
      (["reconstruct", picture, "--output", folder.file("out"), "--model", first], "ends in .png"),
      (["encode", picture, "--output", out, "--model", first], "ends in .json"),
      (["encode", picture, "--output", picture, "--model", first], "ends in .json"),
      (["decode", tokens, "--output", tokens, "--model", first], "ends in .png"),
      (["trace", "dvae", first, "--output", folder.file("out")], "a trace needs inputs"),
      (["trace", "dvae", first, "--output", first], "is an input"),
      (["evaluate", "--json", folder.path], "is a folder"),
      (["evaluate", "--json", folder.file("none/report.json")], "No such file"),
    ] {
      var complaint = ""
      #expect(Dalle.execute(arguments) { complaint += $0 } == 1)
      #expect(complaint.contains(words), "\(complaint)")
    }
    #expect(!FileManager.default.fileExists(atPath: out))
    #expect(
      folder.names == ["dvae1.safetensors", "dvae2.safetensors", "picture.png", "tokens.json"])
  }
}
