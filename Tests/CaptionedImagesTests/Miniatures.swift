// Small data sets, made by hand.

import CaptionedImages
import Foundation
import Images
import PictureFiles
import StickerWorld
import TensorCore
import TestSupport

/// A folder to build a data set in.
struct Miniature {
  private let folder: TemporaryFolder
  /// The folder around it, of its own, too: pictures that are not in a list's folder are looked for there.
  private let around: TemporaryFolder

  init(inMemory: Bool = false) throws {
    around = try TemporaryFolder(inMemory: inMemory)
    folder = TemporaryFolder(at: around.file("set"))
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
  }

  var path: String { folder.path }

  func path(_ name: String) -> String { folder.file(name) }

  /// The names in the folder, hidden ones included.
  var names: [String] { folder.names }

  /// Writes a text file, and the folders it is in.
  func add(_ name: String, _ lines: String...) throws {
    try add(name, bytes: Array(lines.map { "\($0)\n" }.joined().utf8))
  }

  func add(_ name: String, bytes: [UInt8]) throws {
    let parent = URL(filePath: path(name)).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    _ = try folder.write(bytes, to: name)
  }

  /// Writes a picture of one colour, which tells it from others.
  func add(picture name: String, _ width: Int = 9, _ height: Int = 8, grey: UInt8 = 100) throws {
    let picture = Image(width: width, height: height, fill: (grey, grey, grey))
    try add(name, bytes: picture.pngData())
  }

  /// Writes a picture whose header is sound, and nothing after it.
  func add(corrupt name: String) throws {
    try add(name, bytes: Array(Image(width: 9, height: 8).pngData().prefix(45)))
  }
}

extension CaptionedImages {
  /// Names of files and their captions, in order.
  var pairs: [String: [String]] {
    Dictionary(
      (0..<count).map { (URL(filePath: path(at: $0)).lastPathComponent, captions(at: $0)) },
      uniquingKeysWith: +)
  }

  var fileNames: [String] { (0..<count).map { URL(filePath: path(at: $0)).lastPathComponent } }
}

/// Numbers as pictures, to see how a source is used: pair i is a picture of grey i mod 256.
struct Numbers: PairSource {
  var size = 2
  var count: Int?
  /// Pairs that cannot be read.
  var broken: Set<Int> = []

  struct Broken: Error, CustomStringConvertible {
    let description: String
  }

  func pair(at index: Int, using random: inout Random) throws -> (picture: Image, caption: String) {
    if broken.contains(index) { throw Broken(description: "pair \(index) is broken") }
    let grey = UInt8(truncatingIfNeeded: index)
    let picture = Image(width: size, height: size, fill: (grey, grey, UInt8(size)))
    return (picture, "\(index) \(random.next32())")
  }
}
