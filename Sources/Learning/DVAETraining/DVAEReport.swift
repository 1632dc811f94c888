// Measures of a dVAE: how well pictures come back, and how its codes are used.

import DiscreteVAE
import Foundation
import TensorCore
import Training

/// The measures of a dVAE on some pictures.
public struct DVAEReport: Codable, Sendable {
  /// The peak signal-to-noise ratio of pictures decoded from hard codes, in dB, over all pictures
  /// together.
  public let psnr: Double
  /// The mean absolute error of pictures decoded from hard codes, 0 … 1.
  public let absoluteError: Double
  /// e to the power of the entropy of the most probable codes, 1 … K: the effective number of codes
  /// in use.
  public let perplexity: Double
  /// The number of codes that were the most probable one at some place.
  public let used: Int
  /// The negative bound at β = 1, in nats per value of a picture, with relaxed codes.
  public let relaxedBound: Double
  /// The negative bound at β = 1 with hard samples of the posterior.
  public let hardBound: Double

  /// Adds all measures to the metrics of a step.
  func add(to metrics: inout Metrics) {
    metrics.add("psnr", Float(psnr))
    metrics.add("absolute_error", Float(absoluteError))
    metrics.add("perplexity", Float(perplexity))
    metrics.add("used", Float(used))
    metrics.add("relaxed_bound", Float(relaxedBound))
    metrics.add("hard_bound", Float(hardBound))
  }
}

extension ContinuousAutoencoder {
  /// The PSNR, in dB, of the reconstructions of pictures [n, C, H, W] in 0 … 1 from continuous
  /// latents without noise.
  func psnr(_ images: Tensor) -> Double {
    let n = images.shape[0]
    let squares = withoutGradient {
      (0..<n).parts(of: 16).reduce(0.0) { sum, rows in
        let part = images.sliced(axis: 0, rows)
        let again = DiscreteVAE.picture(statistics(latents(mapPixels(part).channelsLast)))
        return sum + Double((again - part.channelsLast).square().sum().item)
      }
    }
    return -10 * log10(squares / Double(images.count))
  }
}

extension DiscreteVAE {
  /// Encodes and decodes pictures [n, C, H, W] in 0 … 1, 16 at a time and without gradient.
  /// `temperature` is that of the relaxed codes.
  public func report(
    _ images: Tensor, temperature: Float = 0.0625, using random: inout Random
  ) -> DVAEReport {
    var (squares, absolute, relaxed, hard) = (0.0, 0.0, 0.0, 0.0)
    var counts = [Int](repeating: 0, count: configuration.vocabulary)
    let n = images.shape[0]
    withoutGradient {
      for rows in (0..<n).parts(of: 16) {
        let part = images.sliced(axis: 0, rows)
        let mapped = mapPixels(part).channelsLast  // [B, H, W, C]
        let logits = encoder(mapped)  // [B, h, w, K]
        let codes = logits.argmax(axis: 3)
        for code in codes.values { counts[Int(code)] += 1 }
        let difference = Self.picture(decoder(codes)) - part.channelsLast
        squares += Double(difference.square().sum().item)
        absolute += Double(difference.abs().sum().item)
        let noise = Tensor.gumbel(logits.shape, &random)
        let soft = gumbelSoftmax(logits, noise: noise, temperature: temperature)
        let sampled = (logits + noise).argmax(axis: 3)
        let share = Double(part.shape[0])
        let vertices = oneHot(sampled, classes: configuration.vocabulary)
        relaxed += share * Double(bound(mapped, soft, logits: logits).loss(beta: 1).item)
        hard += share * Double(bound(mapped, vertices, logits: logits).loss(beta: 1).item)
      }
    }
    return DVAEReport(
      psnr: -10 * log10(squares / Double(images.count)),
      absoluteError: absolute / Double(images.count),
      perplexity: perplexity(of: counts), used: counts.count { $0 > 0 },
      relaxedBound: relaxed / Double(n), hardBound: hard / Double(n))
  }
}

/// e to the power of the entropy of the distribution that `counts` describe, from 1 to the number
/// of counts.
public func perplexity(of counts: [Int]) -> Double {
  let total = Double(counts.reduce(0, +))
  let entropy = counts.filter { $0 > 0 }.reduce(0.0) { sum, count in
    let share = Double(count) / total
    return sum - share * log(share)
  }
  return exp(entropy)
}
