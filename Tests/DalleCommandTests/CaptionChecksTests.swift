import Pretrained
import Testing
import Text
import TokenizerTraining

@testable import DalleCommand

@Suite struct CaptionChecksTests {
  @Test func `a training caption of rare words is drawn, one without known words is not`() throws {
    let own = Tokenizer.trained(
      on: ["our dog Bello at lake"], style: .paper, vocabularySize: 300)
    #expect(own.flaw(of: "our dog Bello at lake") == nil)
    #expect(own.flaw(of: "lake") == nil)
    let stickers = try Pretrained.transformer().tokenizer
    #expect(stickers.flaw(of: "a red star") == nil)
    for caption in ["猫", "12345", "!!!", "🐱🎩", "\u{1B}[31m 猫"] {
      let reason = try #require(stickers.flaw(of: caption))
      #expect(reason.contains("it has learnt words like"))
      #expect(!reason.unicodeScalars.contains { $0.value < 32 })
    }
  }
}
