import Checkpoints
import StickerWorld
import TensorCore
import TestSupport
import Testing
import Training
import VisionTransformer

@testable import ClassifierTraining

/// A terminal that shows no progress.
nonisolated(unsafe) private let silent = Terminal(
  redraws: false, colours: false, columns: { 80 }, write: { _ in })

@Suite struct LabelledStickersTests {
  @Test func `labels say what the scenes say`() {
    var random = Random(seed: 1)
    let stickers = LabelledStickers(.train, count: 40, size: 16, using: &random)
    #expect(stickers.images.shape == [40, 3, 16, 16])
    for (i, scene) in stickers.scenes.enumerated() {
      let sticker = scene.stickers[0]
      #expect(scene.stickers.count == 1)
      #expect(stickers.labels[0].values[i] == Int32(sticker.thing.index))
      #expect(stickers.labels[1].values[i] == Int32(sticker.colour.index))
      let background = Background.allCases[Int(stickers.labels[2].values[i])]
      #expect(scene.background == nil || scene.background == background)
    }
  }

  @Test func `if a caption leaves the background open, the label is the one drawn`() throws {
    let scene = try Scene(caption: "a red star")
    for seed in UInt64(0)..<8 {
      let layout = Layout(for: scene, seed: seed)
      let stickers = LabelledStickers([(scene, layout)], size: 16)
      #expect(Background.allCases[Int(stickers.labels[2].values[0])] == layout.background)
    }
  }

  @Test func `the same random seed draws the same pictures`() {
    var (a, b) = (Random(seed: 2), Random(seed: 2))
    let first = LabelledStickers(.unseenColours, count: 5, size: 16, using: &a)
    let second = LabelledStickers(.unseenColours, count: 5, size: 16, using: &b)
    #expect(first.images.scalars == second.images.scalars && first.labels == second.labels)
  }
}

@Suite struct AttributeClassifierTests {
  private let small = ViTConfiguration(imageSize: 64, patch: 16, width: 16, layers: 1, heads: 2)

  @Test func `a report counts true against predicted values`() {
    var random = Random(seed: 3)
    let model = AttributeClassifier(stickers: small, &random)
    let stickers = LabelledStickers(.validation, count: 70, using: &random)
    let report = model.evaluate(stickers)
    let logits = withoutGradient { model(stickers.images) }
    for (i, attribute) in StickerAttribute.allCases.enumerated() {
      let table = report.confusion[attribute] ?? []
      #expect(table.flatMap(\.self).reduce(0, +) == 70)
      let predicted = logits[i].argmax(axis: 1).values
      let right = zip(predicted, stickers.labels[i].values).count { $0 == $1 }
      #expect(report.accuracy(attribute) == Double(right) / 70)
    }
  }

  @Test func `a short training lowers the loss, and its curve is saved with its state`() throws {
    let recipe = ClassifierRecipe(steps: 50, batch: 8, rate: 3e-3, seed: 4)
    var random = Random(seed: 4)
    let validation = LabelledStickers(.validation, count: 16, using: &random)
    let folder = try TemporaryFolder()
    func train() throws -> (TrainingCurve, [Float]) {
      var random = Random(seed: 5)
      let model = AttributeClassifier(stickers: small, &random)
      let kept = TrainingFolder(folder.file("run"), model.card(recipe), every: 20, resume: true)
      let curve = try model.train(
        recipe, validation: validation, every: 20, folder: kept, terminal: silent)
      return (curve, model.heads[0].weight.scalars)
    }
    let (curve, weights) = try train()
    #expect(curve.steps == [50] && curve.losses[0] < 2.64 + 2.08 + 1.79)
    #expect(curve.accuracies.count == 3)
    // All steps are done, so the result is the saved one.
    let (again, sameWeights) = try train()
    #expect(again == curve && sameWeights == weights)
  }

  @Test func `a checkpoint restores the classifier`() throws {
    var random = Random(seed: 5)
    let model = AttributeClassifier(stickers: small, &random)
    let folder = try TemporaryFolder()
    let card = model.card(ClassifierRecipe(steps: 1))
    try Checkpoint.save(model, card, to: folder.file("vit"))
    let loaded = try AttributeClassifier(Checkpoint(folder.file("vit"), kind: "vit"))
    let images = Tensor.uniform([2, 3, 64, 64], 0, 1, &random)
    for (a, b) in zip(loaded(images), model(images)) { #expect(a.scalars == b.scalars) }
  }

  @Test func `a checkpoint that claims a huge classifier is refused`() throws {
    var random = Random(seed: 5)
    let folder = try TemporaryFolder()
    var claimed = small
    claimed.layers = 1_000_000_000
    let card = ModelCard(kind: "vit", config: claimed)
    try Checkpoint.save(AttributeClassifier(stickers: small, &random), card, to: folder.file("vit"))
    let error = #expect(throws: CheckpointError.self) {
      try AttributeClassifier(Checkpoint(folder.file("vit"), kind: "vit"))
    }
    #expect(error?.description.contains("its config describes a model of") == true)
  }

  @Test func `masked patch prediction learns from pictures alone`() throws {
    var random = Random(seed: 6)
    let model = MaskedPatchPrediction(encoder: ViTEncoder(small, &random), &random)
    let recipe = ClassifierRecipe(steps: 100, batch: 8, rate: 3e-3, seed: 6)
    let curve = try model.train(recipe, terminal: silent)
    #expect(curve.losses.count == 2 && curve.losses[1] < curve.losses[0])
    #expect(curve.losses[1] < 5)  // ln 512 is 6.2
  }
}

@Suite struct LinearProbeTests {
  @Test func `a probe finds a linear signal, and nothing in random labels`() {
    var random = Random(seed: 7)
    let x = Tensor.normal([600, 5], &random)
    let labels = (0..<600).map { Int32(x[$0, 0] + 2 * x[$0, 1] > 0.3 ? 1 : 0) }
    let scaled = x * Tensor([1000, 0.001, 1, 1, 1]) + 5  // units do not matter to probes
    let (train, test) = (0..<400, 400..<600)
    func part(_ range: Range<Int>) -> IndexTensor { IndexTensor(Array(labels[range])) }
    let probe = LinearProbe(scaled.sliced(axis: 0, train), part(train), classes: 2)
    #expect(probe.accuracy(scaled.sliced(axis: 0, test), part(test)) > 0.97)

    let chance = IndexTensor((0..<600).map { _ in Int32(random.integer(below: 2)) })
    let blind = LinearProbe(
      x.sliced(axis: 0, train), IndexTensor(Array(chance.values[train])), classes: 2)
    let found = blind.accuracy(x.sliced(axis: 0, test), IndexTensor(Array(chance.values[test])))
    #expect(abs(found - 0.5) < 0.15)
  }
}
