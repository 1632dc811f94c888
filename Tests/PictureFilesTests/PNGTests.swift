import Files
import Foundation
import Images
import PictureFiles
import TensorCore
import TestSupport
import Testing

@Suite struct PNGTests {
  @Test(arguments: PNGKind.all)
  func `every kind of PNG becomes its samples at 16 bits`(kind: PNGKind) throws {
    for (width, height) in [(1, 1), (3, 2), (13, 9)] {
      let picture = KnownPicture(kind, width, height)
      let samples = try PNGSamples(data: picture.file.bytes, name: "\(kind)")
      #expect(samples.width == width && samples.height == height)
      #expect(samples.values == picture.expected)
    }
  }

  @Test func `pictures survive writing and reading`() throws {
    let folder = try TemporaryFolder()
    for (width, height) in [(1, 1), (1, 300), (65536, 1), (64, 64)] {
      let path = folder.file("\(width)x\(height).png")
      let smooth = Image(
        width: width, height: height,
        pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 / 5) })
      try smooth.writePNG(to: path)
      #expect(try Image(contentsOf: path) == smooth)
      let noise = randomImage(width, height, seed: 1)
      try noise.writePNG(to: path)  // takes the place of the first
      #expect(try Image(contentsOf: path) == noise)
    }
    #expect(folder.names.count == 4)
  }

  @Test func `the size alone is read from the header`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.png")
    try randomImage(7, 300, seed: 1).writePNG(to: path)
    #expect(try Image.storedSize(of: RawPath(path)) == (7, 300))
    // Nothing after the header is read, but without it there is no size.
    let bytes = try Data(contentsOf: URL(filePath: path))
    try bytes.prefix(33).write(to: URL(filePath: path))
    #expect(try Image.storedSize(of: RawPath(path)) == (7, 300))
    try bytes.prefix(32).write(to: URL(filePath: path))
    #expect(throws: PictureError.self) { try Image.storedSize(of: RawPath(path)) }
    #expect(throws: PictureError.self) {
      try Image.storedSize(of: RawPath(folder.file("nothing.png")))
    }
  }

  @Test func `the same picture gives the same file`() {
    #expect(randomImage(9, 8, seed: 2).pngData() == randomImage(9, 8, seed: 2).pngData())
  }

  @Test func `16 bits are rounded to 8 as libpng rounds them`() throws {
    let kind = PNGKind(colorType: 0, bits: 16)
    let file = PNGFile(kind, width: 256, height: 256, samples: Array(0...65535))
    let image = try Image(data: file.bytes, name: "all values")
    // png_set_scale_16's formula, which libpng's comments prove to be exact
    let expected = (0...65535).flatMap { v in
      [UInt8](repeating: UInt8((v * 255 + 32895) >> 16), count: 3)
    }
    #expect(image.pixels == expected)
  }

  @Test func `alpha mixes with the background or is dropped`() throws {
    let file = PNGFile(
      PNGKind(colorType: 6, bits: 8), width: 3, height: 1,
      samples: [200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 51])
    func pixels(_ rule: AlphaRule) throws -> [UInt8] {
      try Image(data: file.bytes, name: "alpha", alpha: rule).pixels
    }
    #expect(try pixels(.drop) == [200, 100, 0, 200, 100, 0, 200, 100, 0])
    // one fifth of (200, 100, 0): (40, 20, 0) and four fifths of the background
    #expect(try pixels(.overBlack) == [200, 100, 0, 0, 0, 0, 40, 20, 0])
    #expect(try pixels(.overWhite) == [200, 100, 0, 255, 255, 255, 244, 224, 204])
    #expect(try pixels(.over(10, 20, 30)) == [200, 100, 0, 10, 20, 30, 48, 36, 24])
  }

  @Test func `gamma, profiles and text change nothing`() throws {
    let picture = KnownPicture(PNGKind(colorType: 2, bits: 8), 5, 4)
    var file = picture.file
    file.chunks.insert(
      contentsOf: [
        .init("gAMA", bigEndian(100_000, 4)),
        .init("iCCP", Array("x\0\0not a profile".utf8)),
        .init("sBIT", [3, 3, 3]),
        .init("zTXt", Array("Comment\0\0not a stream".utf8)),
        .init("teSt", [UInt8](repeating: 7, count: 3_000_000)),
      ], at: 1)
    let samples = try PNGSamples(data: file.bytes, name: "chunks")
    #expect(samples.values == picture.expected)
  }

  @Test(arguments: ["tEXt", "pHYs", "tIME", "iCCP", "gAMA", "cHRM", "sRGB", "bKGD", "eXIf", "zzZz"])
  func `a wrong checksum in a chunk that no pixel depends on changes nothing`(type: String) throws {
    let picture = KnownPicture(PNGKind(colorType: 2, bits: 8), 5, 4)
    for place in [1, 2] {  // before the pixels, and after them
      var bytes = PNGFile.signature
      for (i, chunk) in picture.file.chunks.enumerated() {
        if i == place {
          var chunk = PNGFile.Chunk(type, [1, 2, 3, 4, 5, 6, 7]).bytes
          chunk[chunk.count - 1] ^= 1
          bytes += chunk
        }
        bytes += chunk.bytes
      }
      #expect(try PNGSamples(data: bytes, name: type).values == picture.expected)
      #expect(try Image(data: bytes, name: type).width == 5)
    }
  }

  @Test(arguments: PNGKind.all.filter { !$0.transparency })
  func `a file cut anywhere is an error`(kind: PNGKind) {
    let bytes = KnownPicture(kind, 5, 4).file.bytes
    for length in 0..<bytes.count - 12 {  // before IEND
      #expect(throws: PictureError.self) {
        try PNGSamples(data: Array(bytes[..<length]), name: "cut at \(length)")
      }
    }
  }

  @Test(arguments: PNGKind.all)
  func `a file that lacks only its end marker, or a part of it, is whole`(kind: PNGKind) throws {
    let whole = KnownPicture(kind, 5, 4).file.bytes
    let samples = try PNGSamples(data: whole, name: "whole.png")
    for missing in 1...12 {
      let cut = Array(whole.dropLast(missing))
      #expect(try PNGSamples(data: cut, name: "cut.png") == samples, "\(missing)")
      // A wrong bit in the checksum of the pixels stays an error.
      var wrong = cut
      wrong[whole.count - 13] ^= 1
      #expect(throws: PictureError.self) { try PNGSamples(data: wrong, name: "wrong.png") }
    }
    #expect(throws: PictureError.self) {
      try PNGSamples(data: Array(whole.dropLast(13)), name: "cut.png")
    }
  }

  @Test func `pictures that went through a text, and Apple's, are named`() throws {
    let whole = Image(width: 9, height: 8).pngData()
    let crlf = whole.flatMap { $0 == 10 ? [13, 10] : [$0] }
    let lf = Array(String(decoding: whole, as: UTF8.self).utf8)  // U+FFFD for what is no text
    var unix: [UInt8] = []
    for byte in whole {
      if byte == 10 && unix.last == 13 { unix.removeLast() }
      unix.append(byte)
    }
    for bytes in [crlf, lf, unix] {
      let error = #expect(throws: PictureError.self) { try Image(data: bytes, name: "a.png") }
      #expect(error?.description.contains("spoilt when it was transferred as text") == true)
    }
    let apple = whole[..<8] + PNGFile.Chunk("CgBI", [0x50, 0, 0x20, 2]).bytes + whole[8...]
    let error = #expect(throws: PictureError.self) { try Image(data: Array(apple), name: "a.png") }
    #expect(error?.description.contains("(CgBI), which is not read; convert it") == true)
  }

  @Test func `any single wrong bit is an error, in the chunks that pixels depend on`() {
    let bytes = KnownPicture(PNGKind(colorType: 3, bits: 4, transparency: true), 5, 4).file.bytes
    // A wrong bit in the name of tRNS makes it another chunk, one of those that do not matter.
    let name = bytes.firstRange(of: Array("tRNS".utf8))!
    // So does one in that of IEND, after which the file lacks only its end.
    let end = 8 * (bytes.count - 8) + 5
    for bit in 0..<bytes.count * 8 where !name.contains(bit / 8) && bit != end {
      var wrong = bytes
      wrong[bit / 8] ^= 1 << (bit % 8)
      #expect(throws: PictureError.self) { try PNGSamples(data: wrong, name: "bit \(bit)") }
    }
  }

  @Test func `headers that claim too much are refused with a sentence`() throws {
    func message(_ width: Int, _ height: Int) -> String? {
      var file = KnownPicture(PNGKind(colorType: 2, bits: 8), 2, 2).file
      file.chunks[0].data.replaceSubrange(0..<8, with: bigEndian(width, 4) + bigEndian(height, 4))
      do {
        _ = try PNGSamples(data: file.bytes, name: "cat.png")
        return nil
      } catch { return error.description }
    }
    let limit =
      "more than the limit of 65536 a side and 67108864 in all; make the picture smaller first"
    for (width, height) in [(65537, 1), (1, 65537), (8193, 8192), (4_294_967_295, 2_147_483_647)] {
      let claim = "cat.png: the header claims \(width)×\(height) pixels, "
      #expect(message(width, height) == claim + limit)
    }
    let size = KnownPicture(PNGKind(colorType: 2, bits: 8), 2, 2).file.bytes.count
    #expect(
      message(8192, 8192)
        == "cat.png: the header claims 8192×8192 pixels, more than the \(size) bytes of the file "
        + "can hold; the file is damaged, get it again")
    #expect(
      message(0, 8)
        == "cat.png: the PNG is damaged (the header claims 0×8 pixels); get the file again")
    #expect(message(2, 2) == nil)
  }

  @Test func `what is not a PNG file is named`() throws {
    let folder = try TemporaryFolder()
    func failure(_ path: String) -> PictureError? {
      do {
        _ = try Image(contentsOf: path)
        return nil
      } catch { return error }
    }
    let missing = folder.file("missing.png")
    #expect(failure(missing) == .unreadable(file: missing, reason: "No such file or directory"))
    let text = folder.file("text.png")
    try Data("not a picture".utf8).write(to: URL(filePath: text))
    #expect(
      failure(text)
        == .notPicture(
          file: text, reason: "is a text file, not a PNG or JPEG picture; get the file again"))
    let folderPath = folder.file("folder")
    try FileManager.default.createDirectory(atPath: folderPath, withIntermediateDirectories: true)
    #expect(
      failure(folderPath) == .unreadable(file: folderPath, reason: "it is not an ordinary file"))
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(failure(pipe) == .unreadable(file: pipe, reason: "it is not an ordinary file"))
  }

  @Test func `a failed write leaves no files`() throws {
    let folder = try TemporaryFolder()
    let image = randomImage(4, 4, seed: 3)
    let nowhere = folder.file("missing/a.png")
    #expect(throws: PictureError.unwritable(file: nowhere, reason: "No such file or directory")) {
      try image.writePNG(to: nowhere)
    }
    let taken = folder.file("taken")
    try FileManager.default.createDirectory(atPath: taken, withIntermediateDirectories: true)
    #expect(throws: PictureError.self) { try image.writePNG(to: taken) }
    #expect(folder.names == ["taken"])
  }
}

/// A PNG of random samples, and what it must decode to.
struct KnownPicture {
  let file: PNGFile
  /// [height, width, 4]
  let expected: [UInt16]

  init(_ kind: PNGKind, _ width: Int, _ height: Int) {
    var random = Random(seed: 7).split("\(kind) \(width)×\(height)")
    let range = 1 << kind.bits
    let samples = (0..<width * height * kind.channels).map { _ in random.integer(below: range) }
    func stretched(_ value: Int, _ range: Int) -> UInt16 { UInt16(value * 65535 / (range - 1)) }

    var palette: [UInt8] = []
    var tRNS: [UInt8] = []
    if kind.colorType == 3 {
      palette = (0..<range * 3).map { _ in UInt8(random.integer(below: 256)) }
      if kind.transparency {  // entries without an alpha are opaque
        tRNS = (0..<range / 2).map { _ in UInt8(random.integer(below: 256)) }
      }
    } else if kind.transparency {  // the first pixel's colour
      tRNS = samples[..<kind.channels].flatMap { bigEndian($0, 2) }
    }

    var expected: [UInt16] = []
    for start in stride(from: 0, to: samples.count, by: kind.channels) {
      let pixel = samples[start..<start + kind.channels].map { $0 }
      let values = pixel.map { stretched($0, range) }
      let alpha: UInt16 =
        kind.transparency && pixel == Array(samples[..<kind.channels]) ? 0 : 65535
      switch kind.colorType {
      case 0: expected += [values[0], values[0], values[0], alpha]
      case 2: expected += values + [alpha]
      case 3:
        let entry = pixel[0]
        expected += palette[entry * 3..<entry * 3 + 3].map { stretched(Int($0), 256) }
        expected.append(entry < tRNS.count ? stretched(Int(tRNS[entry]), 256) : 65535)
      case 4: expected += [values[0], values[0], values[0], values[1]]
      default: expected += values
      }
    }
    self.expected = expected
    file = PNGFile(
      kind, width: width, height: height, samples: samples, palette: palette, tRNS: tRNS)
  }
}

func randomImage(_ width: Int, _ height: Int, seed: UInt64) -> Image {
  var random = Random(seed: seed)
  let pixels = (0..<width * height * 3).map { _ in UInt8(random.integer(below: 256)) }
  return Image(width: width, height: height, pixels: pixels)
}
