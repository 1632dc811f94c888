import Checkpoints
import DALLETraining
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct FuzzTokenSetTests {
  @Test(.timeLimit(.minutes(20)))
  func `mutated token sets are read or refused, in little time and memory`() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      let folder = try TemporaryFolder(inMemory: true)
      let codes = IndexTensor(shape: [5, 2, 3], (0..<30).map { $0 % 16 })
      try TokenSet.write(
        codes, ["a red star", "", "grün", "a blue house at night", "猫"], called: "five",
        encoderHash: "0123", to: folder.file("good"))
      let good = try folder.read("good")
      // Without the checksum, which would refuse nearly all mutants: its key becomes another.
      let text = String(decoding: good, as: UTF8.self)
      let key = try #require(text.utf8.firstRange(of: Array("\"checksum\"".utf8)))
      let start = text.utf8.distance(from: text.utf8.startIndex, to: key.lowerBound)
      var bare = good
      bare[start + 1] = UInt8(ascii: "k")
      try limitMemory(toFurther: 512 << 20)
      let outcomes = try fuzz("token sets") { i in
        var random = Random(seed: 7).split(i)
        let path = try folder.write(
          mutated(i % 10 == 0 ? good : bare, using: &random), to: "\(i)")
        defer { unlink(path) }
        do throws(CheckpointError) {
          let set = try TokenSet(path)
          for index in 0..<set.count {
            _ = try (set.caption(at: index), set.codes(at: index))
          }
          try set.check(rows: 2, columns: 3, vocabulary: 16)
          return "read"
        } catch {
          precondition(
            error.description.count < 1000 && !error.description.contains("\n"),
            "mutant \(i): \(error)")
          let reasons = [
            "contents have changed", "do not match", "not a token set", "the code",
            "codes a picture",
            "not a valid safetensors file",
          ]
          return reasons.first(where: error.description.contains) ?? "something else"
        }
      }
      for outcome in ["read", "contents have changed", "the code", "not a valid safetensors file"] {
        precondition(outcomes[outcome, default: 0] > 0, "no mutant is \(outcome): \(outcomes)")
      }
    }
    for text in [result?.standardOutputContent, result?.standardErrorContent] {
      print(String(decoding: text ?? [], as: UTF8.self), terminator: "")
    }
  }

  @Test func `codes that the model does not know are found before training`() throws {
    let folder = try TemporaryFolder()
    for code: Int32 in [-1, 16] {
      let path = folder.file("tokens.safetensors")
      try TokenSet.write(
        IndexTensor(shape: [1, 2, 2], [0, 15, code, 3]), ["a"], called: "", encoderHash: "",
        to: path)
      let set = try TokenSet(path)
      let error = #expect(throws: CheckpointError.self) {
        try set.check(rows: 2, columns: 2, vocabulary: 16)
      }
      #expect("\(error!)".contains("the code \(code), and the model knows 0 ..< 16"))
      #expect(throws: CheckpointError.self) { try set.check(rows: 4, columns: 1, vocabulary: 99) }
    }
  }
}
