// The bundled models draw the same picture, with the same logits and the same score, bit for bit,
// whatever is drawn beside it.

import DALLE
import Foundation
import Pretrained
import StickerWorld
import TensorCore
import Testing
import TextToImage

@Suite struct CompanyTests {
  /// What becomes of a caption and a seed: hashes of all bits.
  private struct Result: Equatable {
    var logits = Hash()
    var codes: [Int32] = []
    var picture = Hash()
    var embedding = Hash()
  }

  /// FNV-1a, of whole words.
  private struct Hash: Equatable {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ values: some Sequence<Float>) {
      for number in values { value = (value ^ UInt64(number.bitPattern)) &* 0x100_0000_01b3 }
    }
  }

  private let dalle: TextToImage
  private let decoder: DALLEDecoder

  init() throws {
    dalle = try Pretrained.dalle()
    decoder = DALLEDecoder(dalle.transformer.model)
  }

  /// Draws numbers side by side. Each has a caption, a seed and a number of a candidate of its own.
  private func draw(_ numbers: [Int]) throws -> [Result] {
    let c = dalle.transformer.model.configuration
    let text = try numbers.flatMap { number in
      try dalle.transformer.ids(
        StickerWorld.sample(.validation, seed: UInt64(number), index: 0).caption)
    }
    var drawing = TokenDrawing(
      decoder, text: IndexTensor(shape: [numbers.count, c.textLength], text),
      random: numbers.map { Random.candidates($0 % 100..<$0 % 100 + 1, seed: UInt64($0))[0] },
      .usual)
    var results = [Result](repeating: Result(), count: numbers.count)
    func add(_ values: Tensor, to part: WritableKeyPath<Result, Hash>) {
      let length = values.count / numbers.count
      values.withScalars { scalars in
        for row in numbers.indices {
          results[row][keyPath: part].add(scalars[row * length..<(row + 1) * length])
        }
      }
    }
    while !drawing.isFinished {
      add(drawing.logits, to: \.logits)
      drawing.step()
    }
    let codes = drawing.codes.values
    let pictures = withoutGradient {
      dalle.dvae.decode(
        IndexTensor(shape: [numbers.count, c.rows, c.columns], codes))  // [B, 3, H, W]
    }
    add(pictures, to: \.picture)
    add(withoutGradient { dalle.matcher.embed(dalle.matcher.fitted(pictures)) }, to: \.embedding)
    for row in numbers.indices {
      results[row].codes = Array(codes[row * c.imageTokens..<(row + 1) * c.imageTokens])
    }
    return results
  }

  /// `make proof` draws a thousand, in some minutes.
  @Test func `a picture is the same in whole tiles and in batches of 1 to 17`() throws {
    let asked = ProcessInfo.processInfo.environment["SEEDS"].flatMap(Int.init)
    let count = asked ?? 24
    let start = ContinuousClock.now
    // 64 side by side fill whole tiles of rows, whatever their height.
    var expected: [Result] = []
    for part in (0..<count).parts(of: 64) { expected += try draw(Array(part)) }
    // Other company, and all heights of a last tile: the same again, shuffled.
    var random = Random(seed: 1)
    var rest = Array(0..<count)
    for i in rest.indices.dropFirst() { rest.swapAt(i, random.integer(below: i + 1)) }
    var (size, compared) = (0, 0)
    while !rest.isEmpty {
      size = size % 17 + 1
      let numbers = Array(rest.prefix(size))
      rest.removeFirst(numbers.count)
      for (number, result) in zip(numbers, try draw(numbers)) {
        #expect(result == expected[number], "number \(number) in a batch of \(numbers.count)")
        compared += 1
      }
    }
    #expect(compared == count && Set(expected.map(\.codes)).count == count)
    if asked != nil { print("\(compared) pictures compared in \(ContinuousClock.now - start)") }
  }
}
