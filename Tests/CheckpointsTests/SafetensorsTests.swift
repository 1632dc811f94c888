import Checkpoints
import Foundation
import TensorCore
import TestSupport
import Testing

/// A file of all types that Python's safetensors wrote, with the script beside it.
let storedTypes = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "../Reference/stored-types.safetensors").standardized.path

@Suite struct SafetensorsTests {
  @Test func `every type that Python wrote is read`() throws {
    let file = try SafetensorsFile(storedTypes)
    #expect(file.metadata == ["config": "{\"a\": [1, \"é🎨\"]}", "empty": ""])
    for type in ["f16", "bf16"] {
      let got = try file.tensor("x.\(type)").scalars.map(\.bitPattern)
      #expect(try got == file.tensor("x.\(type).as_f32").scalars.map(\.bitPattern))
    }
    let x = try file.tensor("x").scalars
    #expect(
      x[64...].prefix(3).map(\.bitPattern) == [0, 0x8000_0000, Float(1 + 0x1p-11).bitPattern])
    #expect(try file.integers("i64") == IndexTensor(shape: [2, 3], [0, 1, -1, .max, .min, 7]))
    #expect(try file.integers("i32") == IndexTensor([0, -1, .max, .min]))
    #expect(try file.integers("u8") == IndexTensor(shape: [2, 128], Array(0...255)))
    #expect(try file.integers("bool") == IndexTensor([1, 0, 1]))
    #expect(try file.tensor("scalar").item == 2.5)
    #expect(try file.tensor("scalar").shape == [])
    #expect(try file.tensor("empty").shape == [0, 3])
    #expect(try file.tensor("namé \"\\ \n 🎨").scalars == [1, 2])
    #expect(try file.info("x.bf16").type == .bf16)
    #expect(file.names.count == 13)
  }

  @Test func `a tensor that is missing or of another type is refused`() throws {
    let file = try SafetensorsFile(storedTypes)
    func reason(_ body: () throws(CheckpointError) -> Void) -> String {
      do throws(CheckpointError) { try body() } catch {
        if case .mismatch(storedTypes, let reason) = error { return reason }
      }
      return ""
    }
    let wide = reason { () throws(CheckpointError) in _ = try file.integers("i64.wide") }
    #expect(wide == "tensor \"i64.wide\" holds 2147483648, which needs over 32 bits")
    let floats = reason { () throws(CheckpointError) in _ = try file.tensor("u8") }
    #expect(floats == "tensor \"u8\" holds U8, expected floats")
    let whole = reason { () throws(CheckpointError) in _ = try file.integers("x") }
    #expect(whole == "tensor \"x\" holds F32, expected whole numbers")
    let none = reason { () throws(CheckpointError) in _ = try file.tensor("y") }
    #expect(none == "there is no tensor \"y\" in it")
  }

  @Test func `floats are rounded as NumPy rounds them`() throws {
    let folder = try TemporaryFolder()
    let file = try SafetensorsFile(storedTypes)
    let x = try file.tensor("x")
    // What F16 cannot hold is left out: it is refused, see below.
    let small = Tensor(x.scalars.filter { abs($0) <= 65519 || !$0.isFinite })
    #expect(small.count == x.count)
    try writeSafetensors(
      [("f16", .floats(small, as: .f16)), ("bf16", .floats(x, as: .bf16)), ("f32", .floats(x))],
      to: folder.file("x"))
    let copy = try SafetensorsFile(folder.file("x"))
    for (name, wanted) in [("f16", "x.f16.as_f32"), ("bf16", "x.bf16.as_f32"), ("f32", "x")] {
      let got = try copy.tensor(name).scalars.map(\.bitPattern)
      #expect(try got == file.tensor(wanted).scalars.map(\.bitPattern), "\(name)")
    }
  }

  @Test func `a finite number beyond F16 is refused by name`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x")
    #expect(
      throws: CheckpointError.unwritable(
        file: path, reason: "tensor w holds 65520.0, more than F16 can; store it as F32")
    ) { try writeSafetensors([("w", .floats(Tensor([1, 65520]), as: .f16))], to: path) }
    #expect(folder.names == [])
  }

  @Test func `what is written is read again, in any order and type`() throws {
    let folder = try TemporaryFolder()
    let ids = IndexTensor(shape: [3], [1, 0, 1])
    let names = ["\u{0}\u{1F}\"\\/", "é🎨", "", "metadata"]
    try writeSafetensors(
      [
        (names[0], .integers(ids, as: .bool)), (names[1], .integers(ids, as: .u8)),
        (names[2], .floats(Tensor([[1, 2], [3, 4]]))), ("i32", .integers(ids, as: .i32)),
        ("i64", .integers(ids, as: .i64)), ("none", .floats(.zeros([0]))),
        (names[3], .floats(Tensor(7), as: .bf16)),
      ], metadata: ["a": "\n", "é": ""], to: folder.file("x"))
    let file = try SafetensorsFile(folder.file("x"))
    #expect(file.metadata == ["a": "\n", "é": ""])
    #expect(try file.integers(names[0]) == ids)
    #expect(try file.integers(names[1]) == ids)
    #expect(try file.tensor(names[2]).scalars == [1, 2, 3, 4])
    #expect(try file.integers("i32") == ids)
    #expect(try file.integers("i64") == ids)
    #expect(try file.tensor("none").shape == [0])
    #expect(try file.tensor(names[3]).item == 7)
    #expect(try file.tensor(names[3]).shape == [])
  }

  @Test func `the bytes are those of the format`() throws {
    let folder = try TemporaryFolder()
    try writeSafetensors(
      [("b", .integers(IndexTensor([7]), as: .u8)), ("a", .floats(Tensor([1])))],
      metadata: ["z": "1", "y": "2"], to: folder.file("x"))
    // By hand: sorted metadata, wide types first, spaces up to a multiple of eight.
    let header =
      #"{"__metadata__":{"checksum":"CHECKSUM","y":"2","z":"1"},"#
      + #""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
      + #""b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}"#
    let sum = try #require(try SafetensorsFile(folder.file("x")).checksum)
    var full = header.replacing("CHECKSUM", with: sum)
    while full.utf8.count % 8 != 0 { full += " " }
    let wanted = [UInt8(full.utf8.count), 0, 0, 0, 0, 0, 0, 0] + full.utf8
    #expect(try folder.read("x") == wanted + [0, 0, 0x80, 0x3F, 7])
  }

  @Test func `tensors that begin anywhere are read`() throws {
    let folder = try TemporaryFolder()
    let header =
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]},"#
      + #""c":{"dtype":"I64","shape":[1],"data_offsets":[5,13]}}"#
    let data: [UInt8] = [9, 0, 0, 0x80, 0x3F, 5, 0, 0, 0, 0, 0, 0, 0]
    let file = try SafetensorsFile(folder.write(bytes(header, data), to: "x"))
    #expect(try file.tensor("b").item == 1)
    #expect(try file.integers("c").values == [5])
  }
}

/// The bytes of a file with this header and these data.
func bytes(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + header.utf8 + data
}
