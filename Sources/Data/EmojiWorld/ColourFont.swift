// An emoji font whose glyphs are pictures: the tables cmap, CBLC and CBDT of OpenType. Every place that
// the file names is checked, since a font may be cut off or damaged.

import Files
import Foundation

/// The coloured glyphs of a font file such as Noto Color Emoji, as PNG.
///
///     let font = try ColourFont("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
///     let fox = try font.png(of: "🦊")  // the bytes of a PNG file, or nil if the font has no fox
public struct ColourFont: Sendable {
  /// The path of the file.
  public let path: String
  private let data: FontData
  /// Ranges of characters and the glyph of the first of each, in ascending order.
  private let characters: [(range: ClosedRange<Int>, glyph: Int)]
  /// Where in the file each glyph is: its format and its bytes.
  private let pictures: [Int: (format: Int, place: Range<Int>)]

  /// Opens a font. Throws an `EmojiFontError` if it cannot be read, is damaged, or has no coloured
  /// glyphs of the kind that Noto's have.
  public init(_ path: String) throws(EmojiFontError) {
    self.path = path
    do {
      data = FontData(path, try readFile(path, limit: 1 << 26))
    } catch {
      throw .unreadable(file: path, reason: error.reason)
    }
    let tables = try data.tables()
    func table(_ name: String) throws(EmojiFontError) -> Range<Int> {
      guard let table = tables[name] else { throw .noColours(file: path, table: name) }
      return table
    }
    let (glyphs, colours) = (try table("CBLC"), try table("CBDT"))
    characters = try data.characters(in: try table("cmap"))
    pictures = try data.pictures(index: glyphs.lowerBound, in: colours)
  }

  /// The PNG file of a character's glyph, or nil if the font has none.
  ///
  /// Throws an `EmojiFontError` if the glyph is damaged, or stored in another way.
  public func png(of character: Unicode.Scalar) throws(EmojiFontError) -> [UInt8]? {
    let code = Int(character.value)
    guard let (range, first) = characters.first(where: { $0.range.contains(code) }),
      let (format, place) = pictures[first + code - range.lowerBound]
    else { return nil }
    // Small or large metrics, or none, and the length stand before the picture.
    guard let head = [17: 5, 18: 8, 19: 0][format] else {
      throw .damaged(file: path, reason: "a glyph of format \(format), expected 17, 18 or 19")
    }
    let start = place.lowerBound + head + 4
    let length = try data.number(at: start - 4, bytes: 4)
    guard start + length <= place.upperBound else {
      throw .damaged(
        file: path, reason: "a glyph of \(length) bytes in a place of \(place.count)")
    }
    return try data.bytes(start..<start + length)
  }

  /// The font at the first of the usual places that has one.
  static func installed() throws(EmojiFontError) -> ColourFont {
    guard let path = usualPaths.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw .notInstalled(places: usualPaths)
    }
    return try ColourFont(path)
  }

  /// Where Linux distributions put Noto Color Emoji.
  public static let usualPaths = [
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf",
    "/usr/share/fonts/google-noto-color-emoji-fonts/NotoColorEmoji.ttf",
  ]
}

/// Why a font cannot be used.
public enum EmojiFontError: Error, Equatable, CustomStringConvertible {
  /// There is no such file, or it may not be read.
  case unreadable(file: String, reason: String)
  /// The file is no OpenType font, or damaged.
  case damaged(file: String, reason: String)
  /// The font has no coloured pictures, or in other tables (Apple's sbix, COLR).
  case noColours(file: String, table: String)
  /// The font has no glyph for a thing.
  case lacks(file: String, thing: String)
  /// None of the usual places has a font.
  case notInstalled(places: [String])

  /// One line that says what to do.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): cannot be read (\(reason)); name NotoColorEmoji.ttf with --font"
    case .damaged(let file, let reason):
      "\(file): damaged, or no font: \(reason); get the font again, for instance with make emoji"
    case .lacks(let file, let thing):
      "\(file): has no glyph for \(thing); take a newer Noto Color Emoji, or fewer --things"
    case .noColours(let file, let table):
      "\(file): has no table \(table), as Noto Color Emoji with bitmaps has; take that font"
    case .notInstalled(let places):
      "there is no emoji font at \(places.joined(separator: ", nor at ")); install it with make emoji "
        + "(Debian, Ubuntu: apt install fonts-noto-color-emoji), or name NotoColorEmoji.ttf with --font"
    }
  }
}
