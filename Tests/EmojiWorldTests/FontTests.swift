import Foundation
import Images
import PictureFiles
import TensorCore
import TestSupport
import Testing

@testable import EmojiWorld

@Suite struct FontTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ bytes: [UInt8]) throws -> String {
    try folder.write(bytes, to: "font.ttf")
    return folder.file("font.ttf")
  }

  @Test(arguments: [1, 2, 3, 4, 5], [17, 18, 19])
  func `glyphs are found in every form of index and picture`(form: Int, format: Int) throws {
    let mini = MiniFont(EmojiThing.all.prefix(7).map(\.character), form: form, format: format)
    let font = try ColourFont(write(mini.bytes))
    for (character, picture) in zip(mini.characters, mini.pictures) {
      let scalar = try #require(Unicode.Scalar(character))
      #expect(try font.png(of: scalar) == picture)
    }
    #expect(try font.png(of: "a") == nil)
  }

  @Test func `what is no font, or has no colours, is named`() throws {
    #expect(throws: EmojiFontError.self) { try ColourFont(folder.file("none.ttf")) }
    let text = try write(Array("hello, this is a text and no font".utf8))
    let damaged = try #require(throws: EmojiFontError.self) { try ColourFont(text) }
    #expect(damaged.description.contains("font.ttf: damaged, or no font"))
    var bytes = MiniFont(EmojiThing.all.prefix(3).map(\.character)).bytes
    let place = try #require(
      bytes.indices.first { bytes[$0..<min($0 + 4, bytes.count)].elementsEqual("CBLC".utf8) })
    bytes[place] = UInt8(ascii: "s")
    let path = try write(bytes)
    #expect(throws: EmojiFontError.noColours(file: path, table: "CBLC")) { try ColourFont(path) }
  }

  @Test(.timeLimit(.minutes(2)), arguments: 1...5)
  func `a font that is cut off or has wrong bytes never traps`(form: Int) throws {
    let things = EmojiThing.all.prefix(5).map(\.character)
    let whole = MiniFont(things, form: form, format: 17 + form % 3).bytes
    func read(_ bytes: [UInt8]) throws {
      let font = try ColourFont(write(bytes))
      for thing in EmojiThing.all.prefix(5) { _ = try EmojiGlyph(thing, font) }
    }
    try read(whole)
    for length in stride(from: 0, to: whole.count - 200, by: 7) {
      #expect(throws: EmojiFontError.self, "\(length) bytes") { try read(Array(whole[..<length])) }
    }
    var random = Random(seed: 1)
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0..<3 {
        bytes[random.integer(below: bytes.count)] = UInt8(random.integer(below: 256))
      }
      // Whatever it says, it says it by an error of its own.
      do { try read(bytes) } catch is EmojiFontError {}
    }
  }

  @Test func `a font that lacks a thing says which`() throws {
    let path = try write(MiniFont(EmojiThing.all.prefix(3).map(\.character)).bytes)
    let error = try #require(throws: EmojiFontError.self) { try EmojiWorld(things: 5, font: path) }
    #expect(error.description.contains(EmojiThing.all[3].name))
  }

  @Test func `a glyph of many pixels is refused before it is decoded`() throws {
    var mini = MiniFont(EmojiThing.all.prefix(1).map(\.character))
    mini.pictures[0][17] = 1  // 65,536 pixels wide
    let font = try ColourFont(write(mini.bytes))
    let error = try #require(throws: EmojiFontError.self) {
      try EmojiGlyph(EmojiThing.all[0], font)
    }
    #expect(error.description.contains("65548×8"))
  }

  @Test func `the script looks for a font where the program does`() throws {
    let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    let script = try String(contentsOf: root.appending(path: ".ci/emoji-font"), encoding: .utf8)
    for path in ColourFont.usualPaths { #expect(script.contains(path)) }
  }
}
