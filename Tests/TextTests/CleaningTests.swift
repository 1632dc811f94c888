import Foundation
import TensorCore
import Testing

@testable import Text

@Suite struct CleaningTests {
  /// ftfy 6.3.1's `fix_text`, then Python's `html.unescape` twice, white space collapsed, `lower`.
  static let repaired = [
    ("ｶﾞｿﾘﾝ", "ガソリン"),
    ("￥100 ￦ ￣", "¥100 ₩ \u{304}"),
    ("ﾡﾢ", "ᄀᄁ"),
    ("\u{1B}[31mred\u{1B}[0m star", "red star"),
    ("\u{1B}[1;3 star \u{1B}[ 2m", "[1;3 star [ 2m"),
    ("ĳsje ŉ Ǆ ǳ ﬅ ﬆ ﬃ", "ijsje 'n dž dz ſt st ffi"),
    ("Ｂｉｇ\u{3000}ＲＥＤ！", "big red!"),
    ("‘it’s’ “big”", "'it's' \"big\""),
    ("a\u{D}\u{A}b\u{2028}c\u{B}d", "a b cd"),
    ("red\u{85} \u{93}star\u{94} \u{81}", "red… \"star\" \u{81}"),
    ("\u{FEFF}a\u{206A}b\u{FFFC}c\u{FFF9}", "abc"),
    ("a\u{200B}\u{200E}👩\u{200D}🚀", "a\u{200B}\u{200E}👩\u{200D}🚀"),
    ("e\u{301} Å K", "é å k"),
    ("&EACUTE; &SZLIG; &HEARTS; &nTILDE;", "é ss ♥ &ntilde;"),
    ("&#150;&#x80;&#129;", "–€\u{81}"),
    ("&amp;amp;amp;", "&"),
    ("&eacute&copyright &notit", "é©right ¬it"),
    ("&lt;b&gt; R&amp;D", "<b> r&d"),
    ("< &#8220;x&#8221; &EACUTE;", "< “x” &eacute;"),
    ("&#x1b;[31m &#27;", "[31m"),
    ("&#59;&#xD800;&#1114112;&#0;", ";\u{FFFD}\u{FFFD}\u{FFFD}"),
    ("&alefsym;&lang;&diams;&fnof;&thetasym;", "ℵ⟨♦ƒϑ"),
    ("&#xfffe;&#xfdd0;&#11;a", "a"),
    ("ﾊﾟ\u{3000}ﾋﾟ", "パ ピ"),
    ("İ ẞ", "i\u{307} ß"),
    ("&Ntilde&ntilde;&NTILDE", "ññ&ntilde"),
    ("\u{202E}a\u{2066}b", "\u{202E}a\u{2066}b"),
    ("&&amp;&;&#;&#x;", "&&&;&#;&#x;"),
    ("&#38;lt;", "<"),
    ("𝒥 ① ™", "𝒥 ① ™"),
  ]

  @Test(arguments: repaired)
  func `captions are repaired as by ftfy`(text: String, expected: String) {
    #expect(bytes(cleaned(text)) == bytes(expected), "\(cleaned(text).debugDescription)")
  }

  @Test(arguments: [
    ("Ã© &check; &ampx; &copyright;", "ã© &check; &ampx; &copyright;"), ("ΟΔΟΣ", "οδοσ"),
  ])
  func `what is left out on purpose stays as it is`(text: String, expected: String) {
    #expect(bytes(cleaned(text)) == bytes(expected))
  }

  @Test func `all names of HTML 4 are known, and those that need no semicolon`() {
    let names = [
      ("&clubs;", "♣"), ("&Omega;", "ω"), ("&rang;", "⟩"), ("&yuml;", "ÿ"), ("&REG", "®"),
    ]
    for (name, character) in names { #expect(cleaned(name) == character) }
    #expect(entities.count == 252 + 1 + 6)  // and &apos;, and six in capitals
    #expect(namesWithoutSemicolon.count == 106)
    #expect(namesWithoutSemicolon.allSatisfy { entities[$0] != nil })
  }

  @Test func `a text of gaps, escapes and ampersands is cleaned in time in proportion to it`() {
    for part in ["&", "amp;", "\u{1B}[", "&amp;", "&#", " \u{B}", "&#38;#38;", "1;"] {
      let text = "\u{1B}[&" + String(repeating: part, count: 5_000)
      let time = ContinuousClock().measure { _ = cleaned(text) }
      #expect(time < .seconds(4), "\(part)")
    }
  }

  @Test func `any text becomes one line in lower case without what controls a terminal`() {
    var random = Random(seed: 21)
    for _ in 0..<5_000 {
      let text = cleaned(randomText(&random))
      #expect(text == text.lowercased())
      #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
    }
  }
}
