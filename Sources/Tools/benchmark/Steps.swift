// Whole training steps: forward, backward, and the optimiser.

import CLIP
import CLIPTraining
import NeuralNetwork
import Optimization
import TensorCore
import VisionTransformer

extension Row {
  static var trainingSteps: [Row] {
    dalleSteps + [
      transformerStep(.benchmark), visionStep(.stickers, classes: 14, batch: 64),
      clipStep(.stickers, batch: 64), clipStep(.stickers, batch: 1024, chunk: 64),
      convNetStep(.benchmark), gpt2Step(.small, batch: 4, tokens: 64),
    ]
  }

  /// A step that is timed in both precisions.
  static func step(
    _ name: String, _ operations: Double, prepare: @escaping () -> () -> Void
  ) -> Row {
    Row(name: name, operations: operations, precisions: [.f32, .bf16], prepare: prepare)
  }

  static func transformerStep(_ sizes: LanguageModel.Sizes) -> Row {
    step("transformer training step", sizes.operations) {
      var random = Random(seed: 1)
      let model = LanguageModel(sizes, &random)
      let count = sizes.batch * (sizes.tokens + 1)
      let ids = (0..<count).map { _ in Int32(random.integer(below: sizes.vocabulary)) }
      let inputs = IndexTensor(
        shape: [sizes.batch, sizes.tokens], Array(ids.dropLast(sizes.batch)))
      let next = IndexTensor(Array(ids.dropFirst(sizes.batch)))
      let adam = Adam(model, rate: 3e-4, betas: (0.9, 0.96), decay: .decoupled(0.045))
      return {
        model.clearGradients()
        model.loss(inputs, next: next).backward()
        adam.step()
      }
    }
  }

  static func visionStep(_ c: ViTConfiguration, classes: Int, batch: Int) -> Row {
    let patches = c.patchOperations(batch: batch)
    let forward =
      patches + c.blockOperations(batch: batch) + Work.product(batch, c.width, classes)
    return step("vision transformer training step", Work.trained(forward, ofData: patches)) {
      var random = Random(seed: 1)
      let model = ViT(c, classes: classes, &random)
      let images = Tensor.uniform(
        [batch, c.channels, c.imageSize.rows, c.imageSize.columns], 0, 1, &random)
      let labels = IndexTensor((0..<batch).map { Int32($0 % classes) })
      let adam = Adam(model, rate: 1e-3, decay: .decoupled(0.05))
      return {
        model.clearGradients()
        crossEntropy(model(images), labels).backward()
        adam.step()
      }
    }
  }

  /// A contrastive step; in chunks, every picture and caption is embedded twice, the first time
  /// without a history.
  static func clipStep(_ c: CLIPConfiguration, batch: Int, chunk: Int? = nil) -> Row {
    let operations = c.operations(batch: batch, isInChunks: chunk != nil)
    let name = chunk.map { "CLIP training step, \(batch.grouped) pairs in chunks of \($0)" }
    return step(name ?? "CLIP training step", operations) {
      var random = Random(seed: 1)
      let model = CLIP(c, &random)
      let size = c.vision.imageSize
      let images = Tensor.uniform([batch, 3, size.rows, size.columns], 0, 1, &random)
      let ids = IndexTensor(
        shape: [batch, c.text.context],
        (0..<batch * c.text.context).map { _ in Int32(random.integer(below: c.text.vocabulary)) })
      let adam = Adam(model, rate: 1e-3, betas: (0.9, 0.98), decay: .decoupled(0.1))
      return {
        model.clearGradients()
        if let chunk {
          _ = model.backward(images, ids, chunk: chunk)
        } else {
          let (x, y) = (model.embed(images: images), model.embed(captions: ids))
          contrastiveLoss(similarityLogits(x, y, logitScale: model.logitScale)).backward()
        }
        adam.step()
        model.clampLogitScale()
      }
    }
  }

  static func convNetStep(_ sizes: ResidualNet.Sizes) -> Row {
    step("conv net training step", sizes.operations) {
      var random = Random(seed: 1)
      let model = ResidualNet(sizes, &random)
      let pictures = Tensor.uniform([sizes.batch, 3, sizes.size, sizes.size], 0, 1, &random)
      let labels = IndexTensor((0..<sizes.batch).map { Int32($0 % sizes.classes) })
      let adam = Adam(model, rate: 1e-3)
      return {
        model.clearGradients()
        model.loss(pictures, labels).backward()
        adam.step()
      }
    }
  }
}

extension ViTConfiguration {
  /// The embedding of all patches.
  func patchOperations(batch: Int) -> Double {
    Work.product(batch * grid.rows * grid.columns, channels * patch * patch, width)
  }

  /// All blocks, over the patches and the class token.
  func blockOperations(batch: Int) -> Double {
    let positions = 1 + grid.rows * grid.columns
    return Double(layers)
      * Work.block(rows: batch * positions, pairs: batch * positions * positions, width: width)
  }
}

extension CLIPConfiguration {
  /// Chapter 2's model, with its twin's numbers.
  fileprivate static var stickers: CLIPConfiguration {
    CLIPConfiguration(
      text: .init(vocabulary: 676, context: 20, width: 128, layers: 3, heads: 4),
      vision: ViTConfiguration(
        imageSize: 64, patch: 8, width: 128, layers: 6, heads: 4, activation: .quickGelu,
        epsilon: 1e-5), projection: 128)
  }

  /// Both towers, their projections, and the comparison of every picture with every caption.
  func operations(batch: Int, isInChunks: Bool = false) -> Double {
    let patches = vision.patchOperations(batch: batch)
    let images =
      patches + vision.blockOperations(batch: batch)
      + Work.product(batch, vision.width, projection)
    let captions =
      Double(text.layers)
      * Work.block(
        rows: batch * text.context, pairs: batch * Work.causalPairs(text.context),
        width: text.width) + Work.product(batch, text.width, projection)
    let similarities = Work.product(batch, projection, batch)
    return Work.trained(images + captions + similarities, ofData: patches)
      + (isInChunks ? images + captions : 0)
  }
}

extension Int {
  /// With a comma after the thousands.
  fileprivate var grouped: String {
    self < 1000 ? "\(self)" : "\(self / 1000)," + "\(self % 1000 + 1000)".dropFirst()
  }
}
