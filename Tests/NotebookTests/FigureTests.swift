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

  @Test func `cells of a heat map have the colours of their numbers`() {
    var heat = HeatMap(Tensor([[0, 1], [0.5, 0]]))
    heat.cellSize = 10
    heat.hasBar = false
    let image = heat.image
    let (left, top) = (6 * textScale, 6 * textScale)
    for (x, y, place) in [(0, 0, 0.0), (1, 0, 1), (0, 1, 0.5), (1, 1, 0)] {
      let found = image[left + 10 * x + 5, top + 10 * y + 5]
      #expect(found == ColorMap.dark.color(at: place))
    }
  }

  @Test func `long labels, numbers and titles fit into the picture`() {
    let long = ["a very long label of a row", "b"]
    for matrix in [Tensor([[1.25, -300], [2, 4]]), Tensor.zeros([2, 2])] {
      var heat = HeatMap(matrix, "A title", rows: long, columns: long, showsNumbers: true)
      (heat.rowTitle, heat.columnTitle) = ("rows", "columns")
      let image = heat.image
      // Nothing is cut off: the outermost pixels are white.
      for x in 0..<image.width {
        #expect(image[x, 0] == (255, 255, 255) && image[x, image.height - 1] == (255, 255, 255))
      }
      for y in 0..<image.height {
        #expect(image[0, y] == (255, 255, 255) && image[image.width - 1, y] == (255, 255, 255))
      }
    }
  }

  @Test func `confusions are coloured by row and show counts`() {
    let map = HeatMap.confusion([[9, 1], [0, 4]], labels: ["cat", "dog"])
    #expect(
      map.fileBytes() == HeatMap.confusion([[9, 1], [0, 4]], labels: ["cat", "dog"]).fileBytes())
    #expect(
      map.fileBytes() != HeatMap.confusion([[8, 2], [0, 4]], labels: ["cat", "dog"]).fileBytes())
  }

  @Test func `a grid enlarges pictures without mixing pixels`() throws {
    var tensor = [Float](repeating: 0, count: 2 * 3 * 2 * 2)
    tensor[0] = 1  // the first red pixel of the first picture
    let grid = PictureGrid(
      Tensor(shape: [2, 3, 2, 2], tensor), labels: ["one", "two"], rows: ["row"], title: "Title")
    let image = try Image(data: grid.fileBytes(), name: "grid.png")
    let red = (0..<image.width * image.height).count { i in
      image[i % image.width, i / image.width] == (255, 0, 0)
    }
    #expect(red == 16 * 16)
  }

  @Test func `row labels stay beside their rows, whatever labels other rows have`() throws {
    let picture = Image(width: 32, height: 32, fill: (255, 255, 255))
    let grid = PictureGrid(
      [picture, picture], columns: 1, labels: ["one two three four five six seven eight", ""],
      rows: ["H", "H"], scale: 2)
    // Left of the pictures there is nothing but the row labels.
    let inked = (0..<grid.image.height).filter { y in
      (0..<12).contains { grid.image[$0, y] != (255, 255, 255) }
    }
    let gaps = zip(inked, inked.dropFirst()).count { $1 > $0 + 1 }
    #expect(gaps == 1)
    // The picture ends with its gutter: there is nothing below the lower row.
    let last = grid.image.height - 8 - 64
    #expect(inked.last == last + (64 - 14) / 2 + 14 - 1)
  }

  @Test func `texts for the pixel font use only characters that it has`() {
    #expect(inFont("−1.5 → 3×3 · a…") == "-1.5 -> 3×3 · a…")
  }
}
