import CourseKit
import Foundation
import TensorCore

/// Chapter 6: sixteen bits, many machines, little memory.
///
/// Letters: m and n rows and columns of a gradient, r its rank, T steps.
public enum Reference6: Chapter6Exercises {
  /// 6.1 The filters for pairs from the web.
  ///
  /// → whether a pair is kept. Its caption, whose words are separated by single spaces, has at least
  /// three words; more than half of its characters that are not spaces are letters a … z or A … Z; it
  /// has no word "photographed", "taken" or "captured", in any case, followed by the word "on" and a word
  /// that begins with a digit 0 … 9. And no side of the picture is more than twice as long as the other.
  public static func isKept(_ caption: String, width: Int, height: Int) throws -> Bool {
    // BEGIN SOLUTION 6.1
    let words = caption.split(separator: " ").map { $0.lowercased() }
    let characters = words.joined()
    let letters = characters.count { ("a"..."z").contains($0) }
    let verbs = ["photographed", "taken", "captured"]
    let isDated = words.indices.dropLast(2).contains { i in
      verbs.contains(words[i]) && words[i + 1] == "on"
        && ("0"..."9").contains(words[i + 2].prefix(1))
    }
    return words.count >= 3 && 2 * letters > characters.count && !isDated
      && max(width, height) <= 2 * min(width, height)
    // END SOLUTION
  }

  /// 6.2 The nearest number of a format with a sign, `exponentBits` E, `significandBits` S and a bias b,
  /// as in IEEE 754; of two equally near ones the one with an even last bit.
  ///
  /// Exponents of normal numbers go from 1 - b to 2ᴱ - 2 - b; neighbours are 2^(exponent - S) apart, and
  /// below the normal numbers as far as at their lowest exponent. Numbers that round beyond the largest
  /// become infinite. Zeros keep their sign, infinities and NaN stay. `x.exponent` is ⌊log₂ |x|⌋, and
  /// `x.rounded(.toNearestOrEven)` exists.
  public static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    // BEGIN SOLUTION 6.2
    if x == 0 || !x.isFinite { return x }
    let lowest = 1 - bias
    let highest = (1 << exponentBits) - 2 - bias
    let step = pow(2, Double(max(Int(x.exponent), lowest) - significandBits))
    let nearest = (x / step).rounded(.toNearestOrEven) * step
    let limit = pow(2, Double(highest)) * (2 - pow(2, -Double(significandBits)))
    return abs(nearest) > limit ? (x < 0 ? -Double.infinity : .infinity) : nearest
    // END SOLUTION
  }

  /// 6.3 A scale for each resblock (appendix D of the paper).
  ///
  /// overflows: for each update, whether the gradients of each resblock had a NaN or an infinity.
  /// → log₂ of all scales after each update. They begin at M · 2¹³ for M `machines`. A resblock that did
  /// not overflow multiplies its scale by 2^(1/1000). One that did divides it by √2, unless it has
  /// divided it in one of the 124 updates before this one; then the scale stays. In the end each
  /// scale is brought between M · 2⁷ and M · 2²⁴.
  public static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]] {
    // BEGIN SOLUTION 6.3
    let machines = log2(Double(machines))
    let count = overflows.first?.count ?? 0
    var scales = [Double](repeating: machines + 13, count: count)
    var divided = [Int](repeating: -125, count: count)
    return overflows.enumerated().map { update, overflow in
      for i in 0..<count {
        if !overflow[i] {
          scales[i] += 1.0 / 1000
        } else if update - divided[i] >= 125 {
          scales[i] -= 0.5
          divided[i] = update
        }
        scales[i] = min(max(scales[i], machines + 7), machines + 24)
      }
      return scales
    }
    // END SOLUTION
  }

  /// 6.4 The memory of one GPU when a model is spread over `gpus` of them.
  ///
  /// bytes: those of a parameter, of a gradient, of Adam's mean and of its variance, four numbers. A GPU
  /// keeps an equal slice of all four tables. Besides, it has room for the whole parameters of two of the
  /// model's `blocks` equal blocks, the one that computes and the one that is on its way, and for
  /// the whole gradient of one. → bytes. All divisions come out even.
  public static func memory(
    parameters: Int, bytes: [Int], blocks: Int, gpus: Int
  ) throws -> Int {
    // BEGIN SOLUTION 6.4
    let slices = parameters / gpus * bytes.reduce(0, +)
    return slices + parameters / blocks * (2 * bytes[0] + bytes[1])
    // END SOLUTION
  }

  /// 6.5 One step of PowerSGD: the mean of gradients, of which P and Q travel.
  ///
  /// gradients: M [m, n] of each machine. query: Q [n, r]. P is the mean over machines of M Q, P̂ is
  /// `orthonormal(P)`, and the new Q is the mean over machines of Mᵀ P̂. → P̂ Qᵀ [m, n] and the new Q.
  public static func powerSGD(
    _ gradients: [Tensor], query: Tensor
  ) throws -> (mean: Tensor, query: Tensor) {
    // BEGIN SOLUTION 6.5
    func mean(_ all: [Tensor]) -> Tensor {
      all.dropFirst().reduce(all[0], +) / Float(all.count)
    }
    let p = orthonormal(mean(gradients.map { matmul($0, query) }))  // [m, r]
    let q = mean(gradients.map { matmul($0, p, transposeA: true) })  // [n, r]
    return (matmul(p, q, transposeB: true), q)  // [m, n]
    // END SOLUTION
  }

  /// 6.6 Error feedback, for a compressor that sends the k largest numbers of a vector, by |x|, and 0 for
  /// the others; of equal ones the first.
  ///
  /// gradients [T, n], one for each step → what is sent, [T, n]. In each step the compressor gets the
  /// gradient plus all that it has not sent so far.
  public static func sent(_ gradients: Tensor, keeping k: Int) throws -> Tensor {
    // BEGIN SOLUTION 6.6
    let (steps, n) = (gradients.shape[0], gradients.shape[1])
    let values = gradients.scalars
    var error = [Float](repeating: 0, count: n)
    var all: [Float] = []
    for step in 0..<steps {
      for i in 0..<n { error[i] += values[step * n + i] }
      let largest = error.indices.sorted { (abs(error[$0]), $1) > (abs(error[$1]), $0) }.prefix(k)
      var sent = [Float](repeating: 0, count: n)
      for i in largest { (sent[i], error[i]) = (error[i], 0) }
      all += sent
    }
    return Tensor(shape: [steps, n], all)
    // END SOLUTION
  }
}
