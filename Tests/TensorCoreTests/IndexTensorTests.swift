// Rows of index tensors, and putting index tensors together.

import TensorCore
import Testing

@Suite("Index tensors") struct IndexTensorTests {
  private let matrix = IndexTensor(shape: [3, 2], [1, 2, 3, 4, 5, 6])

  @Test func `a range of rows keeps the other axes`() {
    #expect(matrix.rows(1..<3) == IndexTensor(shape: [2, 2], [3, 4, 5, 6]))
    #expect(matrix.rows(0..<3) == matrix)
    #expect(IndexTensor([10, 20, 30]).rows(1..<2) == IndexTensor([20]))
    let cube = IndexTensor(shape: [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(cube.rows(1..<2) == IndexTensor(shape: [1, 2, 2], [5, 6, 7, 8]))
  }

  @Test func `chosen rows come in the order of the choice, also twice`() {
    #expect(matrix.rows([2, 0, 2]) == IndexTensor(shape: [3, 2], [5, 6, 1, 2, 5, 6]))
    #expect(IndexTensor([10, 20, 30]).rows([2, 1]) == IndexTensor([30, 20]))
    #expect(matrix.rows((0..<3).reversed()).values == [5, 6, 3, 4, 1, 2])
  }

  @Test func `no rows, and rows of no values, keep their shape`() {
    #expect(matrix.rows(3..<3) == IndexTensor(shape: [0, 2], []))
    #expect(matrix.rows([]) == IndexTensor(shape: [0, 2], []))
    #expect(IndexTensor(shape: [3, 0], []).rows(0..<2) == IndexTensor(shape: [2, 0], []))
  }

  @Test func `index tensors join along axis 0`() {
    #expect(concatenate([matrix.rows(0..<1), matrix.rows(1..<3)]) == matrix)
    #expect(concatenate([IndexTensor([1]), IndexTensor([]), IndexTensor([2])]).values == [1, 2])
  }

  @Test func `rows that do not exist stop with a sentence`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = IndexTensor(shape: [3, 2], [1, 2, 3, 4, 5, 6]).rows(1..<4)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("row 3 does not lie in an index tensor of shape [3, 2]"))
    await #expect(processExitsWith: .failure) { _ = IndexTensor([1, 2]).rows([-1]) }
    await #expect(processExitsWith: .failure) { _ = IndexTensor(shape: [], [1]).rows(0..<1) }
    await #expect(processExitsWith: .failure) {
      _ = concatenate([IndexTensor([1]), IndexTensor(shape: [1, 1], [1])])
    }
    await #expect(processExitsWith: .failure) { _ = concatenate([IndexTensor]()) }
  }
}
