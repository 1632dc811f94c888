import PlainKernels
import TensorCore
import TestSupport
import Testing

@Suite("Plain layer norm") struct LayerNormTests {
  @Test(arguments: everySize + [100], [1, 7, 130])
  func `layerNorm and its gradients are the plain ones`(_ width: Int, _ rows: Int) {
    var random = Random(seed: 1).split(width).split(rows)
    // A mean of 3 shows whether it is taken away before the squares are summed.
    let x = uniform(rows * width, &random).map { $0 + 3 }
    let (weight, bias) = (uniform(width, &random), uniform(width, &random))
    let dy = uniform(rows * width, &random)
    let input = Tensor(shape: [rows, width], x).requiringGradient()
    let (w, b) = (Tensor(weight).requiringGradient(), Tensor(bias).requiringGradient())
    let y = TensorCore.layerNorm(input, w, b)
    let want = PlainKernels.layerNorm(x, weight: weight, bias: bias, rows: rows, width: width)
    // Means of numbers near 3 round by 4 · 2⁻²⁴ per term; a deviation of 1/2 doubles that.
    #expect(difference(y.scalars, want, atol: 8 * rounding(width)) == nil)
    y.backward(upstream: Tensor(shape: [rows, width], dy))
    let (dx, dw, db) = layerNormGradient(x, weight: weight, dy, rows: rows, width: width)
    // A row of one value has the deviation √ε: its factor 1 / √ε = 316 multiplies the roundings.
    let factor: Float = width == 1 ? 316 : 16
    #expect(
      difference(input.gradient?.scalars ?? [], dx, atol: factor * rounding(width)) == nil)
    #expect(difference(w.gradient?.scalars ?? [], dw, atol: 8 * rounding(rows + width)) == nil)
    #expect(difference(b.gradient?.scalars ?? [], db, atol: rounding(rows)) == nil)
  }

  @Test func `the plain gradients are the slopes of the plain layer norm`() {
    var random = Random(seed: 2)
    let (rows, width) = (3, 7)
    let (x, dy) = (uniform(rows * width, &random), uniform(rows * width, &random))
    let (weight, bias) = (uniform(width, &random), uniform(width, &random))
    let (dx, dw, db) = layerNormGradient(x, weight: weight, dy, rows: rows, width: width)
    func loss(_ x: [Float], _ weight: [Float], _ bias: [Float]) -> Double {
      dot(PlainKernels.layerNorm(x, weight: weight, bias: bias, rows: rows, width: width), dy)
    }
    expectSlopes(dx, at: x) { loss($0, weight, bias) }
    expectSlopes(dw, at: weight) { loss(x, $0, bias) }
    expectSlopes(db, at: bias) { loss(x, weight, $0) }
  }
}
