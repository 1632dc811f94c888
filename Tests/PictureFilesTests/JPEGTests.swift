import CJPEGWriting
import Files
import Foundation
import Images
import PictureFiles
import TensorCore
import TestSupport
import Testing

@Suite struct JPEGTests {
  /// The files of jpegs.safetensors: Pillow's decoder is libjpeg-turbo too, so the values are equal
  /// but for the rounding of other versions.
  @Test(.enabled(if: hasReference)) func `every kind of JPEG has the reference's values`() throws {
    let file = try ReferenceFile("jpegs")
    for name in file.names {
      let (shape, want) = try file.integers(name)
      let path = name.hasSuffix(".png") ? name : "\(name).jpg"
      let image = try Image(contentsOf: referenceFolder.appending(path: "jpegs/\(path)").path)
      #expect([image.height, image.width, 3] == shape, "\(name)")
      let worst = zip(image.pixels, want).map { abs(Int($0) - $1) }.max()
      #expect(try #require(worst) <= 1, "\(name)")
    }
  }

  @Test(.enabled(if: hasReference)) func `orientations turn the picture`() throws {
    func picture(_ n: Int) throws -> Image {
      try Image(contentsOf: referenceFolder.appending(path: "jpegs/orientation\(n).jpg").path)
    }
    let upright = try picture(1)
    #expect(try picture(2) == upright.flippedHorizontally())
    #expect(try picture(3).flippedHorizontally() == picture(4))
    for n in 5...8 { #expect(try picture(n).width == upright.height) }
    // Turned right: the first column, from below, is the first row.
    #expect(try picture(6)[0, 0] == upright[0, 20])
    #expect(try picture(8)[0, 0] == upright[28, 0])
    let path = RawPath(referenceFolder.appending(path: "jpegs/orientation6.jpg").path)
    #expect(try Image.storedSize(of: path) == (29, 21))
  }

  @Test func `CMYK and YCCK are read as Adobe stores them`() throws {
    // Inverted: 255 is no ink. Of one colour, so that compression changes little.
    let ink: [UInt8] = [200, 100, 50, 128]
    let samples = (0..<256).flatMap { _ in ink }
    for kind in [JPEGWRITING_CMYK, JPEGWRITING_YCCK] {
      let image = try Image(data: jpeg(samples, 16, 16, kind, quality: 100), name: "ink")
      let (r, g, b) = image[7, 7]
      for (value, channel) in zip([r, g, b], ink) {
        #expect(abs(Int(value) - Int(channel) * 128 / 255) <= 2)
      }
    }
  }

  @Test func `kinds that are not read are named`() throws {
    let bytes = jpeg(noise(16, 16), 16, 16)
    func reason(_ change: (inout [UInt8]) -> Void) -> String? {
      var bytes = bytes
      change(&bytes)
      do {
        _ = try Image(data: bytes, name: "a.jpg")
        return nil
      } catch { return error.description }
    }
    let frame = try #require(bytes.firstRange(of: [0xFF, 0xC0])).lowerBound
    let rest = ", which is not read; save it as PNG or as an ordinary JPEG"
    #expect(reason { $0[frame + 4] = 12 } == "a.jpg: is a JPEG of 12 bits" + rest)
    #expect(reason { $0[frame + 1] = 0xC3 } == "a.jpg: is a JPEG without loss" + rest)
    #expect(reason { $0[frame + 1] = 0xC5 } == "a.jpg: is a JPEG of several resolutions" + rest)
    #expect(reason { $0[frame + 9] = 2 } == "a.jpg: is a JPEG of 2 colour channels" + rest)
    let arithmetic = jpeg(noise(16, 16), 16, 16, arithmetic: true)
    #expect(reason { $0 = arithmetic } == "a.jpg: is a JPEG with arithmetic coding" + rest)
    #expect(
      reason { $0.replaceSubrange(frame + 5..<frame + 7, with: [0, 0]) }?.contains("height") == true
    )
    #expect(
      reason { $0.replaceSubrange(frame + 5..<frame + 9, with: [255, 255, 255, 255]) }?
        .contains("claims 65535×65535 pixels, more than the limit") == true)
    #expect(
      reason { $0.replaceSubrange(frame + 5..<frame + 9, with: [31, 0, 31, 0]) }?
        .contains("more than the \(bytes.count) bytes of the file can hold") == true)
  }

  @Test(arguments: [false, true])
  func `a file cut anywhere is an error`(progressive: Bool) throws {
    let bytes = jpeg(noise(33, 20), 33, 20, progressive: progressive)
    let whole = try Image(data: bytes, name: "whole")
    for length in 0..<bytes.count {
      let cut = Array(bytes[..<length])
      if !progressive && length >= bytes.count - 2 {
        // Without the marker for the end, nothing is missing.
        #expect(try Image(data: cut, name: "no end") == whole)
      } else {
        #expect(throws: PictureError.self, "\(length) of \(bytes.count)") {
          try Image(data: cut, name: "cut")
        }
      }
    }
  }

  @Test func `bytes after the end and between segments do not matter`() throws {
    let bytes = jpeg(noise(9, 9), 9, 9)
    let image = try Image(data: bytes, name: "a")
    #expect(try Image(data: bytes + [1, 2, 3], name: "a") == image)
    #expect(
      try Image(data: bytes.prefix(2) + [0xFF, 0xFF] + bytes.dropFirst(2), name: "a") == image)
    #expect(throws: PictureError.self) {  // some bytes of the pixels are missing
      try Image(data: bytes.dropLast(40) + bytes.suffix(2), name: "a")
    }
  }

  @Test(arguments: [
    ("RIFF\0\0\0\0WEBPVP8 ", "is a WebP picture"), ("GIF89a", "is a GIF picture"),
    ("II*\0", "is a TIFF picture"), ("\0\0\0\u{18}ftypheic", "is a HEIC picture"),
    ("\0\0\0\u{18}ftypavif", "is a AVIF picture"), ("<svg xmlns=\"\">", "is a SVG picture"),
    ("", "is empty"), ("\0\0\0\0", "holds nothing but zeros"),
    ("\n<!DOCTYPE html><html>", "is a web page"), ("%PDF-1.7", "is a PDF document"),
    ("version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
    ("BMW is a car", "is a text file"),
  ])
  func `other files are called what they are`(start: String, name: String) {
    let error = #expect(throws: PictureError.self) {
      try Image(data: Array(start.utf8), name: "a.png")
    }
    #expect(error?.description.hasPrefix("a.png: \(name)") == true, "\(error as Any)")
  }

  private func noise(_ width: Int, _ height: Int) -> [UInt8] {
    randomImage(width, height, seed: 5).pixels
  }
}

/// Whether the reference values are ours: other folders have no JPEGs.
private let hasReference = FileManager.default.fileExists(
  atPath: referenceFolder.appending(path: "jpegs.safetensors").path)

/// Encodes samples with libjpeg.
func jpeg(
  _ samples: [UInt8], _ width: Int, _ height: Int, _ kind: jpegwriting_kind = JPEGWRITING_RGB,
  quality: Int32 = 90, progressive: Bool = false, arithmetic: Bool = false, restart: Int32 = 0
) -> [UInt8] {
  var size = 0
  let options = jpegwriting_options(
    kind: kind, quality: quality, progressive: progressive ? 1 : 0,
    arithmetic: arithmetic ? 1 : 0, restart: restart)
  let file = jpegwriting_encode(samples, UInt32(width), UInt32(height), options, &size)
  defer { free(file) }
  return Array(UnsafeBufferPointer(start: file, count: size))
}
