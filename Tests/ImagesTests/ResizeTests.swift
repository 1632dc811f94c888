import Images
import TensorCore
import TestSupport
import Testing

@Suite struct ResizeTests {
  static let filters: [ResizeFilter] = [
    .area, .bilinear(antialias: true), .bilinear(antialias: false), .bicubic(antialias: true),
    .bicubic(antialias: false),
  ]

  @Test(arguments: [(10, 5), (10, 7), (7, 10), (12, 5), (30, 4), (5, 5), (9, 1), (1, 9), (3, 6)])
  func `the area filter is the exact mean of the rectangle covered`(old: Int, new: Int) {
    let image = randomImage(old, old + 2, seed: UInt64(old * 100 + new))
    let got = image.resized(width: new, height: new + 1, .area)
    // Every old pixel as new × (new + 1) little ones: then new pixels are whole rectangles of
    // old × (old + 2) little ones, and their sums whole numbers.
    let area = old * (old + 2)
    for y in 0...new {
      for x in 0..<new {
        var sum = [0, 0, 0]
        for little in 0..<area {
          let column = (x * old + little % old) / new
          let row = (y * (old + 2) + little / old) / (new + 1)
          let (red, green, blue) = image[column, row]
          sum = [sum[0] + Int(red), sum[1] + Int(green), sum[2] + Int(blue)]
        }
        let want = sum.map { sum in
          let (whole, rest) = sum.quotientAndRemainder(dividingBy: area)
          let up = 2 * rest > area || (2 * rest == area && whole % 2 == 1)  // half to even
          return UInt8(up ? whole + 1 : whole)
        }
        #expect(got[x, y] == (want[0], want[1], want[2]))
      }
    }
  }

  @Test(arguments: filters)
  func `a picture resized to its own size is the same`(filter: ResizeFilter) {
    let image = randomImage(9, 7, seed: 1)
    #expect(image.resized(width: 9, height: 7, filter) == image)
  }

  @Test(arguments: filters)
  func `one colour stays one colour at every size`(filter: ResizeFilter) {
    for (width, height) in [(1, 1), (2, 9), (8, 3), (100, 1)] {
      let image = Image(width: width, height: height, fill: (255, 128, 3))
      for (newWidth, newHeight) in [(1, 1), (2, 2), (7, 5), (1, 40)] {
        #expect(
          image.resized(width: newWidth, height: newHeight, filter)
            == Image(width: newWidth, height: newHeight, fill: (255, 128, 3)))
      }
    }
  }

  @Test(arguments: filters)
  func `resizing and mirroring change places`(filter: ResizeFilter) {
    let image = randomImage(11, 6, seed: 2)
    for (width, height) in [(4, 5), (23, 6), (3, 1)] {
      let one = FloatImage(image).resized(width: width, height: height, filter)
      let other = FloatImage(image.flippedHorizontally())
        .resized(width: width, height: height, filter)
      let mirrored = other.values.indices.map { i in
        other.values[i - i % width + (width - 1 - i % width)]
      }
      #expect(difference(one.values, mirrored, atol: 1e-6) == nil)
    }
  }

  @Test(arguments: filters)
  func `bytes and floats are resized alike`(filter: ResizeFilter) {
    let image = randomImage(13, 8, seed: 3)
    let bytes = image.resized(width: 6, height: 10, filter)
    let floats = Image(FloatImage(image).resized(width: 6, height: 10, filter))
    for (byte, float) in zip(bytes.pixels, floats.pixels) {
      #expect(abs(Int(byte) - Int(float)) <= 1)  // a float may fall on the other side of a half
    }
  }

  @Test func `without antialiasing most pixels of a large picture are not seen`() {
    var image = Image(width: 64, height: 1)
    image[0, 0] = (255, 255, 255)
    let bright = ResizeTests.filters.map { image.resized(width: 4, height: 1, $0)[0, 0].0 > 0 }
    #expect(bright == [true, true, false, true, false])
  }

  @Test func `bicubic overshoots at an edge, and bytes are clamped`() {
    var image = Image(width: 8, height: 1, fill: (255, 255, 255))
    for x in 0..<4 { image[x, 0] = (0, 0, 0) }
    let sharp = FloatImage(image).resized(width: 32, height: 1, .bicubic(antialias: true))
    #expect(sharp.values.contains { $0 > 1.01 } && sharp.values.contains { $0 < -0.01 })
    let soft = FloatImage(image).resized(width: 32, height: 1, .bilinear(antialias: true))
    #expect(soft.values.allSatisfy { 0 <= $0 && $0 <= 1 })
    #expect(Image(sharp) == image.resized(width: 32, height: 1, .bicubic(antialias: true)))
  }

  @Test func `the shorter side gets the length, the longer one follows`() {
    let wide = randomImage(30, 20, seed: 4).resized(shorterSide: 16, .area)
    #expect(wide.width == 24 && wide.height == 16)
    let high = randomImage(20, 31, seed: 4).resized(shorterSide: 10, .area)
    #expect(high.width == 10 && high.height == 15)  // 15.5 rounded down
  }
}
