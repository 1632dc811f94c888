import DiscreteVAE
import TensorCore
import TestSupport
import Testing

@testable import CLIPTraining

@Suite struct RedrawingTests {
  private let dvae: DiscreteVAE
  private let pictures: Tensor

  init() {
    var random = Random(seed: 1)
    dvae = DiscreteVAE(
      DVAEConfiguration(hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 16, stem: 2),
      &random)
    pictures = Tensor.uniform([5, 3, 16, 16], 0, 1, &random)
  }

  @Test func `every second picture is a reconstruction by the dVAE`() {
    var random = Random(seed: 2)
    let mixed = Redrawing(dvae, mostMistakes: 0).redrawEverySecond(pictures, using: &random)
    let redrawn = dvae.decode(dvae.encode(pictures))
    for row in 0..<5 {
      let wanted = row % 2 == 0 ? pictures : redrawn
      #expect(
        difference(
          mixed.at(row, axis: 0).scalars, wanted.at(row, axis: 0).scalars, atol: 1e-6, rtol: 1e-5)
          == nil)
    }
  }

  @Test func `mistakes change only redrawn pictures`() {
    var random = Random(seed: 2)
    let clean = Redrawing(dvae, mostMistakes: 0).redrawEverySecond(pictures, using: &random)
    let wrong = Redrawing(dvae, mostMistakes: 1).redrawEverySecond(pictures, using: &random)
    for row in 0..<5 {
      let isSame = clean.at(row, axis: 0).scalars == wrong.at(row, axis: 0).scalars
      #expect(isSame == (row % 2 == 0))
    }
  }

  @Test func `a single picture stays unchanged`() {
    var random = Random(seed: 2)
    let one = pictures.sliced(axis: 0, 0..<1)
    #expect(Redrawing(dvae).redrawEverySecond(one, using: &random).scalars == one.scalars)
  }
}
