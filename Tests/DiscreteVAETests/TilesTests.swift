import Images
import TensorCore
import TestSupport
import Testing

@testable import DiscreteVAE

@Suite struct TilesTests {
  private func noise(_ width: Int, _ height: Int, seed: UInt64) -> Image {
    var random = Random(seed: seed)
    return Image(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { _ in UInt8(random.integer(below: 256)) })
  }

  @Test(arguments: [(1, 3), (2, 2), (4, 1)])
  func `tiles give the codes and pixels of the whole picture`(stem: Int, groups: Int) {
    var random = Random(seed: 1)
    let dvae = DiscreteVAE(
      DVAEConfiguration(
        hidden: 8, initial: 8, blocks: 1, decoderBlocks: 2, groups: groups, vocabulary: 64,
        stem: stem,
        bottleneck: 1, postGain: 1), &random)
    let picture = noise(92, 60, seed: 2)
    let whole = dvae.encode(Tensor([picture])).values
    let codes = dvae.encode(picture, tile: 16)
    #expect(codes.shape == [15, 23] && codes.values == whole)
    #expect(Set(whole).count >= 3)  // not the same code everywhere
    let pixels = Image(dvae.decode(IndexTensor(shape: [1, 15, 23], whole)).at(0, axis: 0))
    #expect(dvae.decode(codes, width: 92, height: 60, tile: 16) == pixels)
  }

  @Test func `a codebook of a million codes takes no gigabytes of logits`() async {
    await #expect(processExitsWith: .success) {
      var random = Random(seed: 4)
      let dvae = DiscreteVAE(
        DVAEConfiguration(
          hidden: 2, initial: 2, blocks: 1, groups: 1, vocabulary: 1 << 20, stem: 2, bottleneck: 1,
          postGain: 1), &random)
      let pictures = Tensor.uniform([1, 3, 64, 64], 0, 1, &random)
      try limitMemory(toFurther: 1 << 30)  // the logits of all 1,024 places are 4 GB
      let codes = dvae.encode(pictures)
      precondition(codes.shape == [1, 32, 32] && Set(codes.values).count > 1)
      // The last 28 places by themselves.
      let features = dvae.encoder.features(mapPixels(pictures).channelsLast)
      let some = features.reshaped(1, 1, 1024, 2).sliced(axis: 2, 996..<1024)
      precondition(
        dvae.encoder.output(some).argmax(axis: 3).values == Array(codes.values.suffix(28)))
    }
  }

  @Test(arguments: [(kernel: 3, sight: 3 + 6 + 12), (kernel: 1, sight: 3)])
  func `a code depends on no pixel beyond its margin`(kernel: Int, sight: Int) {
    var random = Random(seed: 3)
    let c = DVAEConfiguration(
      hidden: 8, initial: 8, blocks: 2, groups: 2, vocabulary: 8, stem: 1, encoderKernel: kernel,
      bottleneck: 1, postGain: 1)
    let dvae = DiscreteVAE(c, &random)
    #expect(c.encoderSight == sight)
    let images = Tensor.uniform([1, 64, 64, 3], 0.1, 0.9, &random).requiringGradient()
    dvae.encoder(images).at(16, axis: 1).at(16, axis: 1).sum().backward()
    let gradient = (images.gradient ?? images).abs().sum(axis: 3).scalars
    let columns = (0..<64).filter { x in (0..<64).contains { gradient[$0 * 64 + x] > 0 } }
    #expect(
      (columns.first ?? 0) >= 32 - c.encoderSight && (columns.last ?? 99) < 34 + c.encoderSight)
    #expect(columns.count > c.encoderSight)
  }

  @Test func `pictures of any size come back, with incomplete squares filled from the edge`() {
    var random = Random(seed: 4)
    let dvae = DiscreteVAE(
      DVAEConfiguration(hidden: 8, initial: 8, blocks: 1, groups: 1, vocabulary: 16, stem: 4),
      &random)
    for (width, height) in [(1, 1), (3, 9), (64, 5), (17, 16)] {
      let picture = noise(width, height, seed: 5)
      let codes = dvae.encode(picture)
      #expect(codes.shape == [(height + 3) / 4, (width + 3) / 4])
      let again = dvae.decode(codes, width: width, height: height)
      #expect(again.width == width && again.height == height)
    }
    let edge = Image(width: 3, height: 2, fill: (9, 90, 200))
    let full = Image(width: 4, height: 4, fill: (9, 90, 200))
    #expect(dvae.encode(edge) == dvae.encode(full))
  }
}
