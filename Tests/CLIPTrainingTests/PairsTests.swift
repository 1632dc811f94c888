import CaptionedImages
import Images
import TensorCore
import Testing

@testable import CLIPTraining

/// Pictures of one grey level each with several captions, like a small data set of a reader.
private struct Greys: PairSource {
  let pictures: Int
  let captionsEach: Int
  /// Pictures that look alike, from the first on.
  var twins = 0

  var count: Int? { pictures }
  var size: Int { 2 }

  func pair(at index: Int, using random: inout Random) -> (picture: Image, caption: String) {
    let level = UInt8(index < twins ? 0 : index)
    let picture = Image(width: 2, height: 2, pixels: [UInt8](repeating: level, count: 12))
    return (picture, "caption \(random.integer(below: captionsEach)) of picture \(index)")
  }
}

@Suite struct PairsTests {
  @Test func `in 10,000 batches no picture is a wrong answer to its own caption`() throws {
    let batches = Batches(
      Greys(pictures: 65, captionsEach: 5), batchSize: 64, seed: 1)
    var (twice, own) = (0, 0)
    for step in 0..<10_000 {
      let batch = try batches.batch(step)
      if Set(batch.indices).count == 64 { continue }
      twice += 1
      let excluded = batch.isExcluded.bytes
      for i in 0..<64 {
        for j in 0..<64 where i != j && batch.indices[i] == batch.indices[j] {
          if excluded[i * 64 + j] == 0 { own += 1 }
        }
      }
    }
    #expect(twice > 5_000, "\(twice) batches hold a picture twice")
    #expect(own == 0)
  }

  @Test func `pictures that look alike are no wrong answers to one another`() throws {
    let batches = Batches(
      Greys(pictures: 6, captionsEach: 1, twins: 3), batchSize: 6, seed: 1)
    let batch = try batches.batch(0)
    let excluded = batch.isExcluded.bytes
    for i in 0..<6 {
      for j in 0..<6 {
        let alike = i != j && batch.indices[i] < 3 && batch.indices[j] < 3
        #expect(excluded[i * 6 + j] == (alike ? 1 : 0))
      }
    }
  }
}
