import PlainKernels
import TensorCore
import TestSupport
import Testing

@Suite("Plain cross-entropy") struct CrossEntropyTests {
  @Test(arguments: everySize, [1, 7, 33])
  func `crossEntropy and its gradient are the plain ones`(_ classes: Int, _ rows: Int) {
    var random = Random(seed: 1).split(classes).split(rows)
    let x = uniform(rows * classes, &random).map { $0 * 10 }
    let labels = (0..<rows).map { $0 % 5 == 4 ? -1 : random.integer(below: classes) }
    let logits = Tensor(shape: [rows, classes], x).requiringGradient()
    let loss = TensorCore.crossEntropy(logits, IndexTensor(labels.map { Int32($0) }))
    let want = PlainKernels.crossEntropy(x, labels: labels, classes: classes)
    // Losses are below 20 + ln K, where a unit in the last place is 2⁻¹⁹.
    #expect(difference([loss.item], [want], atol: 1e-5) == nil)
    loss.backward()
    let dx = crossEntropyGradient(x, labels: labels, classes: classes)
    // The fast gradient takes the log-sum-exp, up to 14, into its exponent: 14 · 2⁻²⁴ off.
    #expect(difference(logits.gradient?.scalars ?? [], dx, atol: 2e-6) == nil)
  }

  @Test func `neither overflows`() {
    let x: [Float] = [1000, 0, -1000]
    #expect(PlainKernels.crossEntropy(x, labels: [1], classes: 3) == 1000)
    #expect(TensorCore.crossEntropy(Tensor([x]), IndexTensor([1])).item == 1000)
  }

  @Test func `the plain gradient is the slope of the plain loss`() {
    var random = Random(seed: 2)
    let (x, labels) = (uniform(4 * 7, &random), [6, -1, 0, 3])
    expectSlopes(crossEntropyGradient(x, labels: labels, classes: 7), at: x) {
      Double(PlainKernels.crossEntropy($0, labels: labels, classes: 7))
    }
  }
}
