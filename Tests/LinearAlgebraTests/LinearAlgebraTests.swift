import LinearAlgebra
import TensorCore
import TestSupport
import Testing

@Suite struct LinearAlgebraTests {
  @Test func `principal components find the axes of a stretched cloud`() {
    var random = Random(seed: 9)
    // Along (0.6, 0.8, 0) with deviation 5, along (0, 0, 1) with 2, across with 0.1.
    let rows = (0..<4000).map { _ -> [Float] in
      let (a, b, c) = (5 * random.normal(), 2 * random.normal(), 0.1 * random.normal())
      return [0.6 * a - 0.8 * c + 3, 0.8 * a + 0.6 * c, b]
    }
    let (components, shares) = principalComponents(Tensor(rows), count: 3)
    #expect(
      difference(components.scalars.prefix(6).map { $0 }, [0.6, 0.8, 0, 0, 0, 1], atol: 0.03) == nil
    )
    #expect(abs(shares[0] - 25 / 29.01) < 0.02 && abs(shares[1] - 4 / 29.01) < 0.02)
    let gram = matmul(components, components.transposed(0, 1)).scalars
    #expect(difference(gram, [1, 0, 0, 0, 1, 0, 0, 0, 1], atol: 1e-5) == nil)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-5)
  }

  @Test func `eigenvectors rebuild their matrix, and a root squared does too`() {
    var random = Random(seed: 4)
    for d in [1, 2, 7, 33] {
      let a = Tensor.normal([d, d], &random)
      let values = matmul(a, a, transposeB: true).scalars.map { Double($0) }  // A Aᵀ, [D, D]
      let matrix = SymmetricMatrix(size: d, values: values)
      let (lambda, vectors) = matrix.eigen()  // [D], [D, D]
      #expect(zip(lambda, lambda.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(abs(lambda.reduce(0, +) - matrix.trace) < 1e-9 * max(1, matrix.trace))
      let same = matrix.mapEigenvalues { $0 }.values
      let root = matrix.squareRoot().values
      let squared = matrixProduct(root, root, d, d, d)
      let unit = matrixProduct(vectors, vectors, d, d, d, transposeB: true)
      // Double has 16 digits; the largest entries are about 2 d.
      for i in 0..<d * d {
        #expect(abs(same[i] - values[i]) < 1e-11 * Double(d))
        // A Aᵀ has eigenvalues near 0, of whose negative rounding the root is taken as 0.
        #expect(abs(squared[i] - values[i]) < 1e-4)
        #expect(abs(unit[i] - (i % (d + 1) == 0 ? 1 : 0)) < 1e-12)
      }
    }
  }
}
