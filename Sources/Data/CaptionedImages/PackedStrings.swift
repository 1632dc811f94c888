/// Many short texts in two arrays: their bytes one after the other, and the end of each text.
/// A quarter of a million captions take about 17 MB; as an array of strings, twice that.
struct PackedStrings: RandomAccessCollection, Equatable, Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  mutating func append(_ text: String) { append(bytes: text.utf8) }

  /// Appends bytes that need not be UTF-8.
  mutating func append(bytes text: some Sequence<UInt8>) {
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
  }

  var startIndex: Int { 0 }
  var endIndex: Int { ends.count }

  subscript(index: Int) -> String { String(decoding: bytes(at: index), as: UTF8.self) }

  /// The bytes of text number `index`.
  func bytes(at index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  /// The number of bytes in use, those reserved for growth included.
  var memory: Int { bytes.capacity + ends.capacity * MemoryLayout<Int>.stride }
}
