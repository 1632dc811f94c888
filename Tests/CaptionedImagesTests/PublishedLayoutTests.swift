import CaptionedImages
import Testing

/// Data sets as they are published, and lists whose names or keys are odd.
@Suite struct PublishedLayoutTests {
  private let mini: Miniature

  init() throws {
    mini = try Miniature()
    for name in ["1", "2", "3"] { try mini.add(picture: "Images/\(name).png") }
  }

  @Test func `Flickr8k is read from its folder and from its list`() throws {
    try mini.add(
      "captions.txt", "image,caption", "1.png,A child in pink , outside .", "2.png,A dog runs .")
    for path in [mini.path, mini.path("captions.txt")] {
      let data = try CaptionedImages(path)
      #expect(data.pairs == ["1.png": ["A child in pink , outside ."], "2.png": ["A dog runs ."]])
    }
  }

  @Test(arguments: ["captions.txt", "Flickr8k.token.txt", "results.token", "text/a.token"])
  func `Flickr's files of tokens are read`(name: String) throws {
    try mini.add(
      name, "1.png#0\tA child in pink .", "1.png#1\tA girl outside .", "2.png A dog runs .",
      "3.png#4\tA dog # 7 runs .")
    let data = try CaptionedImages(mini.path(name))
    #expect(
      data.pairs == [
        "1.png": ["A child in pink .", "A girl outside ."], "3.png": ["A dog # 7 runs ."],
      ])
    #expect(
      data.report.names(.badRecord)[0].hasSuffix("line 3: expected NAME.jpg#0, a tab and a caption")
    )
  }

  @Test(arguments: ["list.jsonl", "lists/list.jsonl"])
  func `pictures in a folder beside a list are found, those beside it come first`(
    name: String
  ) throws {
    try mini.add(picture: "lists/2.png")
    try mini.add(picture: "2.png")
    try mini.add(
      name, #"{"image": "1.PNG", "caption": "a red star"}"#,
      #"{"image": "2.png", "caption": "a blue star"}"#, #"{"image": "9.png", "caption": "a b c"}"#)
    let data = try CaptionedImages(mini.path(name))
    #expect(data.fileNames == ["1.png", "2.png"])
    #expect(!data.path(at: 1).contains("Images") && data.path(at: 0).contains("Images"))
    #expect(data.report.names(.missing) == ["9.png"])
  }

  @Test func `Karpathy's lists have the folder apart`() throws {
    try mini.add(
      "dataset_coco.json",
      #"""
      {"images": [{"filepath": "Images", "filename": "1.png", "sentences": [
        {"tokens": ["a", "red", "star"], "raw": "A red star."}, {"raw": "A star, red."}]}],
       "dataset": "coco"}
      """#)
    #expect(
      try CaptionedImages(mini.path("dataset_coco.json")).pairs
        == ["1.png": ["A red star.", "A star, red."]])
  }

  @Test func `of several words for captions and pictures, the first usable counts`() throws {
    try mini.add(
      "list.jsonl", #"{"image": "1.png", "caption": "", "text": "a red star"}"#,
      #"{"image": null, "file_name": "2.png", "caption": null, "text": "a blue star"}"#,
      #"{"image": "", "caption": "a b c"}"#, #"{"image": "a/.", "caption": "a b c"}"#)
    let data = try CaptionedImages(mini.path("list.jsonl"))
    #expect(data.pairs == ["1.png": ["a red star"], "2.png": ["a blue star"]])
    #expect(
      data.report.names(.badRecord) == [
        #"list.jsonl line 3: "image" is "", which is no name of a picture"#,
        #"list.jsonl line 4: "image" is "a/.", which is no name of a picture"#,
      ])
    #expect(data.report.count(.missing) + data.report.count(.unreadable) == 0)
  }

  @Test(arguments: ["captions.json", "list.jsonl"])
  func `lines or a list of JSON are told apart by content`(name: String) throws {
    let (one, two) = (
      #"{"image": "1.png", "caption": "a red star"}"#, #"{"image": "2.png", "text": "a b c"}"#
    )
    for lines in [[one, "", two], ["[", " \(one),", " \(two)", "]"]] {
      try mini.add(name, bytes: Array(lines.joined(separator: "\n").utf8))
      let data = try CaptionedImages(mini.path(name))
      #expect(data.pairs == ["1.png": ["a red star"], "2.png": ["a b c"]])
      #expect(data.report.count(.badRecord) == 0)
    }
    try mini.add(name, one)
    #expect(try CaptionedImages(mini.path(name)).pairs == ["1.png": ["a red star"]])
  }

  @Test func `a picture that an object names twice keeps the captions of both`() throws {
    try mini.add(
      "list.json",
      #"""
      {"1.png": "a red, star: \"here\"", "2.png": {"text": "x y z", "text": "x y w"},
       "1.png" : ["a [blue] star", "a {green} one"]}
      """#)
    let pairs = try CaptionedImages(mini.path("list.json")).pairs
    #expect(pairs["1.png"] == ["a red, star: \"here\"", "a [blue] star", "a {green} one"])
    #expect(pairs["2.png"]?.count == 1)
  }

  @Test func `Parquet is not to be unpacked but exported`() throws {
    try mini.add("train.parquet", "PAR1")
    let alone = #expect(throws: DataError.self) { try CaptionedImages(mini.path("train.parquet")) }
    #expect(alone?.description.contains("parquet is not read: export its captions") == true)
    try mini.add("Images/1.txt", "a red star")
    try mini.add("more.zip", "PK")
    #expect(
      try CaptionedImages(mini.path).report.names(.notRead) == [
        "more.zip: unpack it first",
        "train.parquet: parquet is not read: export its captions to .jsonl or .csv, and its "
          + "pictures to files",
      ])
  }

  @Test func `zeros are no UTF-16`() throws {
    try mini.add("Images/1.txt", bytes: [0, 0, 0])
    try mini.add("Images/2.txt", bytes: "a star".utf16.flatMap { [0, UInt8($0)] })
    try mini.add("Images/3.txt", "a red star")
    #expect(
      try CaptionedImages(mini.path).report.names(.captionsUnreadable) == [
        "Images/1.txt: it holds bytes of 0, not text; get it again",
        "Images/2.txt: it is UTF-16; save it as UTF-8",
      ])
  }
}
