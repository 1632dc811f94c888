// How much features tell: the accuracy of a linear classifier on them.

import NeuralNetwork
import Optimization
import TensorCore
import VisionTransformer

/// A linear classifier on fixed features.
///
/// A linear probe finds what is linearly readable from the features. It is the usual way to
/// compare encoders that were trained for different purposes (CLIP §3.2, ViT's few-shot figures).
public struct LinearProbe {
  private let mean: Tensor
  private let scale: Tensor
  private let layer: Linear

  /// Fits a probe to features [n, D] and labels [n] in 0 ..< classes: multinomial logistic
  /// regression on features normalised to mean 0 and deviation 1, by `steps` steps of Adam on
  /// all features at once, with a little weight decay.
  public init(_ features: Tensor, _ labels: IndexTensor, classes: Int, steps: Int = 300) {
    let features = features.detached
    let mean = features.mean(axis: 0, keepingAxis: true)  // [1, D]
    let scale = (features.variance(axis: 0, keepingAxis: true) + 1e-6).squareRoot()  // [1, D]
    var random = Random(seed: 0)
    let layer = Linear(features.shape[1], classes, initializer: .zeros, &random)
    let adam = Adam(ParameterGroup.decayingMatrices(layer, decay: 0.01), rate: 0)
    let rate = Schedule.cosine(from: 0.05, to: 0.001, steps: steps)
    let x = (features - mean) / scale  // [n, D]
    for step in 0..<steps {
      layer.clearGradients()
      crossEntropy(layer(x), labels).backward()
      adam.rate = Float(rate(step))
      adam.step()
    }
    (self.mean, self.scale, self.layer) = (mean, scale, layer)
  }

  /// Features [n, D] → predicted labels [n].
  public func callAsFunction(_ features: Tensor) -> IndexTensor {
    withoutGradient { layer((features - mean) / scale).argmax(axis: 1) }
  }

  /// The share of features [n, D] whose label in `labels` [n] is predicted, 0 … 1.
  public func accuracy(_ features: Tensor, _ labels: IndexTensor) -> Double {
    let right = zip(self(features).values, labels.values).count { $0 == $1 }
    return Double(right) / Double(max(1, labels.values.count))
  }
}

extension ViTEncoder {
  /// Pictures [B, 3, H, W] in 0 … 1 → features [B, D], the mean of the final patches. 64 pictures
  /// at a time, without gradient.
  public func meanFeatures(_ images: Tensor) -> Tensor {
    inParts(of: 64, count: images.shape[0]) { part in
      let batch = images.sliced(axis: 0, part)
      let y = self(batch.affine(scale: 2, offset: -1))  // [b, 1 + N, D]
      return y.sliced(axis: 1, 1..<y.shape[1]).mean(axis: 1)  // [b, D]
    }
  }
}
