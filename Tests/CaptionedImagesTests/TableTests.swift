import CaptionedImages
import Testing

/// Tables with quotes, delimiters and columns where they should not be.
@Suite struct TableTests {
  /// The data set of a table of pictures 1.png, 2.png, …
  private func read(_ lines: [String], pictures: Int, _ name: String = "list.csv") throws
    -> CaptionedImages
  {
    let mini = try Miniature()
    for i in 1...pictures { try mini.add(picture: "\(i).png") }
    try mini.add(name, bytes: Array(lines.map { "\($0)\n" }.joined().utf8))
    return try CaptionedImages(mini.path(name))
  }

  @Test(arguments: [[1], [1, 7], [1, 2, 12], [12]])
  func `a quote that is not closed costs its own line`(broken: [Int]) throws {
    let rows = (1...12).map { i in
      "\(i).png,\(broken.contains(i) ? "\" star" : "a star") number \(i) here"
    }
    let data = try read(["image,caption"] + rows, pictures: 12)
    #expect(data.count == 12 - broken.count && data.report.captions == 12 - broken.count)
    for i in 1...12 where !broken.contains(i) {
      #expect(data.pairs["\(i).png"] == ["a star number \(i) here"])
    }
    #expect(
      data.report.names(.badRecord)
        == broken.map { "list.csv line \($0 + 1): a quote is not closed" })
  }

  @Test func `a quote that another line's last quote would close costs its own line`() throws {
    let data = try read(
      [
        "image,caption", "1.png,\"a star that begins", "2.png,a star called \"two\"",
        "3.png,\"the third\nstar, \"\"on\"\" two lines\"", "4.png,\"a closed one\" ",
      ], pictures: 4)
    #expect(
      data.pairs == [
        "2.png": ["a star called \"two\""], "3.png": ["the third star, \"on\" two lines"],
        "4.png": ["a closed one"],
      ])
    #expect(data.report.names(.badRecord) == ["list.csv line 2: a quote is not closed"])
  }

  @Test func `quotes within a line are read as they stand`() throws {
    let rows = ["1.png\t\"a red star here", "2.png\ta \"big\" star", "3.png\t\"a blue, star\""]
    let data = try read(["image\tcaption"] + rows, pictures: 3, "list.tsv")
    #expect(
      data.pairs == [
        "1.png": ["\"a red star here"], "2.png": ["a \"big\" star"], "3.png": ["a blue, star"],
      ])
    #expect(data.report.count(.badRecord) == 0)
    let big = try read(["image,caption", "1.png,\"big\" star here"], pictures: 1)
    #expect(big.captions(at: 0) == ["\"big\" star here"])
  }

  @Test func `commas in a caption without quotes belong to it, if it is the last column`() throws {
    let last = try read(
      ["image,caption", "1.png,a red star, a house", "2.png,a blue star,,"], pictures: 2)
    #expect(last.pairs == ["1.png": ["a red star, a house"], "2.png": ["a blue star"]])
    let other = try read(
      ["caption,image", "a red star, a house,1.png", "a blue star,2.png", "a star"], pictures: 2)
    #expect(other.pairs == ["2.png": ["a blue star"]])
    #expect(
      other.report.names(.badRecord) == [
        "list.csv line 2: it has 3 columns, the header 2",
        "list.csv line 4: it has 1 column, the header 2",
      ])
  }

  @Test func `a header is judged by its whole first line`() throws {
    let data = try read(["ab名,image,caption", "x,1.png,a red star"], pictures: 1)
    #expect(data.captions(at: 0) == ["a red star"])
  }
}
