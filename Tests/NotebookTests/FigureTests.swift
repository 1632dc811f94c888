import Foundation
import Images
import PictureFiles
import TensorCore
import Testing

@testable import Notebook

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The texts and elements of an SVG file, or nil when it is not well-formed.
private func parse(_ bytes: [UInt8]) -> (texts: [String], elements: [String: Int])? {
  final class Reader: NSObject, XMLParserDelegate {
    var texts: [String] = []
    var elements: [String: Int] = [:]
    func parser(
      _: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      elements[name, default: 0] += 1
      texts.append("")
    }
    func parser(_: XMLParser, foundCharacters text: String) {
      texts[texts.count - 1] += text
    }
  }
  let reader = Reader()
  let parser = XMLParser(data: Data(bytes))
  parser.delegate = reader
  guard parser.parse() else { return nil }
  let trimmed = reader.texts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
  return (trimmed.filter { !$0.isEmpty }, reader.elements)
}

@Suite struct PlotTests {
  private let plot = Plot(
    "A < B & \"C\"", x: "step", y: Axis("loss", isLogarithmic: true),
    .line("training", [3, 2, 1.5, .nan, 1]), .points("held out", x: [1, 3], [2.5, 1.2]),
    .level("chance", 2.3), .moment("here", 2), .band(x: [0, 1], from: [1, 1], to: [2, 2]))

  @Test func `a plot is well-formed, with a title, a description and all names`() throws {
    let svg = try #require(parse(plot.fileBytes()))
    #expect(svg.elements["title"] == 1 && svg.elements["desc"] == 1)
    #expect(svg.texts[0] == "A < B & \"C\"")
    #expect(svg.texts[1] == "loss over step: training, held out, chance, here")
    for name in ["training", "held out", "chance", "here", "step", "loss", "2"] {
      #expect(svg.texts.contains(name), "\(name) is missing in \(svg.texts)")
    }
    // NaN cuts the curve in two: its pieces, and two samples beside the names.
    #expect(svg.elements["polyline"] == 4)
  }

  @Test func `the same plot makes the same bytes`() {
    #expect(plot.fileBytes() == plot.fileBytes())
  }

  @Test(arguments: [
    (0, 2.5, ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]), (0, 10, ["0", "2", "4", "6", "8", "10"]),
    (-1, 1, ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
    (0, 50000, ["0", "10k", "20k", "30k", "40k", "50k"]),
    (0.97, 0.99, ["0.970", "0.975", "0.980", "0.985", "0.990"]),
    (0, 1e-4, ["0", "2·10⁻⁵", "4·10⁻⁵", "6·10⁻⁵", "8·10⁻⁵", "10⁻⁴"]),
  ])
  func `ticks are round numbers`(low: Double, high: Double, texts: [String]) {
    #expect(niceTicks(from: low, to: high, about: 5).map(\.text) == texts)
  }

  @Test func `logarithmic ticks are powers of ten, and more where there are few`() {
    #expect(
      logarithmicTicks(from: 1e-4, to: 10).map(\.text) == [
        "10⁻⁴", "0.001", "0.01", "0.1", "1", "10",
      ])
    #expect(logarithmicTicks(from: 0.9, to: 60).map(\.text) == ["1", "2", "5", "10", "20", "50"])
  }

  @Test func `names at the ends of lines keep their order and their distance`() {
    var random = Random(seed: 5)
    for count in 1...12 {
      let wanted = (0..<count).map { _ in Double(random.uniform(0, 300)) }
      let places = spread(wanted, apart: 20, from: 0, to: 300)
      let sorted = places.sorted()
      #expect(zip(sorted.dropFirst(), sorted).allSatisfy { $0 - $1 > 20 - 1e-9 })
      #expect(sorted[0] > -1e-9 && sorted[count - 1] < 300 + 1e-9)
      let order = wanted.indices.sorted { wanted[$0] < wanted[$1] }
      #expect(order == places.indices.sorted { places[$0] < places[$1] })
    }
    #expect(spread([10, 100], apart: 20, from: 0, to: 300) == [10, 100])
  }

  @Test func `a histogram counts every value once`() {
    let mark = Mark.histogram("x", [0, 0.1, 0.2, 0.9, 1, .nan], bins: 2)
    #expect(mark.y == [3, 2] && mark.x == [0.25, 0.75])
  }

  @Test func `columns of two marks stand side by side`() throws {
    let plot = Plot(
      "", x: "x", y: "y", .columns("a", x: [0.0, 1], [2.0, 3]),
      .columns("b", x: [0.0, 1], [4.0, 5]))
    let svg = String(decoding: plot.fileBytes(), as: UTF8.self)
    let columns = svg.matches(
      of: /<rect x="([0-9.]+)" y="[0-9.]+" width="([0-9.]+)" height="([0-9.]+)"/
    )
    .compactMap { match -> (start: Double, end: Double)? in
      guard let x = Double(match.1), let width = Double(match.2), let height = Double(match.3),
        height != 12, width < 300
      else { return nil }
      return (x, x + width)
    }.sorted { $0.start < $1.start }
    #expect(columns.count == 4)
    for (left, right) in zip(columns, columns.dropFirst()) { #expect(left.end <= right.start) }
  }

  @Test func `a long curve keeps its lowest and highest points`() throws {
    var values = [Double](repeating: 1, count: 50_000)
    values[30_000] = 9
    let bytes = Plot(x: "x", y: "y", .line("", values)).fileBytes()
    #expect(bytes.count < 60_000)
    let text = String(decoding: bytes, as: UTF8.self)
    let curve = try #require(text.firstMatch(of: #/<polyline points="([^"]+)"/#)?.1)
    let heights = curve.split(separator: " ").compactMap { Double($0.split(separator: ",")[1]) }
    #expect(Set(heights).count == 2)
  }

  @Test func `a moving mean follows its values`() {
    #expect(Plot.smoothed([4, 2, 0, 2], over: 2) == [4, 3, 1, 1])
    #expect(Plot.smoothed([1, 2], over: 1) == [1, 2])
  }
}

@Suite struct PictureTests {
  @Test(arguments: [ColorMap.dark, .light])
  func `a colour map changes monotonically between dark and light`(map: ColorMap) {
    let light = (0...100).map { place -> Double in
      let color = map.color(at: Double(place) / 100)
      return 0.2126 * Double(color.0) + 0.7152 * Double(color.1) + 0.0722 * Double(color.2)
    }
    // Bytes are rounded, so neighbours may be out of order by a little.
    let rising = light[0] < light[100] ? light : light.reversed()
    #expect(zip(rising, rising.dropFirst()).allSatisfy { $0 < $1 + 0.5 })
    #expect(rising[100] - rising[0] > 150)
  }

  @Test func `the map of numbers with a sign is lightest at zero`() {
    let image = ColorMap.signed.image(Tensor([[-1, 0, 0.5]]))
    #expect(image.width == 3 && image.height == 1)
    #expect(image[1, 0].0 > 240 && image[1, 0].2 > 240)
    #expect(image[0, 0].2 > image[0, 0].0)  // blue
    #expect(image[2, 0].0 > image[2, 0].2)  // orange
  }

  @Test func `cells of a heat map have the colours of their numbers`() throws {
    let heat = HeatMap(Tensor([[0, 1], [0.5, 0]]))
    let cells = try #require(try pictures(in: heat.fileBytes()).first)
    for (x, y, place) in [(0, 0, 0.0), (1, 0, 1), (0, 1, 0.5), (1, 1, 0)] {
      #expect(cells[x, y] == ColorMap.dark.color(at: place))
    }
  }

  @Test func `long labels, numbers and titles fit into the picture`() throws {
    let long = ["a very long label of a row", "b"]
    for matrix in [Tensor([[1.25, -300], [2, 4]]), Tensor.zeros([2, 2])] {
      var heat = HeatMap(matrix, "A title", rows: long, columns: long, showsNumbers: true)
      (heat.rowTitle, heat.columnTitle) = ("rows", "columns")
      try expectTextsInside(heat.fileBytes())
    }
  }

  @Test func `confusions are coloured by row and show counts`() {
    let map = HeatMap.confusion([[9, 1], [0, 4]], labels: ["cat", "dog"])
    #expect(
      map.fileBytes() == HeatMap.confusion([[9, 1], [0, 4]], labels: ["cat", "dog"]).fileBytes())
    #expect(
      map.fileBytes() != HeatMap.confusion([[8, 2], [0, 4]], labels: ["cat", "dog"]).fileBytes())
  }

  @Test func `a grid keeps the pixels of its pictures and enlarges them`() throws {
    let colours = (0..<2).map { Image(width: 2, height: 2, fill: (UInt8(200 * $0), 7, 9)) }
    let bytes = PictureGrid(colours, labels: ["one", "two"], rows: ["row"], title: "Title")
      .fileBytes()
    let found = try pictures(in: bytes)
    #expect(found.map { $0[1, 1].0 } == [0, 200] && found.allSatisfy { $0.width == 2 })
    let text = String(decoding: bytes, as: UTF8.self)
    // Two pixels at the largest scale, 16.
    #expect(text.matches(of: #/<image [^>]*width="32" height="32"/#).count == 2)
    let svg = try #require(parse(bytes))
    for label in ["one", "two", "row", "Title"] { #expect(svg.texts.contains(label)) }
    try expectTextsInside(bytes)
  }

  @Test func `row labels stay beside their rows, whatever labels other rows have`() throws {
    let picture = Image(width: 32, height: 32, fill: (255, 255, 255))
    let grid = PictureGrid(
      [picture, picture], columns: 1, labels: ["one two three four five six seven eight", ""],
      rows: ["A", "B"], scale: 2)
    let text = String(decoding: grid.fileBytes(), as: UTF8.self)
    func foot(_ label: String) throws -> Double {
      let pattern = try Regex("<text x=\"[0-9.]+\" y=\"([0-9.]+)\"[^>]*>\(label)<")
      return Double(try #require(text.firstMatch(of: pattern)?.output[1].substring)) ?? -1
    }
    let tops = text.matches(of: #/<image x="[0-9.]+" y="([0-9.]+)"/#).compactMap { Double($0.1) }
    #expect(tops.count == 2)
    #expect(try foot("A") == tops[0] + 32 + 5 && foot("B") == tops[1] + 32 + 5)
    try expectTextsInside(grid.fileBytes())
  }

  @Test func `marks say which pictures are right`() {
    let picture = Image(width: 32, height: 32)
    func marked(_ marks: [PictureMark?]) -> String {
      String(decoding: PictureGrid([picture, picture], marks: marks).fileBytes(), as: UTF8.self)
    }
    let (none, both) = (marked([nil, nil]), marked([.right, .wrong]))
    #expect(!none.contains("polyline"))
    #expect(both.matches(of: #/<polyline/#).count == 3 && both.contains("#007656"))
  }

  @Test func `texts are broken between words, and no word is lost`() {
    let text = "a big red star above a small blue house at night"
    for width in [10.0, 60, 100, 1000] {
      let lines = SVG.lines(text, width: width, size: 14)
      #expect(lines.joined(separator: " ") == text)
      #expect(lines.allSatisfy { !$0.contains(" ") || SVG.width($0, size: 14) <= width })
    }
    #expect(SVG.lines("", width: 10, size: 14).isEmpty)
  }
}

/// The pictures within an SVG file.
private func pictures(in bytes: [UInt8]) throws -> [Image] {
  let text = String(decoding: bytes, as: UTF8.self)
  return try text.matches(of: #/data:image\/png;base64,([^"]+)"/#).map {
    let data = try #require(Data(base64Encoded: String($0.1)))
    return try Image(data: Array(data), name: "picture")
  }
}

/// Checks that no text begins or ends outside the drawing, as far as widths are known.
private func expectTextsInside(_ bytes: [UInt8]) throws {
  let text = String(decoding: bytes, as: UTF8.self)
  let size = try #require(text.firstMatch(of: #/viewBox="0 0 ([0-9.]+) ([0-9.]+)"/#))
  let (width, height) = (Double(size.1) ?? 0, Double(size.2) ?? 0)
  let pattern =
    #/<text (?:x="([0-9.-]+)" y="([0-9.-]+)"|transform="translate\(([0-9.-]+) ([0-9.-]+)\)[^"]*") font-size="([0-9.]+)" text-anchor="([a-z]+)"[^>]*>([^<]*)</#
  for match in text.matches(of: pattern) {
    let isTurned = match.1 == nil
    func number(_ upright: Substring?, _ turned: Substring?) -> Double {
      Double(upright ?? turned ?? "") ?? .nan
    }
    let (x, y) = (number(match.1, match.3), number(match.2, match.4))
    let length = SVG.width(String(match.7), size: Double(match.5) ?? 0)
    let start = match.6 == "start" ? 0 : match.6 == "middle" ? length / 2 : length
    let (low, high) = isTurned ? (y - length + start, y + start) : (x - start, x - start + length)
    #expect(low >= -1 && high <= (isTurned ? height : width) + 1, "\(match.7)")
    #expect(isTurned ? x <= width : y <= height, "\(match.7)")
  }
}
