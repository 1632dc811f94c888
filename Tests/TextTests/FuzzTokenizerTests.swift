import Foundation
import TensorCore
import TestSupport
import Testing
import TokenizerTraining

@testable import Text

@Suite struct FuzzTokenizerTests {
  @Test(.timeLimit(.minutes(20)))
  func `mutated tokenizers are read or refused, in little time and memory`() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      let files = TextStyle.allCases.map { style in
        let size = style.letters.count + style.specialTokens.count + 12
        return Array(
          Tokenizer.trained(on: captions(40), style: style, vocabularySize: size).json())
      }
      try limitMemory(toFurther: 512 << 20)
      let outcomes = fuzz("tokenizer.json") { i in
        var random = Random(seed: 6).split(i)
        let mutant = mutated(files[i % files.count], using: &random)
        do throws(TextError) {
          let tokenizer = try Tokenizer(json: Data(mutant), named: "mutant")
          _ = try tokenizer.decode(tokenizer.encode("A red star, isn't it? 猫"))
          return "read"
        } catch {
          let text = error.description
          precondition(
            text.hasPrefix("mutant ") && text.count < 2100 && !text.contains("\n")
              && !text.contains("Swift") && !text.contains("decode"), "mutant \(i): \(text)")
          if case .unsupported = error { return "another kind" }
          let reasons = [
            "not valid JSON", "not UTF-8", "is missing", "without gaps", "the same id", "no merge",
            "unknown token", "there is no", "expected", "not whole", "has the ids",
          ]
          return reasons.first(where: text.contains) ?? "something else"
        }
      }
      for outcome in ["read", "another kind", "not valid JSON", "not UTF-8"] {
        precondition(outcomes[outcome, default: 0] > 0, "no mutant is \(outcome): \(outcomes)")
      }
    }
    for text in [result?.standardOutputContent, result?.standardErrorContent] {
      print(String(decoding: text ?? [], as: UTF8.self), terminator: "")
    }
  }
}
