import Checkpoints
import Foundation
import NeuralNetwork
import TensorCore
import TestSupport
import Testing
import Text
import TokenizerTraining

@testable import DALLE

@Suite struct CaptionerTests {
  private let sizes: CaptionerConfiguration = {
    var c = CaptionerConfiguration(
      textVocabulary: 11, textLength: 5, imageVocabulary: 7, rows: 2, columns: 3)
    (c.width, c.layers, c.heads) = (16, 2, 2)
    return c
  }()

  private func captioner() -> Captioner {
    var random = Random(seed: 3)
    let model = Captioner(sizes, &random)
    // Weights as they begin make all tokens nearly as likely.
    for (name, tensor) in model.tensors where name.hasSuffix("weight") && tensor.shape.count == 2 {
      tensor.assign(10 * tensor)
    }
    return model
  }

  private let image = IndexTensor(shape: [2, 6], [0, 1, 2, 3, 4, 5, 6, 0, 1, 6, 3, 2])
  private let text = IndexTensor(shape: [2, 5], [4, 9, 10, 0, 0, 1, 2, 3, 4, 5])

  @Test func `a token is predicted from the picture and from the tokens before it`() {
    let model = captioner()
    let logits = model.logits(image, text).reshaped(2, 5, 11)
    var other = text
    other.values[2] = 7
    let changed = model.logits(image, other).reshaped(2, 5, 11)
    for position in 0..<5 {
      let (a, b) = (logits.at(0, axis: 0), changed.at(0, axis: 0))
      let isEqual = a.at(position, axis: 0).scalars == b.at(position, axis: 0).scalars
      #expect(isEqual == (position <= 2), "token \(position)")
    }
    var elsewhere = image
    elsewhere.values[0] = 5
    let seen = model.logits(elsewhere, text).reshaped(2, 5, 11)
    #expect(seen.at(0, axis: 0).scalars != logits.at(0, axis: 0).scalars)
    #expect(seen.at(1, axis: 0).scalars == logits.at(1, axis: 0).scalars)
  }

  @Test func `a caption's probability is the product of its tokens' and of its end's`() {
    let model = captioner()
    let found = model.logLikelihoods(image: image, text: text)
    let logits = model.logits(image, text).reshaped(2, 5, 11)
    for (row, length) in [(0, 4), (1, 5)] {
      var sum = 0.0
      for position in 0..<length {
        let row = logits.at(row, axis: 0).at(position, axis: 0).scalars.map(Double.init)
        let target = Int(text.values[(length == 4 ? 0 : 5) + position])
        let largest = row.max()!
        sum += row[target] - largest - log(row.map { exp($0 - largest) }.reduce(0, +))
      }
      #expect(abs(Double(found[row]) - sum) < 1e-4)
    }
    let loss = model(image: image, text: text).item
    #expect(abs(loss + found.reduce(0, +) / 9) < 1e-5)
  }

  @Test func `over all captions of a length probabilities sum to one`() {
    var small = sizes
    (small.textVocabulary, small.textLength) = (4, 2)
    var random = Random(seed: 5)
    let model = Captioner(small, &random)
    // With an end after the first token, or with a second one.
    let captions: [[Int32]] = [[0, 0]] + (1..<4).flatMap { a in (0..<4).map { [a, $0] } }
    let likelihoods = model.logLikelihoods(
      image: IndexTensor(shape: [captions.count, 6], captions.flatMap { _ in image.values[..<6] }),
      text: IndexTensor(shape: [captions.count, 2], captions.flatMap { $0 }))
    #expect(abs(likelihoods.map { exp(Double($0)) }.reduce(0, +) - 1) < 1e-5)
  }

  @Test func `a checkpoint belongs to the codes of one dVAE, and impossible sizes are refused`()
    throws
  {
    let folder = try TemporaryFolder()
    let tokenizer = Tokenizer.trained(
      on: ["a red cat"], style: .byteLevel, vocabularySize: 300, minimumCount: 1)
    var c = sizes
    c.textVocabulary = tokenizer.vocabularySize
    var random = Random(seed: 3)
    let scorer = CaptionScorer(Captioner(c, &random), tokenizer)
    let path = folder.file("captioner.safetensors")
    try Checkpoint.save(scorer, scorer.card(forCodesOf: "abc"), to: path)
    let same = try CaptionScorer(Checkpoint(path, kind: Captioner.kind), forCodesOf: "abc")
    #expect(try same.scores(image, "red") == scorer.scores(image, "red"))
    #expect(try same.scores(image, " RED ") == scorer.scores(image, "red"))
    #expect(throws: CheckpointError.self) {
      try CaptionScorer(Checkpoint(path, kind: Captioner.kind), forCodesOf: "other")
    }
    for flaw in [\CaptionerConfiguration.heads, \.rows, \.textLength] {
      c = scorer.model.configuration
      c[keyPath: flaw] = flaw == \.heads ? 3 : 0
      #expect(c.flaw != nil)
      try Checkpoint.save(
        scorer,
        ModelCard(kind: Captioner.kind, config: c, notes: scorer.card(forCodesOf: "abc").notes),
        to: path)
      #expect(throws: CheckpointError.self) {
        try CaptionScorer(Checkpoint(path, kind: Captioner.kind), forCodesOf: "abc")
      }
    }
    #expect(Double(scorer.parameterCount) == scorer.model.configuration.parameterCount)
  }
}
