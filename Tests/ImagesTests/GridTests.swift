import Images
import Sheets
import Testing

@Suite struct GridTests {
  let pictures = (0..<5).map { randomImage(40, 30, seed: UInt64($0)) }

  @Test func `a grid holds each picture, with gutters around`() {
    let grid = Image.grid(pictures, columns: 3, gutter: 2, background: (9, 9, 9))
    #expect(grid.width == 2 + 3 * 42 && grid.height == 2 + 2 * 32)
    var rest = grid
    for (i, picture) in pictures.enumerated() {
      let (x, y) = (2 + i % 3 * 42, 2 + i / 3 * 32)
      #expect(grid.cropped(x: x, y: y, width: 40, height: 30) == picture)
      rest.paste(Image(width: 40, height: 30, fill: (9, 9, 9)), x: x, y: y)
    }
    #expect(rest.pixels.allSatisfy { $0 == 9 })
  }

  @Test func `a grid of fewer pictures than columns is no wider than they are`() {
    let grid = Image.grid(Array(pictures[..<2]), columns: 8, gutter: 0)
    #expect(grid.width == 80 && grid.height == 30)
  }

  @Test func `smaller pictures are centred in their cell`() {
    let small = randomImage(10, 20, seed: 9)
    let grid = Image.grid([pictures[0], small], columns: 2, gutter: 1)
    #expect(grid.cropped(x: 42 + 15, y: 1 + 5, width: 10, height: 20) == small)
  }

  @Test(arguments: [Image.LabelPosition.above, .below])
  func `labels stay in their cell and off their picture`(position: Image.LabelPosition) {
    let labels = ["one", "two little words", "", "Donaudampfschifffahrtsgesellschaft", "0.5\n#5"]
    let white: Image.Color = (255, 255, 255)
    let blank = pictures.map { _ in Image(width: 40, height: 30, fill: white) }
    let grid = Image.grid(
      blank, columns: 5, gutter: 3, background: white, labels: labels, labelPosition: position,
      labelLines: 2)
    #expect(grid.width == 3 + 5 * 43)
    for (i, label) in labels.enumerated() {
      let cell = grid.cropped(x: 3 + i * 43, y: 0, width: 40, height: grid.height)
      #expect((cell.darkPixels > 0) == !label.isEmpty)
      let pictureTop = position == .above ? grid.height - 33 : 3
      #expect(cell.cropped(x: 0, y: pictureTop, width: 40, height: 30).darkPixels == 0)
    }
    for i in 0...5 {
      #expect(grid.cropped(x: i * 43, y: 0, width: 3, height: grid.height).darkPixels == 0)
    }
    #expect(grid.cropped(x: 0, y: 0, width: grid.width, height: 3).darkPixels == 0)
    #expect(grid.cropped(x: 0, y: grid.height - 3, width: grid.width, height: 3).darkPixels == 0)
  }
}

@Suite struct TextTests {
  static let characters =
    (33...126).map { String(UnicodeScalar(UInt8($0))) } + ["·", "…", "×", "–"]

  @Test func `every character has a glyph of its own`() {
    let pictures = Self.characters.map { drawn($0) }
    for (i, picture) in pictures.enumerated() {
      #expect(picture.darkPixels > 0, "\(Self.characters[i])")
      for j in 0..<i {
        #expect(picture != pictures[j], "\(Self.characters[i]) and \(Self.characters[j])")
      }
    }
    #expect(drawn(" ").darkPixels == 0)
  }

  @Test func `characters without a glyph are a box`() {
    #expect(drawn("é") == drawn("漢") && drawn("é").darkPixels > 0)
  }

  @Test(arguments: characters)
  func `text is as wide as it says and no higher than a line`(character: String) {
    let width = PixelFont.width(of: character)
    let picture = drawn(character)
    let columns = (0..<12).filter { x in
      picture.cropped(x: x, y: 0, width: 1, height: 20).darkPixels > 0
    }
    #expect(columns.first == 0 && columns.last == width - 1)
    let below = PixelFont.lineHeight
    #expect(picture.cropped(x: 0, y: below, width: 12, height: 20 - below).darkPixels == 0)
  }

  @Test func `the width of a text is that of its characters and the gaps between`() {
    let widths = ["a", " ", "i"].map { PixelFont.width(of: $0) }
    #expect(PixelFont.width(of: "a i") == widths[0] + 1 + widths[1] + 1 + widths[2])
    #expect(PixelFont.width(of: "") == 0)
  }

  @Test func `text at scale 3 is the text enlarged`() {
    var small = Image(width: 60, height: 24)
    small.draw("Abc\nx", x: 2, y: 1, color: (250, 0, 80))
    var large = Image(width: 180, height: 72)
    large.draw("Abc\nx", x: 6, y: 3, color: (250, 0, 80), scale: 3)
    #expect(large == small.enlarged(by: 3))
  }

  @Test func `text beyond the border is cut off`() {
    var sheet = Image(width: 40, height: 30, fill: (255, 255, 255))
    sheet.draw("Willow", x: 8, y: 9)
    var window = Image(width: 15, height: 5, fill: (255, 255, 255))
    window.draw("Willow", x: 8 - 12, y: 9 - 11)
    #expect(window == sheet.cropped(x: 12, y: 11, width: 15, height: 5))
    #expect(window.darkPixels > 0)
    window.draw("far away", x: 1000, y: -1000, scale: 5)
    #expect(window == sheet.cropped(x: 12, y: 11, width: 15, height: 5))
  }

  @Test func `lines are broken between words and never too wide`() {
    let text = "a red circle above a blue square, and supercalifragilistic things"
    for width in 12...200 {
      let lines = PixelFont.lines(of: text, width: width, maximumLines: 1000)
      #expect(lines.allSatisfy { !$0.isEmpty && PixelFont.width(of: $0) <= width })
      #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
    }
    let width = PixelFont.width(of: "a red circle above")
    #expect(
      PixelFont.lines(of: text, width: width, maximumLines: 9)
        == ["a red circle above", "a blue square,", "and", "supercalifragilistic", "things"])
    #expect(PixelFont.width(of: "a blue square, and") > width)
  }

  @Test func `line feeds are kept, and what does not fit ends in an ellipsis`() {
    #expect(PixelFont.lines(of: "a\nb c", width: 90, maximumLines: 2) == ["a", "b c"])
    #expect(PixelFont.lines(of: "a\nb\nc", width: 90, maximumLines: 2) == ["a", "b…"])
    #expect(PixelFont.lines(of: "", width: 90, maximumLines: 2) == [])
    let cut = PixelFont.lines(of: "wwwwwwwwwwwwwwww", width: 30, maximumLines: 1)
    #expect(cut.count == 1 && cut[0].hasSuffix("w…") && PixelFont.width(of: cut[0]) <= 30)
  }

  private func drawn(_ text: String) -> Image {
    var image = Image(width: 12, height: 20, fill: (255, 255, 255))
    image.draw(text, x: 0, y: 0)
    return image
  }
}

extension Image {
  /// Pixels that are not white.
  fileprivate var darkPixels: Int {
    stride(from: 0, to: pixels.count, by: 3).count { pixels[$0..<$0 + 3] != [255, 255, 255] }
  }
}
