import CourseKit
import Foundation
import TensorCore

/// Right answers that differ from the solutions'.
enum Alternative6: Chapter6Exercises {
  /// By a search among all numbers of the format.
  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    if x == 0 || !x.isFinite { return x }
    let fractions = 1 << significandBits
    func number(_ code: Int) -> Double {
      let (e, f) = (code / fractions, Double(code % fractions) / Double(fractions))
      return e == 0 ? scalbn(f, 1 - bias) : scalbn(1 + f, e - bias)
    }
    // The last code stands for infinity here: a power of two beyond the largest.
    var (low, high) = (0, ((1 << exponentBits) - 1) * fractions)
    if abs(x) >= number(high) { return x < 0 ? -.infinity : .infinity }
    let last = high
    while high - low > 1 {
      let middle = (low + high) / 2
      if number(middle) <= abs(x) { low = middle } else { high = middle }
    }
    let (below, above) = (abs(x) - number(low), number(high) - abs(x))
    let code = below < above || (below == above && low % 2 == 0) ? low : high
    let result = code == last ? Double.infinity : number(code)
    return x < 0 ? -result : result
  }

  static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]] {
    let m = Double(machines)
    var scales = overflows.first?.map { _ in m * 8192 } ?? []
    var waits = scales.map { _ in 0 }
    var all: [[Double]] = []
    for overflow in overflows {
      for (i, isOver) in overflow.enumerated() {
        waits[i] -= 1
        if isOver && waits[i] <= 0 {
          scales[i] /= 2.0.squareRoot()
          waits[i] = 125
        } else if !isOver {
          scales[i] *= exp2(0.001)
        }
        scales[i] = max(m * 128, min(m * 16_777_216, scales[i]))
      }
      all.append(scales.map { log2($0) })
    }
    return all
  }

  static func powerSGD(
    _ gradients: [Tensor], query: Tensor
  ) throws -> (mean: Tensor, query: Tensor) {
    // All is linear in the gradients up to P̂, so the mean may be taken first.
    let mean = stack(gradients, axis: 0).mean(axis: 0)  // [m, n]
    let p = orthonormal(matmul(mean, query))  // [m, r]
    let q = matmul(mean.transposed(0, 1), p)  // [n, r]
    return (matmul(p, q.transposed(0, 1)), q)
  }

  static func sent(_ gradients: Tensor, keeping k: Int) throws -> Tensor {
    var error = Tensor.zeros([gradients.shape[1]])  // [n]
    var rows: [Tensor] = []
    for step in 0..<gradients.shape[0] {
      let total = error + gradients.at(step, axis: 0)  // [n]
      var left = total.abs().scalars
      var mask = left.map { _ in Float(0) }
      for _ in 0..<k {
        let place = left.indices.first { left[$0] == left.max() } ?? 0
        mask[place] = 1
        left[place] = -1
      }
      rows.append(total * Tensor(mask))
      error = total * (1 - Tensor(mask))
    }
    return stack(rows, axis: 0)
  }

  static func isKept(_ caption: String, width: Int, height: Int) throws -> Bool {
    let ratio = Double(width) / Double(height)
    if ratio < 0.5 || ratio > 2 { return false }
    if caption.count(where: { $0 == " " }) < 2 { return false }
    let letters = caption.unicodeScalars.count {
      (65...90).contains($0.value) || (97...122).contains($0.value)
    }
    if letters <= caption.filter({ $0 != " " }).count - letters { return false }
    return caption.lowercased().firstMatch(
      of: #/(^| )(photographed|taken|captured) on [0-9]/#) == nil
  }

  static func memory(parameters: Int, bytes: [Int], blocks: Int, gpus: Int) throws -> Int {
    let block = parameters / blocks
    return bytes.map { $0 * parameters / gpus }.reduce(0, +) + block * bytes[0] + block * bytes[0]
      + block * bytes[1]
  }
}

/// All of them.
let alternative = Implementation(
  name: "alternative", chapter1: Alternative1.self, chapter2: Alternative2.self,
  chapter3: Alternative3.self, chapter4: Alternative4.self, chapter5: Alternative5.self,
  chapter6: Alternative6.self)
