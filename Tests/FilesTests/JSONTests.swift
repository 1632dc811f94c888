import Files
import Foundation
import Testing

@Suite struct JSONTests {
  @Test func `pretty JSON is the same text for equal values, keys in order`() throws {
    let text = String(decoding: try prettyJSON(["b": "x/y", "a": "é"]), as: UTF8.self)
    #expect(text == "{\n  \"a\" : \"é\",\n  \"b\" : \"x/y\"\n}")
  }

  @Test func `sorted JSON has one line`() throws {
    let text = String(decoding: try JSONEncoder.sorted.encode(["b": 2, "a": 1]), as: UTF8.self)
    #expect(text == "{\"a\":1,\"b\":2}")
  }

  @Test func `what JSON cannot hold is an error`() {
    #expect(throws: EncodingError.self) { try prettyJSON([Double.infinity]) }
  }
}
