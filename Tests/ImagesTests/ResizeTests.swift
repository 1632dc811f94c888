import Images
import TensorCore
import TestSupport
import Testing

@Suite struct ResizeTests {
  static let filters: [ResizeFilter] = [
    .area, .bilinear(antialias: true), .bilinear(antialias: false), .bicubic(antialias: true),
    .bicubic(antialias: false),
  ]

  @Test(arguments: 1...9, 1...9)
  func `the area filter is the exact mean of the rectangle covered`(old: Int, new: Int) {
    // Dark pixels make many means that lie exactly between two bytes.
    for (seed, brightest) in [(1, 255), (2, 1), (3, 2)] {
      var random = Random(seed: UInt64(seed)).split(old).split(new)
      let height = old + 2
      let image = Image(
        width: old, height: height,
        pixels: (0..<old * height * 3).map { _ in UInt8(random.integer(below: brightest + 1)) })
      #expect(
        image.resized(width: new, height: new + 1, .area) == areaMeans(image, new, new + 1))
    }
  }

  /// The same in whole numbers: cut every old pixel into width × height little ones, then the new
  /// pixels are whole rectangles of old width × old height little ones.
  private func areaMeans(_ image: Image, _ width: Int, _ height: Int) -> Image {
    var result = Image(width: width, height: height)
    let area = image.width * image.height
    for y in 0..<height {
      for x in 0..<width {
        var sum = (0, 0, 0)
        for little in 0..<area {
          let (red, green, blue) = image[
            (x * image.width + little % image.width) / width,
            (y * image.height + little / image.width) / height]
          sum = (sum.0 + Int(red), sum.1 + Int(green), sum.2 + Int(blue))
        }
        func mean(_ sum: Int) -> UInt8 {
          let (whole, rest) = sum.quotientAndRemainder(dividingBy: area)
          let up = 2 * rest > area || (2 * rest == area && whole % 2 == 1)  // half to even
          return UInt8(up ? whole + 1 : whole)
        }
        result[x, y] = (mean(sum.0), mean(sum.1), mean(sum.2))
      }
    }
    return result
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
  func `resizing and mirroring commute`(filter: ResizeFilter) {
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
