import Images
import Testing

@Suite struct ImageTests {
  let image = randomImage(7, 5, seed: 1)

  @Test func `a crop holds the pixels of its rectangle`() {
    let crop = image.cropped(x: 2, y: 1, width: 4, height: 3)
    #expect(crop.width == 4 && crop.height == 3)
    for y in 0..<3 {
      for x in 0..<4 { #expect(crop[x, y] == image[x + 2, y + 1]) }
    }
    #expect(image.cropped(x: 0, y: 0, width: 7, height: 5) == image)
    #expect(
      FloatImage(image).cropped(x: 2, y: 1, width: 4, height: 3) == FloatImage(crop))
  }

  @Test func `the middle leaves equal borders, or even ones when they cannot be equal`() {
    let equal = image.cropped(x: 2, y: 1, width: 3, height: 3)
    #expect(image.centerCropped(width: 3, height: 3) == equal)
    // a border of 1 pixel: 0.5 becomes 0; one of 3: 1.5 becomes 2
    let high = image.cropped(x: 2, y: 0, width: 4, height: 4)
    #expect(image.centerCropped(width: 4, height: 4) == high)
    let wide = image.cropped(x: 0, y: 2, width: 6, height: 2)
    #expect(image.centerCropped(width: 6, height: 2) == wide)
  }

  @Test func `flipping twice changes nothing`() {
    let mirrored = image.flippedHorizontally()
    #expect(mirrored[0, 4] == image[6, 4])
    #expect(mirrored != image && mirrored.flippedHorizontally() == image)
  }

  @Test func `enlarged pixels are squares`() {
    let large = image.enlarged(by: 3)
    #expect(large.width == 21 && large.height == 15)
    #expect(large[0, 0] == image[0, 0] && large[2, 2] == image[0, 0] && large[3, 2] == image[1, 0])
    #expect(large.resized(width: 7, height: 5, .area) == image)
    #expect(image.enlarged(by: 1) == image)
  }

  @Test func `what is pasted replaces its rectangle only`() {
    var sheet = Image(width: 10, height: 9, fill: (1, 2, 3))
    sheet.paste(image, x: 3, y: 4)
    #expect(sheet.cropped(x: 3, y: 4, width: 7, height: 5) == image)
    #expect(sheet.cropped(x: 0, y: 0, width: 10, height: 4).pixels.allSatisfy { $0 <= 3 })
    #expect(sheet.cropped(x: 0, y: 0, width: 3, height: 9).pixels.allSatisfy { $0 <= 3 })
  }

  @Test func `bytes survive conversion to floats and back`() {
    #expect(Image(FloatImage(image)) == image)
  }

  @Test func `float planes hold red, then green, then blue`() {
    let floats = FloatImage(Image(width: 2, height: 1, pixels: [0, 51, 102, 153, 204, 255]))
    #expect(floats.values == [0, 0.6, 0.2, 0.8, 0.4, 1])
  }

  @Test func `floats outside of 0 … 1 are cut off`() {
    let values: [Float] = [-1, 2, .nan, .infinity, 0.5, -.infinity]
    let image = Image(FloatImage(width: 2, height: 1, values: values))
    #expect(image.pixels == [0, 0, 128, 255, 255, 0])  // 127.5 becomes 128, the even one
  }

  @Test func `normalizing takes each channel's own mean and deviation`() {
    let floats = FloatImage(width: 1, height: 1, values: [1, 2, 3])
    let normal = floats.normalized(mean: (0, 1, 5), standardDeviation: (1, 2, 4))
    #expect(normal.values == [1, 0.5, -0.5])
  }
}
