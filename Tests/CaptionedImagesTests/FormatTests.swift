import CaptionedImages
import Foundation
import Images
import Testing

/// The four kinds of data sets, with everything that can be wrong with them.
@Suite struct FormatTests {
  @Test func `a folder of PNG and text files is read in the order of names`() throws {
    let mini = try Miniature()
    try mini.add(picture: "b.png", grey: 2)
    try mini.add("b.txt", "a blue bird", "", "  a  bird on\ta branch  ")
    try mini.add(picture: "a.PNG", grey: 1)
    try mini.add(
      "a.txt", bytes: Array("\u{FEFF}ein Vögelchen, übermütig 🐦\r\nthe red bird sings".utf8))
    try mini.add(picture: ".hidden.png")
    let data = try CaptionedImages(mini.path)
    #expect(data.fileNames == ["a.PNG", "b.png"])
    #expect(data.captions(at: 0) == ["ein Vögelchen, übermütig 🐦", "the red bird sings"])
    #expect(data.captions(at: 1) == ["a blue bird", "a bird on a branch"])
    #expect(try data.picture(at: 0)[0, 0] == (1, 1, 1))
    #expect(try data.picture(at: 1)[8, 7] == (2, 2, 2))
    #expect(data.report.description == "pictures: 2, captions: 4")
  }

  @Test func `what is wrong in a folder is left out, counted and named`() throws {
    let mini = try Miniature()
    try mini.add(picture: "good.png")
    try mini.add("good.txt", "a good picture")
    try mini.add("gone.txt", "a picture that is gone")
    try mini.add(picture: "mute.png")
    try mini.add(picture: "blank.png")
    try mini.add("blank.txt", "", "   ")
    try mini.add("photo.jpg", bytes: [0xFF, 0xD8, 0xFF])
    try mini.add("photo.txt", "a photo of a bird")
    try mini.add("text.png", "this is a text file")
    try mini.add("text.txt", "a text in disguise")
    try mini.add(picture: "latin1.png")
    try mini.add("latin1.txt", bytes: Array("a caf".utf8) + [0xE9])
    try mini.add("empty.png", bytes: [])
    try mini.add("empty.txt", "an empty file here")
    try FileManager.default.createDirectory(
      atPath: mini.path("folder.png"), withIntermediateDirectories: false)
    try mini.add("folder.txt", "a folder in disguise")
    try FileManager.default.createSymbolicLink(
      atPath: mini.path("link.png"), withDestinationPath: mini.path("nowhere.png"))
    try mini.add("link.txt", "a link to nowhere")
    try FileManager.default.createSymbolicLink(
      atPath: mini.path("loop.png"), withDestinationPath: mini.path("loop.png"))
    try mini.add("loop.txt", "a link to itself")
    try FileManager.default.createSymbolicLink(
      atPath: mini.path("good2.png"), withDestinationPath: mini.path("good.png"))
    try mini.add("good2.txt", "a link to something good")

    let data = try CaptionedImages(mini.path)
    #expect(data.fileNames == ["good.png", "good2.png"])
    let report = data.report
    #expect(report.names(.missing) == ["link.png", "loop.png"])
    #expect(report.names(.noPicture) == ["folder.txt", "gone.txt"])
    #expect(report.names(.noCaption) == ["blank.png", "latin1.png", "mute.png"])
    #expect(
      report.names(.captionsUnreadable) == [
        "latin1.txt: it is not UTF-8, perhaps Latin-1 or windows-1252; save it as UTF-8"
      ])
    #expect(report.count(.unreadable) == 3)
    #expect(
      report.names(.unreadable) == [
        "empty.png: is empty; get the file again",
        "photo.jpg: the JPEG is damaged (the file ends too early); get the file again",
        "text.png: is a text file, not a PNG or JPEG picture; get the file again",
      ])
    #expect(
      report.description.hasPrefix(
        "pictures: 2, captions: 2\n  picture files missing: 2 (link.png, loop.png)"))
    #expect(report.everything.contains("pictures unreadable: 3\n  empty.png: is empty"))
  }

  @Test func `of a JPEG and the PNG made of it, the PNG is read`() throws {
    let mini = try Miniature()
    try mini.add("a.jpeg", bytes: [0xFF, 0xD8, 0xFF])
    try mini.add(picture: "a.png")
    try mini.add("a.txt", "a converted photo")
    let data = try CaptionedImages(mini.path)
    #expect(data.fileNames == ["a.png"])
    #expect(data.report.names(.unreadable).count == 1)  // the JPEG, which is no whole one
  }

  /// COCO's layout: the same id twice, a picture under two ids, a caption without a picture, a
  /// picture without a caption, JPEG names of PNG files, missing and broken files.
  private func coco() throws -> Miniature {
    let mini = try Miniature()
    for (number, name) in ["one", "two", "three"].enumerated() {
      try mini.add(picture: "val2017/\(name).png", grey: UInt8(number))
    }
    try mini.add("val2017/four.jpg", bytes: [0xFF, 0xD8, 0xFF])
    try mini.add("val2017/broken.png", bytes: [0x89, 0x50, 0x4E, 0x47])
    try mini.add(
      "annotations/captions_val2017.json",
      """
      {"info": {"year": 2017}, "licenses": [], "images": [
        {"id": 7, "file_name": "one.jpg", "height": 8, "width": 9},
        {"id": 5, "file_name": "two.png"},
        {"id": 7, "file_name": "one.jpg"},
        {"id": 8, "file_name": "two.png"},
        {"id": 9, "file_name": "three.png"},
        {"id": 10, "file_name": "gone.png"},
        {"id": 11, "file_name": "four.jpg"},
        {"id": 12, "file_name": "broken.png"}],
       "annotations": [
        {"id": 1, "image_id": 5, "caption": "a second picture"},
        {"id": 2, "image_id": 7, "caption": "the first\\npicture, na\\u00efve caf\\u00e9"},
        {"id": 2, "image_id": 7, "caption": "the first picture again"},
        {"id": 3, "image_id": 8, "caption": "the second picture again"},
        {"id": 4, "image_id": 10, "caption": "a lost picture"},
        {"id": 5, "image_id": 11, "caption": "a picture to convert"},
        {"id": 6, "image_id": 12, "caption": "a broken picture"},
        {"id": 7, "image_id": 99, "caption": "a caption of nothing"}]}
      """)
    return mini
  }

  @Test(arguments: ["", "/annotations/captions_val2017.json"])
  func `a COCO data set is read from its folder or its file`(name: String) throws {
    let mini = try coco()
    let data = try CaptionedImages(mini.path + name)
    #expect(data.fileNames == ["one.png", "two.png"])
    #expect(
      data.captions(at: 0) == ["the first picture, naïve café", "the first picture again"])
    #expect(data.captions(at: 1) == ["a second picture", "the second picture again"])
    #expect(try data.picture(at: 1)[0, 0] == (1, 1, 1))
    #expect(data.report.merged == 2)
    #expect(data.report.names(.noCaption) == ["three.png"])
    #expect(data.report.names(.missing) == ["gone.png"])
    #expect(data.report.count(.unreadable) == 2)
    #expect(data.report.names(.unknownPicture) == ["picture 99"])
    #expect(data.report.pictures == 2 && data.report.captions == 4)
  }

  @Test func `COCO pictures may be in a folder of any name`() throws {
    let mini = try coco()
    let file = mini.path("annotations/captions_val2017.json")
    try FileManager.default.moveItem(atPath: mini.path("val2017"), toPath: mini.path("else"))
    #expect(throws: DataError.self) { try CaptionedImages(file) }
    #expect(try CaptionedImages(file, images: mini.path("else")).count == 2)
    try mini.add("annotations/captions_train2017.json", "{}")
    let error = #expect(throws: DataError.self) { try CaptionedImages(mini.path) }
    #expect(error?.description.contains("captions_train2017.json, captions_val2017.json") == true)
  }

  @Test(arguments: ["text_c10", "text", "../text_c10"])
  func `CUB is read with ten captions a picture`(texts: String) throws {
    let mini = try Miniature()
    let root = "birds/CUB_200_2011"
    try mini.add(
      "\(root)/images.txt", "1 001.Albatross/A_1.jpg", "2 001.Albatross/A_2.jpg\r",
      "3 002.Auklet/B_1.jpg", "2 001.Albatross/A_2.jpg", "4 002.Auklet/gone.jpg")
    for (grey, name) in ["001.Albatross/A_1", "001.Albatross/A_2", "002.Auklet/B_1"].enumerated() {
      try mini.add(picture: "\(root)/images/\(name).png", grey: UInt8(grey))
      let lines = (1...10).map { "this bird has \($0) feathers, très jolies" }
      let text = lines.joined(separator: "\n")
      if grey != 2 { try mini.add("\(root)/\(texts)/\(name).txt", text) }
    }
    for path in [mini.path(root), mini.path("birds")] {
      let data = try CaptionedImages(path)
      #expect(data.fileNames == ["A_1.png", "A_2.png"])
      #expect(data.captions(at: 0).count == 10 && data.captions(at: 1).count == 10)
      #expect(data.captions(at: 1)[9] == "this bird has 10 feathers, très jolies")
      #expect(try data.picture(at: 1)[0, 0] == (1, 1, 1))
      #expect(data.report.merged == 1)
      #expect(data.report.names(.noCaption) == ["images/002.Auklet/B_1.png"])
      #expect(data.report.names(.missing) == ["images/002.Auklet/gone.jpg"])
    }
  }

  @Test func `a manifest names pictures relative to itself, once or several times`() throws {
    let mini = try Miniature()
    let other = try Miniature()
    try mini.add(picture: "lists/a.png", grey: 1)
    try mini.add(picture: "b ü.png", grey: 2)
    try other.add(picture: "c.png", grey: 3)
    try mini.add(
      "lists/all.jsonl", #"{"image": "a.png", "caption": "a picture of mine"}"#, "",
      #"{"image": "../b ü.png", "captions": ["a picture above", "un café très élégant"]}"#,
      #"{"image": "\#(other.path("c.png"))", "caption": "a picture elsewhere", "extra": [1]}"#,
      #"{"image": "./a.png", "caption": "the same picture"}"#,
      #"{"image": "gone.png", "caption": "a picture that is gone"}"#)
    let data = try CaptionedImages(mini.path("lists/all.jsonl"))
    #expect(data.fileNames == ["a.png", "b ü.png", "c.png"])
    #expect(data.captions(at: 0) == ["a picture of mine", "the same picture"])
    #expect(data.captions(at: 1) == ["a picture above", "un café très élégant"])
    #expect(try data.picture(at: 2)[0, 0] == (3, 3, 3))
    #expect(data.report.merged == 1)
    #expect(data.report.names(.missing) == ["gone.png"])
  }

  @Test(arguments: [
    (
      #"{"image": "a.png"}"#, "there is no \"caption\", \"captions\" or \"text\" (it has \"image\")"
    ),
    (#"{"caption": "a b c"}"#, "there is no \"image\" or \"file_name\" (it has \"caption\")"),
    (#"{"image": 3, "caption": "a b c"}"#, "\"image\" is no text"),
    (#"{"image": "a.png", "caption": 3}"#, "\"caption\" is no text or list of texts"),
    (#"{"image": "a.png", "caption": "a b"#, "it is not valid JSON, perhaps cut off"),
    ("[1, 2]", "it is no object such as"),
    (String(repeating: "[", count: 100_000), "it is not valid JSON"),
  ])
  func `a bad line of a list costs itself and is named`(line: String, message: String) throws {
    let mini = try Miniature()
    try mini.add(picture: "a.png")
    try mini.add("list.jsonl", #"{"image": "a.png", "caption": "a b c"}"#, line)
    let data = try CaptionedImages(mini.path("list.jsonl"))
    #expect(data.report.captions == 1 && data.report.count(.badRecord) == 1)
    #expect(data.report.names(.badRecord)[0].hasPrefix("list.jsonl line 2: \(message)"))
  }

  @Test(arguments: ["list.jsonl", "list.json", "captions.json", "a.json"])
  func `half a surrogate pair costs its character, not the data set`(name: String) throws {
    let mini = try Miniature()
    try mini.add(picture: "a.png")
    let caption = #""a \ud83d red \ud83d\ude80 star \udca9 \\ud83d at night""#
    let json = [
      "list.jsonl": #"{"image": "a.png", "caption": \#(caption)}"#,
      "list.json": #"[{"image": "a.png", "caption": \#(caption)}]"#,
      "captions.json": #"""
      {"images": [{"id": 1, "file_name": "a.png"}],
       "annotations": [{"image_id": 1, "caption": \#(caption)}]}
      """#,
      "a.json": #"{"caption": \#(caption)}"#,
    ]
    try mini.add(name, json[name] ?? "")
    let data = try CaptionedImages(name == "a.json" ? mini.path : mini.path(name))
    #expect(data.captions(at: 0) == ["a \u{FFFD} red 🚀 star \u{FFFD} \\ud83d at night"])
    #expect(data.report.count(.badRecord) == 0)
  }

  @Test func `lists in other encodings are named so`() throws {
    let mini = try Miniature()
    try mini.add(picture: "a.png")
    let line = #"{"image": "a.png", "caption": "a grün c"}"#
    try mini.add("list.jsonl", #"{"image": "a.png", "caption": "a b c"}"#)
    let latin1 = Array(line.unicodeScalars.map { UInt8($0.value) })
    let good = Array("{\"image\": \"a.png\", \"caption\": \"a b c\"}\n".utf8)
    try mini.add("list.jsonl", bytes: good + latin1)
    let data = try CaptionedImages(mini.path("list.jsonl"))
    #expect(data.report.names(.badRecord)[0].contains("line 2: it is not UTF-8, perhaps Latin-1"))
    try mini.add(
      "list.csv", bytes: [0xFF, 0xFE] + "file_name,text\n".utf16.flatMap { [UInt8($0), 0] })
    let error = #expect(throws: DataError.self) { try CaptionedImages(mini.path("list.csv")) }
    #expect(error?.description.contains("it is UTF-16; save it as UTF-8") == true)
  }

  @Test(arguments: [
    ("", "not valid JSON"), ("{\"images\": [", "not valid JSON"),
    ("{\"images\": []}", "there is no \"annotations\""),
    (
      "{\"images\": [], \"annotations\": [{\"id\": 1, \"image_id\": 2}]}",
      "there is no \"caption\" in \"annotations[0]\""
    ),
    ("{\"images\": 3, \"annotations\": []}", "expected a list at \"images\""),
    (
      "{\"images\": [], \"annotations\": [{\"image_id\": 2, \"bbox\": []}]}",
      "it has COCO's boxes and outlines, not captions"
    ),
  ])
  func `a bad COCO file says where it is bad`(json: String, message: String) throws {
    let mini = try Miniature()
    try mini.add(picture: "images/a.png")
    try mini.add("captions.json", json)
    let error = #expect(throws: DataError.self) { try CaptionedImages(mini.path("captions.json")) }
    #expect(error?.description.contains(message) == true, "\(error as Any)")
  }

  @Test func `a bad CUB list is named, and so are missing captions`() throws {
    let mini = try Miniature()
    try mini.add("images.txt", "1 a.png", "b.png")
    try mini.add(picture: "images/b.png")
    let without = #expect(throws: DataError.self) { try CaptionedImages(mini.path) }
    #expect(without?.description.contains("text_c10") == true)
    try mini.add("text/a.txt", "a b c")
    try mini.add(picture: "images/a.png")
    let data = try CaptionedImages(mini.path)
    #expect(data.fileNames == ["a.png"])
    #expect(
      data.report.names(.badRecord) == [
        "images.txt line 2: expected a number and the name of a picture"
      ])
  }

  @Test func `paths that are no data set are errors`() throws {
    let mini = try Miniature()
    try mini.add("notes.txt", "hello")
    for name in ["nothing", "notes.txt", "nothing.json", "nothing.jsonl"] {
      let error = #expect(throws: DataError.self) { try CaptionedImages(mini.path(name)) }
      #expect(error?.description.hasPrefix(mini.path(name)) == true)
    }
  }

  @Test func `a data set with nothing left is an error that says why`() throws {
    let mini = try Miniature()
    let empty = #expect(throws: DataError.self) { try CaptionedImages(mini.path) }
    #expect(
      empty?.description == "\(mini.path): no picture with a caption was found"
    )
    try mini.add("a.jpg", bytes: [0xFF, 0xD8, 0xFF])
    try mini.add("a.txt", "a photo of a bird")
    let photos = #expect(throws: DataError.self) { try CaptionedImages(mini.path) }
    #expect(
      photos?.description.contains("; pictures unreadable: 1 (a.jpg: the JPEG is dam") == true)
  }
}
