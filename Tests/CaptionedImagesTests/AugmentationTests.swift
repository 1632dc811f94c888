import CaptionedImages
import Images
import TensorCore
import Testing

@Suite struct AugmentationTests {
  /// A picture that says where its pixels come from: red grows to the right, green downwards,
  /// by one each pixel.
  private func map(_ width: Int, _ height: Int) -> Image {
    var image = Image(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width { image[x, y] = (UInt8(x), UInt8(y), 0) }
    }
    return image
  }

  /// The part of the map that a result of `Augmentation` shows: its scale, and the middle of its
  /// corner pixel.
  private func part(_ image: Image) -> (scale: Double, x: Double, y: Double, flipped: Bool) {
    let last = image.width - 1
    let (left, right) = (Double(image[0, 0].0), Double(image[last, 0].0))
    let scale = Double(last) / abs(right - left)
    return (scale, min(left, right), Double(image[0, 0].1), right < left)
  }

  private func many(
    _ augmentation: Augmentation, _ image: Image, _ count: Int = 2000
  ) -> [(scale: Double, x: Double, y: Double, flipped: Bool)] {
    var random = Random(seed: 3).split("augmentation")
    return (0..<count).map { _ in
      let result = augmentation(image, using: &random)
      precondition(result.width == augmentation.size && result.height == augmentation.size)
      return part(result)
    }
  }

  @Test func `the dVAE sees squares from everywhere, at 72 to 96 pixels, half of them mirrored`() {
    let parts = many(.dVAE(size: 64), map(200, 120))
    // The square has 120 pixels; scaled to t = 72 … 96 of which 64 are seen.
    let scales = parts.map { $0.scale * 120 }
    #expect(scales.min()! > 71 && scales.min()! < 74)
    #expect(scales.max()! > 94 && scales.max()! < 98)
    let mean = scales.reduce(0, +) / 2000
    #expect(abs(mean - 84) < 0.8, "the mean of 72 … 96 is 84, got \(mean)")
    // At t = 72 crops may start at 0 and end at 200.
    #expect(parts.map(\.x).min()! < 3 && parts.map(\.x).max()! > 110)
    #expect(parts.map(\.y).min()! < 2 && parts.map(\.y).max()! > 25)
    // 2000 tosses have a standard deviation of 22.
    #expect(abs(parts.count { $0.flipped } - 1000) < 90)
  }

  @Test func `the transformer sees the middle, at 64 to 72 pixels, never mirrored`() {
    let parts = many(.transformer(size: 64), map(240, 120))
    let scales = parts.map { $0.scale * 120 }
    #expect(scales.min()! > 63 && scales.min()! < 66)
    #expect(scales.max()! > 70 && scales.max()! < 74)
    // 120 pixels are left over: crops start at 45 … 74 and scaling shifts them by up to
    // 8 · 120 / 72 = 13.3.
    #expect(parts.map(\.x).min()! >= 45 && parts.map(\.x).min()! < 49)
    #expect(parts.map(\.x).max()! <= 89 && parts.map(\.x).max()! > 80)
    #expect(parts.map(\.y).min()! < 2 && parts.map(\.y).max()! <= 15)
    #expect(!parts.contains { $0.flipped })
  }

  @Test func `the numbers at 256 pixels are the paper's`() {
    let wide = map(255, 255).resized(width: 600, height: 500, .area)
    var random = Random(seed: 1)
    var sides: Set<Int> = []
    for _ in 0..<40 {
      let image = Augmentation.transformer(size: 256)(wide, using: &random)
      // 255 steps of red over 600 pixels; t / 500 new pixels for each old one.
      let steps = Double(image[255, 9].0) - Double(image[0, 9].0)
      sides.insert(Int((255 / (steps / 255 * 600) * 500).rounded()))
    }
    #expect(sides.min()! >= 252 && sides.max()! <= 292, "t is 256 … 288, seen \(sides.sorted())")
    #expect(sides.count > 5)
  }

  @Test func `without augmentation the middle square is scaled and nothing is random`() {
    var random = Random(seed: 1)
    let before = random
    let image = Augmentation.none(size: 30)(map(120, 60), using: &random)
    #expect(random == before)
    #expect(
      image
        == map(120, 60).cropped(x: 30, y: 0, width: 60, height: 60)
        .resized(width: 30, height: 30, .area))
    #expect(image[0, 0] == (30, 0, 0))  // the mean of 30 and 31 is rounded to even
  }

  @Test(arguments: [(1, 1), (5, 200), (63, 64), (64, 64), (65, 64), (70, 71)])
  func `small pictures are enlarged as far as needed`(width: Int, height: Int) {
    var random = Random(seed: 1)
    for augmentation in [Augmentation.dVAE(size: 64), .transformer(size: 64), .none(size: 64)] {
      for _ in 0..<10 {
        let image = augmentation(map(width, height), using: &random)
        #expect(image.width == 64 && image.height == 64)
      }
    }
  }

  @Test func `the same state of the random numbers gives the same picture`() {
    for augmentation in [Augmentation.dVAE(size: 16), .transformer(size: 16)] {
      var (a, b) = (Random(seed: 5), Random(seed: 5))
      #expect(augmentation(map(40, 50), using: &a) == augmentation(map(40, 50), using: &b))
      #expect(a == b)
      #expect(augmentation(map(40, 50), using: &a) != augmentation(map(40, 50), using: &a))
    }
  }
}
