// Numbers that must not vanish on the way, and rows that have no direction.

import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct StrangeNumbersTests {
  @Test(arguments: [1, 2, 7, 8, 9, 33])
  func `a NaN makes its whole row of softmax NaN, and no other`(n: Int) {
    for place in [0, n / 2, n - 1] {
      for rest in [Float(0), -.infinity, .nan] {
        var values = [Float](repeating: rest, count: n)
        values[place] = .nan
        let rows = Tensor(shape: [2, n], values + [Float](repeating: 1, count: n))
        let y = rows.softmax().scalars
        #expect(y.prefix(n).allSatisfy { $0.isNaN }, "\(values)")
        #expect(y.suffix(n).allSatisfy { abs($0 - 1 / Float(n)) < 1e-6 })
      }
    }
    let none = Tensor(shape: [1, n], [Float](repeating: -.infinity, count: n)).softmax().scalars
    #expect(none.allSatisfy { $0 == 0 })
  }

  @Test func `a NaN makes its window's maximum NaN, and no other`() {
    for place in [0, 1, 4, 5] {  // the four places of the first window of 2×2
      var values = (0..<16).map { Float($0) }
      values[place] = .nan
      let y = Tensor(shape: [1, 4, 4, 1], values).maxPooled(kernel: 2, stride: 2).scalars
      #expect(y[0].isNaN && y.dropFirst().elementsEqual([7, 13, 15]), "\(place): \(y)")
    }
  }

  @Test(arguments: [1, 2, 7, 8, 9, 33])
  func `a NaN shows in log-sum-exp, log-softmax and cross-entropy`(n: Int) {
    for rest in [Float(0), -.infinity, .infinity, .nan] {
      for place in [0, n / 2, n - 1] {
        var values = [Float](repeating: rest, count: n)
        values[place] = .nan
        let x = Tensor(shape: [1, n], values)
        #expect(x.logSumExp().scalars[0].isNaN, "\(values)")
        #expect(x.logSoftmax().scalars.allSatisfy { $0.isNaN }, "\(values)")
        #expect(crossEntropy(x, IndexTensor([0])).item.isNaN, "\(values)")
        #expect(x.maximum().item.isNaN && x.maximum(axis: 1).scalars[0].isNaN)
      }
    }
    let none = Tensor(shape: [1, n], [Float](repeating: -.infinity, count: n))
    #expect(none.logSumExp().scalars == [-.infinity])
  }

  @Test func `large logits keep three digits of small losses, as in PyTorch`() {
    // ln(1 + e^-10), ln(1 + e^-11)
    for (gap, expected) in [(Float(10), 4.539890e-5), (11, 1.670156e-5)] as [(Float, Float)] {
      let x = Tensor(shape: [1, 2], [1000, 1000 - gap]).requiringGradient()
      let loss = crossEntropy(x, IndexTensor([0]))
      #expect(abs(loss.item - expected) <= 1e-3 * expected, "\(loss.item)")
      #expect(abs(x.detached.logSoftmax().scalars[0] + expected) <= 1e-3 * expected)
      loss.backward()
      // The probability of the other class, e^-gap / (1 + e^-gap).
      let other = x.gradient!.scalars[1]
      #expect(abs(other - expected) <= 1e-3 * expected, "\(other)")
    }
  }

  @Test func `softplus has six right digits everywhere`() {
    var worst = 0.0
    for i in -4000...4000 {
      let x = Float(i) / 50  // -80 … 80
      let y = Double(Tensor(x).softplus().item)
      let exact = max(Double(x), 0) + log1p(exp(-abs(Double(x))))
      worst = max(worst, abs(y - exact) / exact)
    }
    #expect(worst < 5e-7, "\(worst)")
  }

  @Test func `the gradient of a NaN maximum goes to the NaNs`() {
    let x = Tensor([1, .nan, 2]).requiringGradient()
    x.maximum().backward()
    #expect(x.gradient!.scalars == [0, 1, 0])
  }

  @Test func `a row of zeros stays zero when normalized, with the gradient of x over epsilon`() {
    let x = Tensor([[0, 0, 0], [3, 0, 4]]).requiringGradient()
    let y = x.normalized(epsilon: 1e-3)
    #expect(difference(y.scalars, [0, 0, 0, 0.6, 0, 0.8], atol: 1e-6) == nil)
    y.sum().backward()
    let gradient = x.gradient!.scalars
    #expect(gradient.allSatisfy { $0.isFinite })
    #expect(difference(Array(gradient.prefix(3)), [1000, 1000, 1000], atol: 0.01) == nil)
    // (I - u uᵀ) 1 / 5 with u = (0.6, 0, 0.8)
    #expect(difference(Array(gradient.suffix(3)), [0.032, 0.2, -0.024], atol: 1e-6) == nil)
  }

  /// Fewer than eight keys fill no vector: there a maximum once lost NaN.
  @Test(arguments: [1, 2, 3, 7, 8, 9, 20])
  func `a query of NaN makes its own row of attention NaN, and its gradient`(keys: Int) {
    var random = Random(seed: 4)
    let q = Tensor.normal([1, 3, 8], &random).requiringGradient()
    q.update { $0[8 + 2] = .nan }  // in query 1
    let (k, v) = (Tensor.normal([1, keys, 8], &random), Tensor.normal([1, keys, 8], &random))
    let y = attention(q, k, v, heads: 1)  // [1, 3, 8]
    for query in 0..<3 {
      let row = y.at(query, axis: 1).scalars
      #expect(row.allSatisfy { query == 1 ? $0.isNaN : $0.isFinite }, "\(query): \(row)")
    }
    y.sum().backward()
    let gradient = q.gradient!.at(1, axis: 1).scalars
    #expect(keys == 1 || gradient.allSatisfy { $0.isNaN }, "\(gradient)")
  }

  @Test func `long sums in Float lose little`() {
    // One after the other, a million of 0.1 in Float make 100,958.
    let n = 1_000_000
    for inner in [1, 3, 8] {
      let x = Tensor(repeating: 0.1, shape: [n, inner])
      let sums = x.sum(axis: 0).scalars
      #expect(sums.allSatisfy { abs($0 - 100_000) < 1 }, "\(inner): \(sums)")
    }
    #expect(abs(Tensor(repeating: 0.1, shape: [n]).sum().item - 100_000) < 1)
  }
}
