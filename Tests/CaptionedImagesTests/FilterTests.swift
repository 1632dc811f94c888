import CaptionedImages
import Testing

@Suite struct FilterTests {
  @Test func `the paper's filters count what they leave out, and why`() throws {
    let mini = try Miniature()
    func add(_ name: String, _ width: Int, _ height: Int, _ captions: String) throws {
      try mini.add(picture: "\(name).png", width, height)
      try mini.add("\(name).txt", captions)
    }
    try add("a", 20, 10, "a red bird\nbird\nred bird\nein Vögelchen, übermütig")
    try add("b", 10, 20, "鳥の写真 です ね\nредкая птица на ветке\n12:30 12/05/2009 IMG\na café 🐦 bird")
    try add("c", 21, 10, "a wide bird indeed")
    try add("d", 10, 21, "a tall bird indeed")
    try add("e", 10, 10, "a bird photographed on 12 May 2009\nTaken on the 3rd of June, sadly")
    try add(
      "f", 10, 10, "Captured on Monday, 4 pm\na bird photographed on a branch\nshot on May 3rd")
    let data = try CaptionedImages(mini.path)
    #expect(
      data.pairs == [
        "a.png": ["a red bird", "ein Vögelchen, übermütig"], "b.png": ["a café 🐦 bird"],
        "f.png": ["a bird photographed on a branch"],
      ])
    let report = data.report
    #expect(report.count(.tooShort) == 2)
    #expect(report.names(.tooShort) == [#"a.png: "bird""#, #"a.png: "red bird""#])
    #expect(report.count(.notEnglish) == 3)
    #expect(report.count(.boilerplate) == 4)
    #expect(report.names(.aspectRatio) == ["c.png: 21×10", "d.png: 10×21"])
    #expect(report.names(.noCaption) == ["e.png"])
    #expect(report.pictures == 3 && report.captions == 4)

    let all = try CaptionedImages(mini.path, filtered: false)
    #expect(all.report.description == "pictures: 6, captions: 15")
    #expect(all.pairs["b.png"]?[1] == "редкая птица на ветке")
  }

  @Test func `the first five names of each reason are shown, all are kept and counted`() throws {
    let mini = try Miniature()
    try mini.add(picture: "a.png")
    try mini.add("a.txt", "a good caption", "1", "2", "3", "4", "5", "6")
    let report = try CaptionedImages(mini.path).report
    #expect(report.count(.notEnglish) == 6)
    #expect(report.names(.notEnglish).count == 6)
    #expect(report.description.hasSuffix(#"a.png: "5", …)"#))
  }
}
