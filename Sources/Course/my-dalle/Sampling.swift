// From the model's logits to those from which codes are drawn: exercises 4.7, 4.8 and 4.9.

import DALLE
import TensorCore

extension Drawing {
  /// Guidance: exercise 4.9.
  func guide(_ told: Tensor, _ free: Tensor, _ scale: Float) -> Tensor {
    steps.take("4.9") {
      try chapter4.guide(conditioned: told, unconditioned: free, scale: scale)
    } misfit: {
      misfit(logits: $0, told.shape)
    } else: {
      guided(told, free, scale)
    }
  }

  /// Temperature, and the filters: exercises 4.7 and 4.8.
  func filter(_ logits: Tensor, _ options: SamplingOptions) -> Tensor {
    let t = options.temperature
    if t == 0 { return logits }
    var x = t == 1 ? logits : filtered(logits, SamplingOptions(temperature: t))
    func filter(
      _ exercise: String, _ own: SamplingOptions, _ yours: () throws -> Tensor
    ) -> Tensor {
      steps.take(exercise, yours) {
        misfit(logits: $0, logits.shape)
      } else: {
        filtered(x, own)
      }
    }
    if let threshold = options.threshold {
      x = filter("4.7", SamplingOptions(threshold: threshold)) {
        try chapter4.topK(x, threshold: threshold)
      }
    }
    if let p = options.topP, p < 1 {
      x = filter("4.8", SamplingOptions(topP: p)) { try chapter4.topP(x, p: p) }
    }
    return x
  }

  /// Logits [B, K] after the package's filters, [B, K].
  private func filtered(_ x: Tensor, _ options: SamplingOptions) -> Tensor {
    let (values, k) = (x.scalars, x.shape[1])
    let rows = (0..<x.shape[0]).flatMap { row in
      var logits = Array(values[row * k..<(row + 1) * k])
      options.filter(&logits)
      return logits
    }
    return Tensor(shape: x.shape, rows)
  }
}
