/// Many short texts in two arrays: their UTF-8 bytes one after the other, and the end of each text.
/// A quarter of a million captions take about 17 MB; as an array of strings, twice that.
struct PackedStrings: RandomAccessCollection, Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    ends.append(bytes.count)
  }

  var startIndex: Int { 0 }
  var endIndex: Int { ends.count }

  subscript(index: Int) -> String {
    let start = index == 0 ? 0 : ends[index - 1]
    return String(decoding: bytes[start..<ends[index]], as: UTF8.self)
  }

  /// The number of bytes in use, those reserved for growth included.
  var memory: Int { bytes.capacity + ends.capacity * MemoryLayout<Int>.stride }
}
