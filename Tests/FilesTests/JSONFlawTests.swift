import Files
import Foundation
import Testing

@Suite struct JSONFlawTests {
  private struct Document: Decodable {
    var count: Int
    var kinds: [Kind]
    var on: Bool?
    var share: Float?

    enum Kind: String, Decodable { case x }
  }

  /// What Foundation's decoder finds, in words of our own.
  @Test(arguments: [
    ("", "it is not valid JSON, perhaps cut off"),
    (#"{"count": 1, "kinds": ["#, "it is not valid JSON, perhaps cut off"),
    ("IQ== 0\nIg== 1", "it is not JSON: it begins with \"IQ== 0\\nIg== 1\""),
    (#"{"kinds": []}"#, "there is no \"count\""),
    (#"{"count": "1", "kinds": []}"#, "expected a whole number at \"count\""),
    (#"{"count": null, "kinds": []}"#, "expected a whole number at \"count\""),
    (#"{"count": 1.5, "kinds": []}"#, "one of its numbers is not whole, or too large"),
    (#"{"count": 1e99, "kinds": []}"#, "one of its numbers is not whole, or too large"),
    (#"{"count": 1, "kinds": 2}"#, "expected a list at \"kinds\""),
    (#"{"count": 1, "kinds": ["x", 3]}"#, "expected a text at \"kinds[1]\""),
    (
      #"{"count": 1, "kinds": ["x", "\u001b[2J"]}"#,
      "the text at \"kinds[1]\" is none of those known"
    ),
    (#"{"count": 1, "kinds": [], "on": 3}"#, "expected true or false at \"on\""),
    (#"{"count": 1, "kinds": [], "share": []}"#, "expected a number at \"share\""),
    ("[]", "expected an object"),
  ])
  func `flaws are told in words for people`(json: String, words: String) {
    let data = Data(json.utf8)
    #expect {
      _ = try JSONDecoder().decode(Document.self, from: data)
    } throws: { error in
      #expect(jsonFlaw(error, in: data) == words)
      return true
    }
  }

  @Test func `encodings are told apart`() {
    #expect(encodingFlaw(of: Array("grün".utf8)) == nil && encodingFlaw(of: []) == nil)
    #expect(encodingFlaw(of: [0x67, 0x72, 0xFC, 0x6E])?.contains("Latin-1") == true)
    for utf16: [UInt8] in [
      [0xFF, 0xFE, 0x7B, 0], [0xFE, 0xFF, 0, 0x7B], [0x7B, 0, 0x7D, 0], [0, 0x7B],
    ] {
      #expect(encodingFlaw(of: utf16)?.contains("UTF-16") == true)
    }
    for zeros: [UInt8] in [[0], [0, 0, 0], [0, 0, 0, 0], [0x7B, 0, 0, 0x7D]] {
      #expect(encodingFlaw(of: zeros) == "it holds bytes of 0, not text; get it again")
    }
  }
}
