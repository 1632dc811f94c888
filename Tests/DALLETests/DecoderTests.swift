import DALLE
import Kernels
import TensorCore
import Testing

@Suite struct DecoderTests {
  static func model(
    _ plan: DALLEConfiguration.AttentionPlan = .paper, rows: Int = 3, columns: Int = 4
  ) -> DALLE {
    var random = Random(seed: 2)
    let c = DALLEConfiguration(
      textVocabulary: 20, textLength: 5, imageVocabulary: 15, rows: rows, columns: columns,
      width: 24, layers: 4, heads: 2, kernel: 3, plan: plan)
    let model = DALLE(c, &random)
    // Initial weights are so small that attention would hardly matter.
    for (_, tensor) in model.tensors where tensor.rank == 2 { tensor.assign(tensor * 10) }
    return model
  }

  @Test(arguments: DALLEConfiguration.AttentionPlan.allCases)
  func `cached logits equal those of the whole stream`(plan: DALLEConfiguration.AttentionPlan) {
    for (rows, columns) in [(3, 4), (1, 6), (6, 1)] {
      let model = Self.model(plan, rows: rows, columns: columns)
      let (c, n) = (model.configuration, rows * columns)
      var random = Random(seed: 3)
      let text = IndexTensor(shape: [2, 5], [4, 7, 3, 0, 0, 9, 0, 0, 0, 0])
      let codes = IndexTensor(
        shape: [2, n], (0..<2 * n).map { _ in Int32(random.integer(below: 15)) })
      let logits = withoutGradient { model.logits(model.hidden(text: text, image: codes)) }
      let decoder = DALLEDecoder(model)
      var streams = decoder.read(text)
      for place in 0..<n {
        let whole = logits.at(5 + place, axis: 1).sliced(axis: 1, c.textIDs..<c.textIDs + 15)
        #expect((streams.logits - whole).abs().maximum().item <= 1e-4)
        if place + 1 < n {
          let next = [codes.values[place], codes.values[n + place]]
          decoder.add(IndexTensor(shape: [2, 1], next), to: &streams)
        }
      }
    }
  }

  @Test func `a candidate does not depend on the others that are drawn`() {
    let decoder = DALLEDecoder(Self.model())
    let options = SamplingOptions(temperature: 0.9, topP: 0.95, guidance: 2)
    func draw(_ candidates: Range<Int>) -> [[Int32]] {
      let codes = decoder.draw([4, 7, 0, 0, 0], candidates: candidates, seed: 5, options).values
      return (0..<candidates.count).map { Array(codes[$0 * 12..<($0 + 1) * 12]) }
    }
    let all = draw(0..<33)
    #expect(Set(all).count > 20)
    for candidate in [0, 7, 32] {
      #expect(draw(candidate..<candidate + 1) == [all[candidate]])
    }
    #expect(draw(5..<22) == Array(all[5..<22]))
    let threads = Threads.count
    defer { Threads.count = threads }
    Threads.count = 1
    #expect(draw(0..<33) == all)
  }

  @Test func `a copy of streams goes on by itself`() {
    let decoder = DALLEDecoder(Self.model())
    let text = IndexTensor(shape: [2, 5], [4, 7, 3, 0, 0, 9, 0, 0, 0, 0])
    func codes(_ a: Int32, _ b: Int32) -> IndexTensor { IndexTensor(shape: [2, 1], [a, b]) }
    var alone = decoder.read(text)
    decoder.add(codes(1, 2), to: &alone)
    decoder.add(codes(3, 4), to: &alone)

    var first = decoder.read(text)
    decoder.add(codes(1, 2), to: &first)
    var second = first
    decoder.add(codes(9, 8), to: &second)
    #expect(first.count == 1 && second.count == 2)
    decoder.add(codes(3, 4), to: &first)
    #expect(first.logits.scalars == alone.logits.scalars)
    #expect(second.logits.scalars != alone.logits.scalars)

    // A drawing leaves the streams that it began from as they were.
    let read = decoder.read(text)
    func draw() -> [Int32] {
      var drawing = TokenDrawing(
        decoder, read, unconditional: nil, random: Random.candidates(0..<2, seed: 1),
        SamplingOptions(), given: [3, 1])
      return drawing.finish().values
    }
    #expect(draw() == draw())
  }

  @Test func `completed pictures begin with the given tokens`() {
    let decoder = DALLEDecoder(Self.model())
    for count in [0, 1, 4, 11, 12] {
      let given = (0..<count).map { Int32($0) }
      let codes = decoder.draw(
        [4, 7, 0, 0, 0], candidates: 0..<3, seed: 5, SamplingOptions(), given: given)
      #expect(codes.shape == [3, 12])
      for row in 0..<3 {
        #expect(Array(codes.values[row * 12..<row * 12 + count]) == given)
      }
    }
  }

  @Test func `temperature 0 takes the most likely tokens`() {
    let decoder = DALLEDecoder(Self.model())
    let codes = decoder.draw(
      [4, 7, 0, 0, 0], candidates: 0..<3, seed: 5, SamplingOptions(temperature: 0)
    ).values
    #expect(codes[0..<12] == codes[12..<24] && codes[0..<12] == codes[24..<36])
  }

  @Test func `padding has its own id at each position`() {
    let model = Self.model()
    let stream = model.stream(IndexTensor(shape: [1, 5], [4, 7, 0, 0, 0]))
    #expect(stream.values == [1, 4, 7, 22, 23, 24])
  }
}
