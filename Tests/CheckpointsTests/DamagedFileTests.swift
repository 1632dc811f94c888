import Foundation
import TensorCore
import TestSupport
import Testing

@testable import Checkpoints

/// Files with impossible claims.
@Suite struct DamagedFileTests {
  private static func tensor(_ name: String, _ shape: String, _ offsets: String) -> String {
    "\"\(name)\":{\"dtype\":\"U8\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  /// Headers before 8 bytes of data, and a part of the sentence they are refused with.
  static let damages: [(header: String, sentence: String)] = [
    ("{}", "the tensors end at byte 0, the data at byte 8"),
    ("{\(tensor("a", "[7]", "[0,7]"))}", "the tensors end at byte 7, the data at byte 8"),
    ("{\(tensor("a", "[9]", "[0,9]"))}", "it is incomplete: its tensors take 9 bytes, 8 are there"),
    ("{\(tensor("a", "[1]", "[9,8]"))}", "has data_offsets [9, 8], expected [begin, end]"),
    ("{\(tensor("a", "[1]", "[0]"))}", "has data_offsets [0], expected [begin, end]"),
    ("{\(tensor("a", "[8]", "[0,8,9]"))}", "a data_offsets has more than 2 numbers"),
    ("{\(tensor("a", "[8]", "[-1,8]"))}", "a negative number at byte 47"),
    ("{\(tensor("a", "[-8]", "[0,8]"))}", "a negative number at byte 28"),
    ("{\(tensor("a", "[7]", "[0,8]"))}", "of shape [7] takes 7 bytes as U8"),
    (
      "{\(tensor("a", "[9223372036854775807]", "[0,9223372036854775807]"))}",
      "its tensors take 9223372036854775807 bytes, 8 are there"
    ),
    ("{\(tensor("a", "[8]", "[0,9223372036854775808]"))}", "a number above 2⁶³"),
    ("{\(tensor("a", "[99999999999999999999]", "[0,8]"))}", "a number above 2⁶³"),
    (
      "{\(tensor("a", "[4294967296,4294967296]", "[0,8]"))}",
      "has the impossible shape [4294967296, 4294967296]"
    ),
    (
      "{\(tensor("a", "[0,4294967296,4294967296]", "[0,0]"))}",
      "has the impossible shape [0, 4294967296, 4294967296]"
    ),
    (
      "{\(tensor("a", "[\(Array(repeating: "1", count: 17).joined(separator: ","))]", "[0,8]"))}",
      "a shape has more than 16 numbers"
    ),
    ("{\(tensor("a", "[8.0]", "[0,8]"))}", "expected ] at byte 29 of the header, found \".\""),
    ("{\(tensor("a", "[8e0]", "[0,8]"))}", "expected ]"),
    ("{\(tensor("a", "[08]", "[0,8]"))}", "expected a whole number"),
    ("{\(tensor("a", "8", "[0,8]"))}", "expected ["),
    (
      "{\(tensor("a", "[5]", "[0,5]")),\(tensor("b", "[5]", "[3,8]"))}",
      "tensor \"b\" overlaps another at byte 3"
    ),
    (
      "{\(tensor("a", "[8]", "[0,8]")),\(tensor("b", "[0]", "[4,4]"))}",
      "tensor \"b\" overlaps another at byte 4"
    ),
    (
      "{\(tensor("a", "[2]", "[0,2]")),\(tensor("b", "[5]", "[3,8]"))}",
      "no tensor covers bytes 2 to 3"
    ),
    ("{\(tensor("a", "[7]", "[1,8]"))}", "no tensor covers bytes 0 to 1"),
    (
      "{\(tensor("a", "[4]", "[0,4]")),\(tensor("a", "[4]", "[4,8]"))}",
      "the tensor \"a\" appears twice"
    ),
    (#"{"__metadata__":{},"__metadata__":{}}"#, "__metadata__ appears twice"),
    (#"{"__metadata__":{"a":"1","a":"2"}}"#, "the metadata key \"a\" appears twice"),
    (#"{"a":{"dtype":"U8","shape":[8]}}"#, "lacks its dtype, shape or data_offsets"),
    (#"{"a":{"dtype":"U8","dtype":"U8"}}"#, "has two entries \"dtype\""),
    (#"{"a":{"dtype":"U8","x":1}}"#, "has an unknown entry \"x\""),
    ("[]", "the header is not a JSON object"),
    (" {}", "the header is not a JSON object"),
    ("{", "expected \" at byte 1 of the header, found nothing"),
    ("{\"a", "a text does not end"),
    ("{\"a\\", "a text does not end"),
    ("{\"\\x\"", "expected an escape at byte 3"),
    ("{\"\\u12g4\"", "expected a hexadecimal digit at byte 6"),
    ("{\"\\ud800\"", "half of a character"),
    ("{\"\\ud800\\u0041\"", "half of a character"),
    ("{\"\\udc00\"", "half of a character"),
    ("{\"a\nb\"", "expected a text without control characters"),
    ("{\"a\" 1", "expected :"),
    ("{\(tensor("a", "[8]", "[0,8]"))}x", "expected the end of the header"),
    ("{\(tensor("a", "[8]", "[0,8]")),}", "expected \""),
    (
      "{\(tensor("a", String(repeating: "[", count: 100_000), "[0,8]"))}", "expected a whole number"
    ),
    (String(repeating: "{\"a\":", count: 100_000), "has an unknown entry \"a\""),
  ]

  @Test(arguments: damages)
  func `impossible headers are refused with a sentence`(
    _ damage: (header: String, sentence: String)
  )
    throws
  {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      bytes(damage.header, Array(repeating: 0, count: 8)), to: "x.safetensors")
    let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(path) }
    guard case .damaged(path, let reason) = error else {
      Issue.record("expected damage, got \(String(describing: error))")
      return
    }
    #expect(reason.contains(damage.sentence), "got: \(reason)")
    #expect(!reason.contains("\n") && reason.count < 300)
  }

  /// Getting such a file again would not help, so the sentence does not advise it.
  @Test(arguments: [
    (#"{"__metadata__":{"a":1}}"#, #"its metadata entry "a" is a number"#),
    (#"{"__metadata__":{"a":null}}"#, #"its metadata entry "a" is null"#),
    (#"{"__metadata__":{"a":{"b":"c"}}}"#, #"its metadata entry "a" is an object"#),
    (#"{"__metadata__":null}"#, "its __metadata__ is null"),
    (#"{"a":7}"#, #"its entry "a" is a number"#),
    (#"{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,8]}}"#, #"has the type "F4""#),
  ]) func `what the format forbids, but is whole, is named`(_ strange: (String, String)) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes(strange.0, Array(repeating: 0, count: 8)), to: "x")
    let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(path) }
    #expect("\(error!)".contains(strange.1) && !"\(error!)".contains("get or make"), "\(error!)")
  }

  @Test(arguments: [
    ("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "is a Git LFS pointer"),
    ("<!DOCTYPE html>\n<html>", "is a web page"), ("  <html>\n<body>", "is a web page"),
    ("", "is empty"),
    ("PK\u{3}\u{4}abcdefgh", "is a ZIP archive"), ("GGUF12345678", "is a GGUF file"),
    (#"{"error":"Repository not found"}"#, "is a JSON text, perhaps a server's message"),
    ("{\n  \"a\": {}}", "is a JSON text"),
    (String(repeating: "\0", count: 300), "holds nothing but zeros; get the file again"),
  ]) func `another kind of file is called by its name`(_ strange: (String, String)) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array(strange.0.utf8), to: "x")
    let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(path) }
    #expect("\(error!)".hasPrefix("\(path): \(strange.1)"), "\(error!)")
  }

  @Test func `one flipped bit of a file of ours is found, wherever it is`() throws {
    let folder = try TemporaryFolder()
    try writeSafetensors(
      [("w", .floats(Tensor([1, 2, 3]))), ("i", .integers(IndexTensor([7, 8]), as: .u8))],
      metadata: ["note": "abc"], to: folder.file("good"))
    let good = try folder.read("good")
    #expect(try SafetensorsFile(folder.file("good")).checksum?.hasPrefix("xxh64:") == true)
    for place in good.indices {
      for bit in 0..<8 {
        var bad = good
        bad[place] ^= 1 << UInt8(bit)
        let path = try folder.write(bad, to: "bad")
        // White space may change, and "checksum" may become another entry; numbers may not.
        guard let file = try? SafetensorsFile(path) else { continue }
        #expect(place < 8 + Int(good[0]) + Int(good[1]) << 8, "byte \(place), bit \(bit)")
        #expect(try file.tensor("w").scalars == [1, 2, 3], "byte \(place), bit \(bit)")
      }
    }
  }

  @Test func `the checksum is that of xxHash's own program`() {
    // xxhsum 0.8: the empty text has 0xEF46DB3751D8E999, which we do not need.
    let texts: [(String, UInt64)] = [
      ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ]
    for (text, hash) in texts {
      #expect(Array(text.utf8).withUnsafeBytes { xxHash64($0) } == hash, "\(text)")
    }
  }

  @Test func `white space between the parts and every escape are fine`() throws {
    let folder = try TemporaryFolder()
    let header =
      "{ \"\\u0041\\ud83c\\udfa8\\n\\t\\/\\\"\\\\\\b\\f\\r\" :\t{\"data_offsets\" : [ 0 , 8 ],\n"
      + "\"shape\":[ 2,4 ] , \"dtype\":\"U8\" } }  \n"
    let file = try SafetensorsFile(
      folder.write(bytes(header, [1, 2, 3, 4, 5, 6, 7, 8]), to: "x"))
    #expect(file.names == ["A🎨\n\t/\"\\\u{8}\u{C}\r"])
    #expect(try file.integers(file.names[0]).values == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func `text that is not UTF-8 is refused`() throws {
    let folder = try TemporaryFolder()
    var file = bytes("{\"?\":")
    file[10] = 0xFF
    let path = try folder.write(file, to: "x")
    #expect(
      throws: CheckpointError.damaged(file: path, reason: "a text before byte 4 is not UTF-8")
    ) { try SafetensorsFile(path) }
  }

  @Test func `a file cut off anywhere is refused`() throws {
    let folder = try TemporaryFolder()
    let whole = try Array(Data(contentsOf: URL(filePath: storedTypes)))
    let path = try folder.write(whole, to: "x")
    for count in (1..<whole.count).reversed() {
      truncate(path, off_t(count))
      let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(path) }
      guard case .damaged(path, _) = error else {
        Issue.record("\(count) bytes: \(String(describing: error))")
        return
      }
    }
  }

  @Test func `a header longer than the file or the limit is refused`() throws {
    let folder = try TemporaryFolder()
    let huge = try folder.write([UInt8](repeating: 0xFF, count: 16), to: "huge")
    #expect(
      throws: CheckpointError.damaged(
        file: huge, reason: "its header claims 18446744073709551615 bytes, 8 are there")
    ) { try SafetensorsFile(huge) }

    // A file with holes: large, but with nothing on the disk.
    let long = try folder.write(bytes("{}"), to: "long")
    truncate(long, 200_000_000)
    let file = try FileHandle(forWritingTo: URL(filePath: long))
    try file.write(contentsOf: withUnsafeBytes(of: UInt64(100_000_001).littleEndian, Array.init))
    #expect(
      throws: CheckpointError.damaged(
        file: long, reason: "its header has 100000001 bytes, the limit is 100000000")
    ) { try SafetensorsFile(long) }
  }

  @Test func `paths that are no files are refused`() throws {
    let folder = try TemporaryFolder()
    let missing = folder.file("missing")
    #expect(
      throws: CheckpointError.unreadable(file: missing, reason: "No such file or directory")
    ) { try SafetensorsFile(missing) }
    let empty = #expect(throws: CheckpointError.self) { try SafetensorsFile("") }
    #expect("\(empty!)".hasPrefix("the file: cannot be read (it has no name)"))
    let pipe = folder.file("pipe")
    mkfifo(pipe, 0o600)
    for path in [folder.path, pipe] {
      #expect(
        throws: CheckpointError.unreadable(
          file: path, reason: "it is not a file but a folder or a device")
      ) { try SafetensorsFile(path) }
    }
  }

  @Test func `names from a file cannot play tricks in a message`() throws {
    let folder = try TemporaryFolder()
    let name = "\\u001b[31m\\nx\\u202e" + String(repeating: "y", count: 200)
    let path = try folder.write(bytes("{\"\(name)\":{\"x\":"), to: "x")
    let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(path) }
    let text = try #require(error).description
    #expect(text.contains(#"\u{1B}[31m\nx\u{202E}yyy"#) && text.contains("y…\""))
    #expect(text.count < 300)
  }
}
