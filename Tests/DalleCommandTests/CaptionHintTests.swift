import Testing

@testable import DalleCommand

@Suite struct CaptionHintTests {
  /// Arguments, and how the hint ends; nil for none.
  @Test(
    arguments: [
      (["--night"], "dalle -- \"--night\""), (["-a red star"], "dalle -- \"-a red star\""),
      (["a", "red", "star", "--night"], "dalle -- \"--night\""),
      (["-5", "stars"], "dalle -- \"-5\""),
      (["--help me"], "dalle -- \"--help me\""),
      (["--seed of doubt"], "dalle -- \"--seed of doubt\""),
      (["train"], "dalle generate -- \"train\""),
      (["train", "at", "night"], "dalle generate -- \"train at night\""),
      (["info"], "dalle generate -- \"info\""), (["decode"], "dalle generate -- \"decode\""),
      (["stickers", "in", "the", "sky"], "dalle generate -- \"stickers in the sky\""),
      (["score", "a.png", "-a star"], "dalle score -- \"-a star\""),
      (["--candidates", "0", "a star"], nil), (["a star", "--seed=-1"], nil), ([], nil),
      (["train", "clip", "--batch", "x"], nil), (["train", "--help"], nil), (["help"], nil),
    ] as [([String], String?)])
  func `a caption that looks like an option or a command gets the sentence that helps`(
    arguments: [String], end: String?
  ) {
    let hint = captionHint(arguments)
    #expect((hint == nil) == (end == nil), "\(arguments): \(hint ?? "none")")
    if let end { #expect(hint?.hasSuffix(end) == true, "\(hint ?? "none")") }
  }

  @Test func `the hint follows what could not be understood, with the status of usage errors`() {
    var messages: [String] = []
    #expect(Dalle.execute(["--night"], complain: { messages.append($0) }) == 64)
    #expect(messages.last?.contains("is read as an option") == true)
    messages = []
    #expect(Dalle.execute(["info"], complain: { messages.append($0) }) == 64)
    #expect(messages.last?.contains("\"info\" is read as a command") == true)
    messages = []
    #expect(
      Dalle.execute(["--candidates", "0", "a star"], complain: { messages.append($0) }) == 64)
    #expect(messages.count == 1)
  }
}
