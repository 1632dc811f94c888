import CaptionedImages
import Foundation
import Images
import PictureFiles
import TestSupport
import Testing

@testable import DalleCommand

@Suite struct DataRecordTests {
  private let place: TemporaryFolder
  private let data: String
  private let record: DataRecord

  init() throws {
    place = try TemporaryFolder()
    data = try place.addPictures(4)
    record = DataRecord(try CaptionedImages(data))
  }

  /// What is different after some change of the folder.
  private func difference(_ change: () throws -> Void) throws -> String? {
    try change()
    return DataRecord(try CaptionedImages(data)).difference(from: record)
  }

  private func move(_ a: String, _ b: String) throws {
    try FileManager.default.moveItem(atPath: "\(data)/\(a)", toPath: "\(data)/\(b)")
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(data)/\(name)"))
  }

  @Test func `the same data are known wherever they lie and however the path is written`() throws {
    let moved = place.file("moved")
    try FileManager.default.copyItem(atPath: data, toPath: moved)
    let folder = URL(filePath: place.path).lastPathComponent
    for path in [
      "\(data)/", "\(place.path)/./data", moved, "\(moved)//.", "\(place.path)/../\(folder)/data",
    ] {
      #expect(DataRecord(try CaptionedImages(path)) == record, "\(path)")
      #expect(DataRecord(try CaptionedImages(path)).summary == record.summary)
    }
  }

  @Test func `a list and its pictures beside it are known after they moved`() throws {
    try write(
      #"{"a.png": ["a picture of a"], "../data/1.png": "a picture of one"}"#, to: "list.json")
    try move("0.png", "a.png")
    let first = DataRecord(try CaptionedImages("\(data)/list.json"))
    try FileManager.default.createDirectory(
      atPath: place.file("deep"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: data, toPath: place.file("deep/data"))
    let second = DataRecord(try CaptionedImages(place.file("deep/data/list.json")))
    #expect(first == second && first.entries.map(\.name) == ["../data/1.png", "a.png"])
  }

  @Test func `pictures that are gone, new or called otherwise are named and counted`() throws {
    #expect(
      try difference {
        try write("", to: "2.txt")
      } == "1 picture is gone (2.png)")
    #expect(
      try difference {
        try write("", to: "3.txt")
      } == "2 pictures are gone (2.png, …)")
    try write("a picture of thing number 2", to: "2.txt")
    try write("a picture of thing number 3", to: "3.txt")
    #expect(
      try difference {
        try FileManager.default.createDirectory(
          atPath: "\(data)/sub", withIntermediateDirectories: false)
        try move("1.png", "sub/1.png")
        try move("1.txt", "sub/1.txt")
      } == "1.png is now called sub/1.png")
    #expect(
      try difference {
        try Image(width: 5, height: 5).writePNG(to: "\(data)/sub/1.png")
      } == "1 picture is gone (1.png); 1 picture is new (sub/1.png)")
  }

  @Test func `pictures and captions that are others are named`() throws {
    #expect(
      try difference { try write("another caption here", to: "3.txt") }
        == "the captions of 3.png are others than when this run began")
    // The same captions of other pictures.
    #expect(
      try difference {
        try write("a picture of thing number 1", to: "2.txt")
        try write("a picture of thing number 2", to: "1.txt")
      } == "the captions of 1.png are others than when this run began, and 2 more have changed")
    // One pixel of a picture stored without compression: as many bytes as before.
    let path = "\(data)/0.png"
    let bytes = try Data(contentsOf: URL(filePath: path))
    var other = bytes
    other[other.count - 20] ^= 1
    #expect(
      try difference { try other.write(to: URL(filePath: path)) }?.hasPrefix(
        "0.png is another picture of the same size than when this run began, and 3 more") == true)
    #expect(
      try difference { try (bytes + [0, 0]).write(to: URL(filePath: path)) }?.hasPrefix(
        "0.png has another size than when this run began (\(bytes.count + 2) bytes, then "
          + "\(bytes.count))") == true)
  }

  @Test func `the ends of a long file are compared`() throws {
    let path = "\(data)/0.png"
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes += Data(repeating: 7, count: 20_000)
    try bytes.write(to: URL(filePath: path))
    let long = DataRecord(try CaptionedImages(data))
    for place in [bytes.count - 1, bytes.count - 4096, 60] {
      var other = bytes
      other[place] ^= 1
      try other.write(to: URL(filePath: path))
      let change = DataRecord(try CaptionedImages(data)).difference(from: long)
      #expect(change?.contains("0.png is another picture") == true, "\(place)")
    }
  }

  @Test func `the record survives being written, with names that are no text`() throws {
    let name = Array("\(data)/a\tb\n\u{1B}[31m".utf8) + [0xFF] + Array(".png".utf8)
    let picture = Image(width: 8, height: 8).pngData()
    let file = (name + [0]).withUnsafeBytes {
      open($0.baseAddress!.assumingMemoryBound(to: CChar.self), O_WRONLY | O_CREAT, 0o600)
    }
    // Some systems have no such names.
    if file >= 0 {
      _ = picture.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
      close(file)
      let captions = Array(name.dropLast(3)) + Array("txt".utf8) + [0]
      let text = captions.withUnsafeBytes {
        open($0.baseAddress!.assumingMemoryBound(to: CChar.self), O_WRONLY | O_CREAT, 0o600)
      }
      _ = "a picture of a".withCString { Foundation.write(text, $0, 14) }
      close(text)
    }
    let images = try CaptionedImages(data)
    let path = place.file("data.tsv")
    let record = DataRecord(images)
    try record.write(to: path)
    #expect(DataRecord(contentsOf: path) == record)
    #expect(record.entries.count == (file >= 0 ? 5 : 4))
    #expect(!record.entries.contains { $0.bytes < 0 || $0.name.contains("\u{1B}") })
    #expect(DataRecord(contentsOf: place.file("none")) == nil)
    _ = try place.write(Array("something else".utf8), to: "data.tsv")
    #expect(DataRecord(contentsOf: path) == nil)
  }
}
