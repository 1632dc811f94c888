// A row of a result is the same sum, bit for bit, whatever rows stand beside it.

import NeuralNetwork
import TensorCore
import Testing

@Suite struct BatchIndependenceTests {
  /// Rows of `f(x)` for x [B, …] against f of every row alone, of the first few, and of the last.
  private func expectIndependent(
    _ name: String, _ x: Tensor, _ f: (Tensor) -> Tensor
  ) {
    let all = withoutGradient { f(x) }
    let batch = x.shape[0]
    for part in (1...batch).map({ 0..<$0 }) + (0..<batch).map({ $0..<batch }) {
      let some = withoutGradient { f(x.sliced(axis: 0, part)) }
      let expected = all.sliced(axis: 0, part)
      #expect(
        some.scalars.map(\.bitPattern) == expected.scalars.map(\.bitPattern),
        "\(name): rows \(part) of \(batch)")
    }
  }

  // 384 values are summed at once; 700 take a second block.
  @Test(arguments: [3, 192, 700], [5, 16, 37])
  func `products with bias and residual`(k: Int, n: Int) {
    var random = Random(seed: 1)
    let x = Tensor.normal([14, k], &random)
    let (w, b) = (Tensor.normal([n, k], &random), Tensor.normal([n], &random))
    let packed = PackedWeight(w, b)
    expectIndependent("packed", x) { packed($0) }
    expectIndependent("linear", x) { linear($0, w, b) }
    // The residual must be cut like x: it is made from it.
    expectIndependent("residual", x) {
      linear(
        $0, w, b, adding: $0.sum(axis: 1, keepingAxis: true) * Tensor(repeating: 1, shape: [n]))
    }
    expectIndependent("matmul", x) { matmul($0, w.transposed(0, 1)) }
  }

  @Test func `layers of pictures and of tokens`() {
    var random = Random(seed: 2)
    let pictures = Tensor.normal([7, 9, 5, 6], &random)  // [B, H, W, C]
    for (stride, padding, kernel) in [(1, 1, 3), (2, 1, 4), (1, 0, 1)] {
      let layer = Convolution2D(
        6, 20, kernel: kernel, stride: stride, padding: padding, &random)
      expectIndependent("convolution", pictures) { layer($0) }
    }
    let norm = GroupNorm(groups: 2, channels: 6)
    expectIndependent("group norm", pictures) { norm($0) }
    let tokens = Tensor.normal([7, 11, 24], &random)  // [B, T, D]
    let block = DenseBlock(width: 24, heads: 3, layers: 1, &random)
    expectIndependent("block", tokens) { block($0, mask: .causal) }
    expectIndependent("normalized", tokens) { $0.normalized() }
    expectIndependent("softmax", tokens) { $0.softmax() }
  }
}
