import Foundation
import Images
import StickerTraining
import StickerWorld
import TensorCore
import Testing

@testable import CaptionedImages

@Suite struct ExportTests {
  @Test func `what is exported is read back, pixel by pixel and word by word`() throws {
    let mini = try Miniature(inMemory: true)
    let folder = mini.path("deep/stickers")
    let source = StickerPairs(.unseenAccessories, size: 24, seed: 9)
    var reports: [Int] = []
    try source.export(300, to: folder) { reports.append($0) }
    #expect(reports == [256, 300])
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(files.count == 600)
    #expect(files.prefix(3) == ["00001.png", "00001.txt", "00002.png"])

    let data = try CaptionedImages(folder)
    #expect(data.count == 300 && data.report.omissions.isEmpty)
    var random = Random(seed: 0)
    for index in 0..<300 {
      let pair = source.pair(at: index, using: &random)
      let scene = StickerWorld.sample(.unseenAccessories, seed: 9, index: index).scene
      #expect(try data.picture(at: index) == pair.picture)
      #expect(data.captions(at: index)[0] == pair.caption)
      #expect(data.captions(at: index).sorted() == scene.captions.sorted())
    }
    // Without augmentation, batches of the folder are those of the source.
    let read = Batches(
      PicturePairs(data, .none(size: 24), unreadable: { _ in }), batchSize: 50, seed: 2)
    let drawn = Batches(
      StickerPairs(.unseenAccessories, size: 24, seed: 9, count: 300), batchSize: 50, seed: 2)
    for step in 0..<8 {
      #expect(try read.batch(step).pictures.scalars == drawn.batch(step).pictures.scalars)
    }
  }

  @Test func `a folder with files in it is not mixed with, unless asked for`() throws {
    let mini = try Miniature()
    let source = StickerPairs(.train, size: 8, seed: 1)
    try mini.add("00001.txt", "mine")
    try mini.add("notes.md", "mine")
    #expect(throws: DataError.occupied(folder: mini.path)) { try source.export(2, to: mini.path) }
    #expect(mini.names == ["00001.txt", "notes.md"])
    try source.export(2, to: mini.path, overwrite: true)
    #expect(mini.names == ["00001.png", "00001.txt", "00002.png", "00002.txt", "notes.md"])
    #expect(try CaptionedImages(mini.path).captions(at: 0)[0] != "mine")
  }

  @Test func `what an export that was killed left is swept away by the next`() throws {
    let mini = try Miniature()
    try mini.add(".dalle-export/00001.png", "half a picture")
    try StickerPairs(.train, size: 8, seed: 1).export(1, to: mini.path)
    #expect(mini.names == ["00001.png", "00001.txt"])
  }

  @Test func `hidden files of others stay, and make a folder occupied`() throws {
    let mini = try Miniature()
    try mini.add(".partial/mine.txt", "half a download of something else")
    let source = StickerPairs(.train, size: 8, seed: 1)
    #expect(throws: DataError.occupied(folder: mini.path)) { try source.export(1, to: mini.path) }
    try source.export(1, to: mini.path, overwrite: true)
    #expect(mini.names == [".partial", "00001.png", "00001.txt"])
    #expect(FileManager.default.fileExists(atPath: mini.path(".partial/mine.txt")))
  }

  @Test func `places that cannot be written are errors that leave nothing behind`() throws {
    let mini = try Miniature()
    try mini.add("file", "in the way")
    let source = StickerPairs(.train, size: 8, seed: 1)
    #expect(throws: DataError.self) { try source.export(2, to: mini.path("file")) }
    #expect(throws: DataError.self) { try source.export(2, to: mini.path("file/below")) }
    // A folder where a file should go: the export fails at its last step.
    try mini.add("out/00002.txt/x", "in the way")
    #expect(throws: DataError.self) { try source.export(2, to: mini.path("out"), overwrite: true) }
    #expect(!FileManager.default.fileExists(atPath: mini.path("out/.dalle-export")))
    #expect(mini.names == ["file", "out"])
  }
}
