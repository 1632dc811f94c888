// The small model behind exercise 4.10.

import CourseKit
import TensorCore
import Testing

@Suite struct CodeStreamTests {
  /// A picture of 2×2 codes below 3.
  private let stream = CodeStream(
    pairs: Tensor([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]),
    columns: Tensor([[0, 0, 10], [0, 10, 0], [10, 0, 0], [20, 20, 20]]),
    places: Tensor(shape: [2, 2, 3], (0..<12).map { Float(100 * $0) }))

  @Test func `logits add up what the code before, the code above and the place say`() {
    var stream = stream
    #expect(stream.logits.scalars == [29, 130, 231])  // the caption, and no row above
    stream.add([2])
    #expect(stream.logits.scalars == [326, 427, 528])
    stream.add([1])
    #expect(stream.logits.scalars == [613, 704, 805])  // 1 before, 2 above
    stream.add([0])
    #expect(stream.logits.scalars == [900, 1011, 1102])  // 0 before, 1 above
  }

  @Test func `nothing comes after the last code`() {
    var stream = stream
    stream.add([2, 1, 0, 0])
    #expect(stream.codes == [2, 1, 0, 0])
    #expect(stream.logits.scalars == [0, 0, 0])
  }
}
