import Files
import Testing

@Suite struct PrintableTests {
  @Test func `what controls a terminal is replaced, and long texts are cut`() {
    #expect(
      printable("a\u{1B}]0;x\u{07}b\nc\u{202E}d\u{2028}e")
        == #"a\u{1B}]0;x\u{7}b\nc\u{202E}d\u{2028}e"#)
    #expect(printable("Grüße, 世界 🐈 👩\u{200D}🚀") == "Grüße, 世界 🐈 👩\u{200D}🚀")
    #expect(printable("abcdef", limit: 3) == "abc…")
    #expect(printable("abc", limit: 3) == "abc" && printable("", limit: 0) == "")
  }
}
