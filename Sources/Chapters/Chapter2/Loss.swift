// The contrastive loss, its gradient, and its temperature.

import CLIP
import CLIPTraining
import Notebook
import TensorCore

extension Chapter2 {
  static var lossCells: [Cell<State>] {
    [
      Cell("loss", "Two questions, one loss") { state, out in
        // ANCHOR: loss
        let scale = state.matcher.clip.logitScale
        let logits = similarityLogits(state.images, state.texts, logitScale: scale)  // [8, 8]
        let targets = IndexTensor((0..<8).map { Int32($0) })
        let rows = crossEntropy(logits, targets)  // which caption belongs to a picture?
        let columns = crossEntropy(logits.transposed(0, 1), targets)  // which picture to a caption?
        out.show("rows", rows)
        out.show("columns", columns)
        out.compare("their mean vs. contrastiveLoss", (rows + columns) / 2, contrastiveLoss(logits))
        out.value("chance", Float(8).logarithm, .fixed(3))
        // ANCHOR_END: loss
        out.figure(
          "architecture", architecture(),
          "Both towers, and what their cosines are asked. Later in the chapter captions come as hard "
            + "negatives, in columns of their own")
      },
      Cell("gradient", "What the gradient says") { state, out in
        // ANCHOR: gradient
        let scale = state.matcher.clip.logitScale
        let logits = similarityLogits(state.images, state.texts, logitScale: scale)
          .detached.requiringGradient()  // [8, 8]
        contrastiveLoss(logits).backward()

        let identity = Tensor(shape: [8, 8], (0..<64).map { $0 % 9 == 0 ? 1 : 0 })
        let rows = logits.detached.softmax(axis: 1) - identity  // [8, 8]
        let columns = logits.detached.softmax(axis: 0) - identity  // [8, 8]
        out.compare(
          "formula vs. backward", (rows + columns) / 16, logits.gradient ?? .zeros([8, 8]))
        // ANCHOR_END: gradient
      },
      Cell("temperature", "How sharply to decide") { state, out in
        // ANCHOR: temperature
        let cosines = matmul(state.images, state.texts, transposeB: true).at(0, axis: 0)  // [8]
        let rows = [1, 1 / 0.07, 100].map { scale -> [any TableValue] in
          let shares = (cosines * Float(scale)).softmax().scalars
          return ["\(Int(scale.rounded()))", Double(shares[0]) * 100, Double(shares[1]) * 100]
        }
        out.table(["scale", "% for its caption", "% with colours swapped"], rows)
        out.value("scale", state.matcher.clip.logitScale.exp().item, .fixed(1))
        // ANCHOR_END: temperature
      },
    ]
  }
}

extension Float {
  /// The natural logarithm.
  var logarithm: Float { Tensor(self).log().item }
}
