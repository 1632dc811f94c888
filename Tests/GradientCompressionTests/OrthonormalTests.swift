import GradientCompression
import TensorCore
import TestSupport
import Testing

@Suite("Orthonormal bases") struct OrthonormalTests {
  static let methods: [(name: String, run: @Sendable (Tensor) -> Tensor)] = [
    ("Gram and Schmidt", { gramSchmidt($0) }), ("Householder", { householder($0) }),
  ]

  /// The largest difference of Pᵀ P and the identity.
  private func skew(_ basis: Tensor) -> Float {
    let r = basis.shape[1]
    let products = matmul(basis, basis, transposeA: true)  // [r, r]
    var worst: Float = 0
    for i in 0..<r {
      for j in 0..<r { worst = max(worst, abs(products[i, j] - (i == j ? 1 : 0))) }
    }
    return products.firstNonFiniteIndex == nil ? worst : .infinity
  }

  /// Columns 1, x, x², … over 0 ... 1: nearly dependent, the more of them the worse.
  private func powers(_ m: Int, _ r: Int) -> Tensor {
    let rows = (0..<m).map { i in
      (0..<r).reduce(into: [Float]()) { row, _ in
        row.append((row.last ?? 1) * (row.isEmpty ? 1 : Float(i) / Float(m)))
      }
    }
    return Tensor(rows)  // [m, r]
  }

  @Test(arguments: 0..<2)
  func `columns are orthonormal, and span what they came from`(_ method: Int) {
    let (name, run) = Self.methods[method]
    var random = Random(seed: 1)
    for (m, r) in [(1, 1), (2, 2), (5, 1), (16, 16), (17, 3), (33, 20), (200, 64)] {
      let p = Tensor.normal([m, r], &random)
      let basis = run(p)
      #expect(basis.shape == [m, r])
      #expect(skew(basis) < 2e-6, "\(name), \(m) × \(r)")
      let back = matmul(basis, matmul(basis, p, transposeA: true))  // [m, r]
      #expect(difference(back.scalars, p.scalars, atol: 2e-5) == nil, "\(name), \(m) × \(r)")
      // A positive part along its own vector fixes the sign.
      let parts = matmul(basis, p, transposeA: true)  // [r, r]
      #expect((0..<r).allSatisfy { parts[$0, $0] > 0 }, "\(name), \(m) × \(r)")
    }
  }

  @Test func `both methods give the same basis`() {
    var random = Random(seed: 2)
    for (m, r) in [(3, 3), (20, 4), (65, 17)] {
      let p = Tensor.normal([m, r], &random)
      let difference = difference(gramSchmidt(p).scalars, householder(p).scalars, atol: 1e-4)
      #expect(difference == nil, "\(m) × \(r)")
    }
  }

  @Test(arguments: 0..<2)
  func `columns that depend on one another, vanish or are tiny do no harm`(_ method: Int) {
    let (name, run) = Self.methods[method]
    var random = Random(seed: 3)
    let column = Tensor.normal([20, 1], &random)
    let other = Tensor.normal([20, 1], &random)
    let scales: [Float] = [1, 1e20, 1e-30, 1e-12]
    let scaled = Tensor.normal([20, 4], &random) * Tensor(scales)  // [20, 4]
    let cases: [(String, Tensor)] = [
      ("zeros", .zeros([20, 4])), ("all zeros, square", .zeros([4, 4])),
      ("one column again", concatenate([column, column, other, column * -3], axis: 1)),
      ("a sum", concatenate([column, other, column + other], axis: 1)),
      ("zeros first", concatenate([.zeros([20, 2]), column], axis: 1)),
      ("a small difference", concatenate([column, column + other * 1e-5], axis: 1)),
      ("other sizes", scaled), ("tiny", scaled * 1e-8), ("powers", powers(100, 10)),
      ("powers, 16", powers(64, 16)),
      ("subnormal", .normal([20, 4], deviation: 1e-30, &random) * 1e-10),
      ("rank 1", matmul(column, Tensor.normal([1, 20], &random))),
    ]
    for (what, p) in cases {
      let skew = skew(run(p))
      #expect(skew < 3e-6, "\(name), \(what): off by \(skew)")
    }
  }

  @Test func `one pass of Gram and Schmidt's method is not enough for nearly dependent columns`() {
    let p = powers(100, 10)
    #expect(skew(gramSchmidt(p, passes: 1)) > 1e-2)
    #expect(skew(gramSchmidt(p, passes: 2)) < 3e-6)
    #expect(skew(householder(p)) < 3e-6)
  }
}
