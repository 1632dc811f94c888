import DALLETraining
import Foundation
import Images
import PictureFiles
import TestSupport
import Testing
import Text

@testable import CaptionedImages
@testable import DalleCommand

@Suite struct OwnPicturesTests {
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for i in 0..<3 {
      try Image(width: 8, height: 8).writePNG(to: folder.file("\(i).png"))
      _ = try folder.write(Array("a picture of number \(i)\n".utf8), to: "\(i).txt")
    }
    let whole = Image(width: 8, height: 8).pngData()
    _ = try folder.write(Array(whole.prefix(45)), to: "1.png")
    _ = try folder.write(Array("GIF89a".utf8), to: "2.png")
    return folder
  }

  @Test func `what is left out is listed in the run's folder, damaged pictures when they are met`()
    throws
  {
    let (data, run) = (try folder(), try TemporaryFolder())
    let own = try OwnPictures(data.path, folder: run.path)
    func list() throws -> String { String(decoding: try run.read("left-out.txt"), as: UTF8.self) }
    #expect(
      try list() == "pictures unreadable: 1\n  2.png: is a GIF picture, and only PNG and JPEG are "
        + "read; convert it to one of them\n")
    let batches = Batches(own.pairs(.none(size: 8)), batchSize: 4, seed: 1)
    for step in 0..<3 {
      #expect(try batches.batch(step).captions.contains("a picture of number 0"))
    }
    let lines = try list().split(separator: "\n")
    #expect(lines.count == 4 && lines[3].contains("1.png: the PNG is damaged ("))
  }

  @Test func `captions that are cut are counted`() throws {
    let (data, run) = (try folder(), try TemporaryFolder())
    let words = String(repeating: "a very long caption ", count: 30)
    _ = try data.write(Array(words.utf8), to: "0.txt")
    let own = try OwnPictures(data.path, folder: run.path)
    try own.noteCuts(by: "the model", .streams([words]), length: 20)
    let list = String(decoding: try run.read("left-out.txt"), as: UTF8.self)
    #expect(list.contains("captions cut at 20 tokens by the model: 1\n"))
    #expect(list.contains("0.png: \"a very long caption"))
  }

  @Test func `a picture is what its content says, and a caption is none`() throws {
    let data = try folder()
    try FileManager.default.copyItem(atPath: data.file("0.png"), toPath: data.file("nameless"))
    var messages: [String] = []
    let status = Dalle.execute(
      ["score", data.file("nameless"), "a red star", "a blue house"],
      complain: { messages.append($0) })
    #expect(status == 0, "\(messages)")
  }
}
