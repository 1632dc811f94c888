import CaptionedImages
import Foundation
import Images
import PictureFiles
import TestSupport
import Testing

@testable import DalleCommand

@Suite struct StickersTests {
  /// Runs `dalle stickers` and returns its status and what it says on standard error.
  private func stickers(_ arguments: String...) -> (status: Int32, complaint: String) {
    var complaint = ""
    let status = Dalle.execute(["stickers"] + arguments) { complaint += $0 }
    return (status, complaint)
  }

  @Test func `a sheet is drawn, the same for the same seed`() throws {
    let folder = try TemporaryFolder()
    for (name, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
      let output = folder.file("\(name).png")
      let (status, complaint) = stickers(
        "--count", "6", "--seed", seed, "--size", "16", "--scale", "3", "--columns", "4",
        "--output", output)
      #expect(status == 0 && complaint.isEmpty)
    }
    let sheet = try Image(contentsOf: folder.file("a.png"))
    #expect(sheet.width == 4 * (48 + 6) + 6)
    #expect(try folder.read("a.png") == folder.read("b.png"))
    #expect(try folder.read("a.png") != folder.read("c.png"))
    #expect(folder.names == ["a.png", "b.png", "c.png"])
  }

  @Test(arguments: Stickers.Sheet.allCases)
  func `every kind of sheet is drawn`(kind: Stickers.Sheet) throws {
    let folder = try TemporaryFolder()
    let output = folder.file("sheet.png")
    #expect(stickers("--sheet", "\(kind)", "--size", "16", "--output", output).status == 0)
    // 8 columns of 16 pixels, enlarged 8 times
    #expect(try Image(contentsOf: output).width == 8 * (128 + 6) + 6)
  }

  @Test func `samples are exported in the format of a folder`() throws {
    let folder = try TemporaryFolder()
    let target = folder.file("stickers")
    let arguments = ["--count", "5", "--size", "16", "--split", "unseenPairs", "--export", target]
    #expect(Dalle.execute(["stickers"] + arguments) == 0)
    #expect(try CaptionedImages(target).count == 5)
    var complaint = ""
    #expect(Dalle.execute(["stickers"] + arguments) { complaint += $0 } == 1)
    #expect(complaint.hasPrefix("error: \(target): the folder is not empty"))
    #expect(Dalle.execute(["stickers", "--overwrite"] + arguments) == 0)
  }

  @Test(arguments: [
    ["--count", "0", "--output", "a.png"], ["--count", "-3", "--output", "a.png"],
    ["--count", "x", "--output", "a.png"], ["--count", "10000001", "--output", "a.png"],
    ["--size", "7", "--output", "a.png"],
    ["--size", "257", "--output", "a.png"], ["--split", "test", "--output", "a.png"],
    ["--columns", "0", "--output", "a.png"], ["--scale", "0", "--output", "a.png"],
    ["--sheet", "stars", "--output", "a.png"], ["--output", "a.jpg"], [],
    ["--sheet", "things", "--export", "a"], ["--seed", "-1", "--output", "a.png"],
    ["--sheet", "things", "--count", "3", "--output", "a.png"],
    ["--sheet", "things", "--split", "train", "--output", "a.png"],
    ["--colour", "red", "--output", "a.png"],
  ])
  func `arguments that make no sense exit with 64 and a hint`(arguments: [String]) {
    var complaint = ""
    let status = Dalle.execute(["stickers"] + arguments) { complaint += $0 }
    #expect(status == 64)
    #expect(complaint.hasPrefix("Error: ") && complaint.contains("Usage: dalle stickers"))
  }

  @Test func `places that cannot be written exit with 1 and one line`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write([1, 2, 3], to: "file.png")
    let inTheWay = folder.file("folder.png")
    try FileManager.default.createDirectory(atPath: inTheWay, withIntermediateDirectories: false)
    for output in [inTheWay, "\(file)/a.png", folder.file("nowhere/a.png")] {
      let (status, complaint) = stickers("--count", "1", "--output", output)
      #expect(status == 1)
      #expect(complaint.hasPrefix("error: \(output): cannot be written ("))
      #expect(complaint.firstIndex(of: "\n") == complaint.indices.last)
    }
    let (status, complaint) = stickers("--count", "1", "--export", file)
    #expect(status == 1 && complaint == "error: \(file): it is not a folder\n")
    #expect(try folder.read("file.png") == [1, 2, 3])
    #expect(folder.names == ["file.png", "folder.png"])
  }

  @Test func `sheets that would be too large are refused before they are drawn`() throws {
    let folder = try TemporaryFolder()
    for count in ["100000", "10000000"] {
      let (status, complaint) = stickers("--count", count, "--output", folder.file("a.png"))
      #expect(status == 1)
      #expect(complaint.hasPrefix("error: a sheet of \(count) pictures would have about 1072×"))
    }
    #expect(folder.names.isEmpty)
  }

  @Test func `help is shown with examples`() {
    #expect(Dalle.execute(["--help"]) == 0)
    #expect(Dalle.execute(["stickers", "--help"]) == 0)
    #expect(Dalle.helpMessage(for: Stickers.self).contains("dalle stickers --sheet things"))
    #expect(Dalle.helpMessage().contains("dalle \"a yellow star above a blue house at night\""))
  }
}
