import CaptionedImages
import Foundation
import Images
import Testing

/// Data sets as people have them.
@Suite struct LayoutTests {
  @Test func `folders in folders are read, links to folders are not`() throws {
    let mini = try Miniature()
    for name in ["top", "red/01", "red/deep/02", "blue/01"] {
      try mini.add(picture: "\(name).png")
      try mini.add("\(name).txt", "a bird in \(name)")
    }
    try mini.add(picture: ".hidden/03.png")
    try FileManager.default.createSymbolicLink(
      atPath: mini.path("red/loop"), withDestinationPath: mini.path)
    let data = try CaptionedImages(mini.path)
    #expect(
      (0..<4).map { data.captions(at: $0)[0] } == [
        "a bird in top", "a bird in blue/01", "a bird in red/01", "a bird in red/deep/02",
      ])
    #expect(data.count == 4)
    #expect(data.report.names(.notRead) == ["red/loop"])
  }

  @Test func `extensions may be in any case, and names as well`() throws {
    let mini = try Miniature()
    for (picture, text) in [("A.PNG", "A.TXT"), ("B.png", "B.Txt"), ("IMG_1.Png", "img_1.txt")] {
      try mini.add(picture: picture)
      try mini.add(text, "a good caption")
    }
    #expect(try CaptionedImages(mini.path).report.description == "pictures: 3, captions: 3")
  }

  @Test func `captions may be in NAME.caption and NAME.json`() throws {
    let mini = try Miniature()
    for name in ["a", "b", "c", "d", "e"] { try mini.add(picture: "\(name).png") }
    try mini.add("a.caption", "a red bird", "a bird on a branch")
    try mini.add("b.json", #"{"caption": "a blue bird", "width": 9}"#)
    try mini.add("c.json", #"["a green bird", "a bird in a tree"]"#)
    try mini.add("d.json", #"{"width": 9}"#)
    try mini.add("e.txt", "a white bird")
    try mini.add("e.json", #"{"caption": "something else here"}"#)
    try mini.add("lost.caption", "a bird that flew away")
    try mini.add("other.jsonl", "{}")
    try mini.add("notes.md", "notes")
    let data = try CaptionedImages(mini.path)
    #expect(
      data.pairs == [
        "a.png": ["a red bird", "a bird on a branch"], "b.png": ["a blue bird"],
        "c.png": ["a green bird", "a bird in a tree"], "e.png": ["a white bird"],
      ])
    #expect(
      data.report.names(.captionsUnreadable) == ["d.json: it has no \"caption\" or \"text\""])
    #expect(data.report.names(.noPicture) == ["lost.caption"])
    #expect(
      data.report.names(.notRead).sorted() == [
        "e.json: a list? Then give its name as the data set", "notes.md",
        "other.jsonl: a list? Then give its name as the data set",
      ])
  }

  @Test(arguments: ["jsonl", "csv", "tsv"])
  func `Hugging Face's folders of images are read`(kind: String) throws {
    let mini = try Miniature()
    for name in ["1", "2", "more/3", "4"] { try mini.add(picture: "train/\(name).png") }
    let rows = [
      ("1.png", "a red, quick bird"), ("2.png", "a \"blue\" bird"), ("more/3.png", "a third bird"),
    ]
    let separator = kind == "csv" ? "," : "\t"
    let text =
      kind == "jsonl"
      ? rows.map {
        #"{"file_name": "\#($0.0)", "text": "\#($0.1.replacing("\"", with: "\\\""))", "x": [1]}"#
      }.joined(separator: "\n")
      : "file_name\(separator)text\r\n"
        + rows.map { "\($0.0)\(separator)\"\($0.1.replacing("\"", with: "\"\""))\"\r\n" }.joined()
    try mini.add("train/metadata.\(kind)", bytes: Array(text.utf8))
    for path in ["", "/train", "/train/metadata.\(kind)"] {
      let data = try CaptionedImages(mini.path + path)
      #expect(
        data.pairs == [
          "1.png": ["a red, quick bird"], "2.png": ["a \"blue\" bird"], "3.png": ["a third bird"],
        ])
      let alone = path.hasSuffix(kind) ? 0 : 1
      #expect(data.report.count(.noCaption) == alone)
    }
  }

  @Test func `lists of other programs are read`() throws {
    let mini = try Miniature()
    try mini.add(picture: "a.png")
    try mini.add(picture: "sub/b.png")
    let wanted = ["a.png": ["a red bird"], "b.png": ["a blue bird", "a bird again"]]
    for (name, text) in [
      (
        "list.json",
        #"[{"image": "a.png", "caption": "a red bird"}, {"path": "sub\\b.png", "captions": ["a blue bird", "a bird again"]}, 7]"#
      ),
      (
        "map.json",
        #"{"a.png": "a red bird", "sub/b.png": ["a blue bird", "a bird again"], "n": 1}"#
      ),
      (
        "karpathy.json",
        #"{"images": [{"filename": "a.png", "sentences": [{"raw": "a red bird"}]}, {"filename": "sub/b.png", "sentences": [{"raw": "a blue bird"}, {"raw": "a bird again"}]}, {"filename": "a.png"}]}"#
      ),
      (
        "flickr.csv",
        "image_name| comment_number| comment\na.png| 0| a red bird\nsub/b.png| 0| a blue bird\nsub/b.png| 1| a bird again\nsub/b.png\n"
      ),
    ] {
      try mini.add(name, text)
      let data = try CaptionedImages(mini.path(name))
      #expect(data.pairs == wanted, "\(name)")
      #expect(data.report.count(.badRecord) == 1, "\(name)")
    }
  }

  @Test func `a table without the columns is refused by what it has`() throws {
    let mini = try Miniature()
    try mini.add("a.csv", "name,label", "a.png,3")
    let error = #expect(throws: DataError.self) { try CaptionedImages(mini.path("a.csv")) }
    #expect(error?.description.contains("found \"name,label\"") == true)
  }

  @Test(arguments: [
    ("captions_x.json", "a.png"), ("captions_x.json", "images/a.png"),
    ("captions_train2014.json", "train2014/a.png"),
    ("ann/captions_my_split.json", "my_split/a.png"),
    ("annotations/captions_val2017_part.json", "images/val/a.png"),
    ("annotations/captions_val2017_part.json", "val/a.png"),
    ("annotations/captions_x.json", "a.png"),
  ])
  func `COCO's pictures are found where they are`(list: String, picture: String) throws {
    let mini = try Miniature()
    try mini.add(picture: picture)
    // As exported by others: ids as texts, as fractions; one record without a name, one caption cut.
    try mini.add(
      list,
      """
      {"images": [{"id": "9", "file_name": "a.jpg"}, {"id": 8}, {"id": 7.0, "file_name": "b.jpg"}],
       "annotations": [{"image_id": 9.0, "caption": "a red bird"}, {"image_id": 9},
       {"image_id": "9", "caption": "a bird on a branch"}, {"image_id": 7, "caption": "a lost bird"}]}
      """)
    let data = try CaptionedImages(mini.path(list))
    #expect(data.pairs == ["a.png": ["a red bird", "a bird on a branch"]])
    #expect(
      data.report.names(.badRecord) == [
        "there is no \"file_name\" in \"images[1]\"",
        "there is no \"caption\" in \"annotations[1]\"",
      ])
    #expect(data.report.names(.missing) == ["b.jpg"])
  }

  @Test func `an error is one line, whatever names a list has`() throws {
    let mini = try Miniature()
    try mini.add(
      "captions_x.json",
      #"{"images": [{"id": 1, "file_name": "a\n\u001b[31m.png"}], "annotations": []}"#)
    let error = #expect(throws: DataError.self) {
      try CaptionedImages(mini.path("captions_x.json"))
    }
    #expect(error?.description.contains { $0.isNewline || $0 == "\u{1B}" } == false)
  }

  @Test func `a folder with COCO's instances says where captions are`() throws {
    let mini = try Miniature()
    try mini.add(picture: "train2017/a.png")
    try mini.add(
      "annotations/instances_train2017.json",
      #"{"images": [{"id": 9, "file_name": "a.jpg"}], "annotations": [{"image_id": 9, "bbox": [0]}]}"#
    )
    for path in [mini.path, mini.path("annotations/instances_train2017.json")] {
      let error = #expect(throws: DataError.self) { try CaptionedImages(path) }
      #expect(error?.description.contains("captions are in a file captions_….json") == true)
    }
  }

  @Test func `names are what the file system says`() throws {
    let mini = try Miniature()
    let names: [[UInt8]] = [
      Array("caf\u{E9}".utf8), Array("cafe\u{301}".utf8),  // two files, equal as strings
      Array("new\nline".utf8), [0x62, 0xE9], [0x62, 0xE8],  // Latin-1
    ]
    for (number, name) in names.enumerated() {
      try mini.add(picture: "x.png", grey: UInt8(number))
      try mini.add("x.txt", "the picture number \(number)")
      for kind in ["png", "txt"] {
        let target = Array("\(mini.path)/".utf8) + name + Array(".\(kind)".utf8)
        #expect(rename(mini.path("x.\(kind)"), target.map { CChar(bitPattern: $0) } + [0]) == 0)
      }
    }
    let data = try CaptionedImages(mini.path)
    #expect(data.count == 5 && data.report.omissions.isEmpty)
    for index in 0..<5 {
      let grey = try data.picture(at: index)[0, 0].0
      #expect(data.captions(at: index) == ["the picture number \(grey)"])
    }
    let shown = Set((0..<5).map { data.path(at: $0).dropFirst(mini.path.count + 1) })
    #expect(shown.isSuperset(of: ["new\\nline.png", "b\\xe9.png", "b\\xe8.png"]))
  }

  @Test func `composed and decomposed accents find each other`() throws {
    let mini = try Miniature()
    try mini.add(picture: "cafe\u{301}.png")
    try mini.add("caf\u{E9}.txt", "a small café")
    try mini.add("list.jsonl", "{\"image\": \"caf\u{E9}.png\", \"caption\": \"a small café\"}")
    for path in [mini.path, mini.path("list.jsonl")] {
      #expect(try CaptionedImages(path).captions(at: 0) == ["a small café"])
    }
  }

  @Test func `pictures outside of the folder are read and counted`() throws {
    let (mini, other) = (try Miniature(), try Miniature())
    try mini.add(picture: "up.png")
    try other.add(picture: "else.png")
    try mini.add(
      "lists/a.jsonl", #"{"image": "../up.png", "caption": "a picture above"}"#,
      #"{"image": "x/../../up.png", "caption": "the same one again"}"#,
      #"{"image": "\#(other.path("else.png"))", "caption": "a picture elsewhere"}"#)
    let data = try CaptionedImages(mini.path("lists/a.jsonl"))
    #expect(data.report.names(.outside).contains("../up.png"))
    #expect(data.report.names(.outside).contains(other.path("else.png")))
    #expect(data.report.description.contains("outside of the folder, which are read"))
  }

  @Test func `the content of a file decides what it is`() throws {
    let mini = try Miniature()
    for name in ["a.jpg", "b.webp", "c"] { try mini.add(picture: name) }
    for name in ["a", "b", "c"] { try mini.add("\(name).txt", "a good caption") }
    try mini.add("d.png", bytes: Array("RIFF\0\0\0\0WEBPVP8 ".utf8))
    try mini.add("d.txt", "a good caption")
    let data = try CaptionedImages(mini.path)
    #expect(data.fileNames == ["a.jpg", "b.webp", "c"])
    #expect(data.report.names(.unreadable)[0].hasPrefix("d.png: is a WebP picture") == true)
  }
}
