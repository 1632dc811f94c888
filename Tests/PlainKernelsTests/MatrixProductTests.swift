import NeuralNetwork
import PlainKernels
import TensorCore
import TestSupport
import Testing

@Suite("Plain matrix product") struct MatrixProductTests {
  @Test(arguments: awkwardSizes, [false, true])
  func `matmul computes the plain product, whichever operand is transposed`(
    _ m: Int, _ transposeB: Bool
  ) {
    var random = Random(seed: 1).split(m)
    for k in awkwardSizes + [400] {
      for n in awkwardSizes {
        let (a, b) = (uniform(m * k, &random), uniform(k * n, &random))
        let want = matrixProduct(a, b, m: m, k: k, n: n)
        let right = transposeB ? transposed(b, rows: k, columns: n) : b
        let plainB = Tensor(shape: transposeB ? [n, k] : [k, n], right)
        let y = matmul(Tensor(shape: [m, k], a), plainB, transposeB: transposeB)
        #expect(difference(y.scalars, want, atol: rounding(k)) == nil, "\(m) \(k) \(n)")
        let left = Tensor(shape: [k, m], transposed(a, rows: m, columns: k))
        let z = matmul(left, plainB, transposeA: true, transposeB: transposeB)
        #expect(difference(z.scalars, want, atol: rounding(k)) == nil, "\(m) \(k) \(n)")
      }
    }
  }

  @Test(arguments: awkwardSizes)
  func `the gradients of matmul are the plain products dC Bᵀ and Aᵀ dC`(_ m: Int) {
    var random = Random(seed: 2).split(m)
    for (k, n) in [(1, 17), (7, 33), (33, 16), (17, 1)] {
      let (a, b) = (uniform(m * k, &random), uniform(k * n, &random))
      let dc = uniform(m * n, &random)
      let x = Tensor(shape: [m, k], a).requiringGradient()
      let y = Tensor(shape: [k, n], b).requiringGradient()
      matmul(x, y).backward(upstream: Tensor(shape: [m, n], dc))
      let da = matrixProduct(dc, transposed(b, rows: k, columns: n), m: m, k: n, n: k)
      let db = matrixProduct(transposed(a, rows: m, columns: k), dc, m: k, k: m, n: n)
      #expect(difference(x.gradient?.scalars ?? [], da, atol: rounding(n)) == nil, "\(m) \(k) \(n)")
      #expect(difference(y.gradient?.scalars ?? [], db, atol: rounding(m)) == nil, "\(m) \(k) \(n)")
    }
  }

  @Test func `the plain gradients are the slopes of the plain product`() {
    var random = Random(seed: 3)
    let (m, k, n) = (3, 5, 4)
    let (a, b) = (uniform(m * k, &random), uniform(k * n, &random))
    let dc = uniform(m * n, &random)
    let da = matrixProduct(dc, transposed(b, rows: k, columns: n), m: m, k: n, n: k)
    let db = matrixProduct(transposed(a, rows: m, columns: k), dc, m: k, k: m, n: n)
    expectSlopes(da, at: a) { dot(matrixProduct($0, b, m: m, k: k, n: n), dc) }
    expectSlopes(db, at: b) { dot(matrixProduct(a, $0, m: m, k: k, n: n), dc) }
  }
}
