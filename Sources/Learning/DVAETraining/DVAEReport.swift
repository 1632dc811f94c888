// How good a dVAE is: what comes back, and how its codes are used.

import DiscreteVAE
import Foundation
import TensorCore
import Training

/// What a dVAE makes of some pictures.
public struct DVAEReport: Codable, Sendable {
  /// Peak signal-to-noise ratio of hard codes' pictures, in dB, over all pictures at once.
  public let psnr: Double
  /// The mean absolute error of hard codes' pictures, 0 … 1.
  public let absoluteError: Double
  /// e to the entropy of how often each code is the most probable one, 1 … K.
  public let perplexity: Double
  /// How many codes were the most probable one somewhere.
  public let used: Int
  /// The negative bound at β = 1 in nats per number, with relaxed codes at a temperature.
  public let relaxedBound: Double
  /// The same with hard samples of the posterior.
  public let hardBound: Double

  /// Adds the figures to those of a step.
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
  /// The PSNR, in dB, of pictures [n, C, H, W] in 0 … 1 that went through continuous latents
  /// without noise.
  func psnr(_ images: Tensor) -> Double {
    let n = images.shape[0]
    let squares = withoutGradient {
      stride(from: 0, to: n, by: 16).reduce(0.0) { sum, start in
        let part = images.sliced(axis: 0, start..<min(start + 16, n))
        let again = DiscreteVAE.picture(statistics(latents(mapPixels(part).channelsLast)))
        return sum + Double((again - part.channelsLast).square().sum().item)
      }
    }
    return -10 * log10(squares / Double(images.count))
  }
}

extension DiscreteVAE {
  /// Encodes and decodes pictures [n, C, H, W] in 0 … 1, 16 at a time.
  public func report(
    _ images: Tensor, temperature: Float = 0.0625, using random: inout Random
  ) -> DVAEReport {
    var (squares, absolute, relaxed, hard) = (0.0, 0.0, 0.0, 0.0)
    var counts = [Int](repeating: 0, count: configuration.vocabulary)
    let n = images.shape[0]
    withoutGradient {
      for start in stride(from: 0, to: n, by: 16) {
        let part = images.sliced(axis: 0, start..<min(start + 16, n))
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

/// e to the entropy of a distribution that is given by counts, 1 … the number of counts.
public func perplexity(of counts: [Int]) -> Double {
  let total = Double(counts.reduce(0, +))
  let entropy = counts.filter { $0 > 0 }.reduce(0.0) { sum, count in
    let share = Double(count) / total
    return sum - share * log(share)
  }
  return exp(entropy)
}

/// The PSNR, in dB, of pictures whose patches are replaced by the nearest of K patches that
/// k-means found in others: what a codebook can do without a network.
///
/// Both are [n, C, H, W] in 0 … 1.
public func patchBaseline(
  train: Tensor, test: Tensor, codes: Int, patch: Int, rounds: Int = 20, using random: inout Random
) -> Double {
  func patches(_ images: Tensor) -> Tensor {
    let x = images.channelsLast
    let (b, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    return x.reshaped(b, h / patch, patch, w / patch, patch, c).permuted(0, 1, 3, 2, 4, 5)
      .reshaped(-1, patch * patch * c)  // [n·N, P·P·C]
  }
  let clusters = Clusters(patches(train), count: codes, rounds: rounds, using: &random)
  let distances = Clusters.nearest(patches(test), clusters.centres).distances
  return -10 * log10(distances.reduce(0.0) { $0 + Double($1) } / Double(test.count))
}
