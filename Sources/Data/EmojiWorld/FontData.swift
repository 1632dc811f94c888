// The tables of an OpenType font (ISO 14496-22), as far as coloured bitmaps need them.

/// The bytes of a font, numbers with the first byte as the highest.
struct FontData: Sendable {
  private let file: String
  private let all: [UInt8]

  init(_ file: String, _ bytes: [UInt8]) { (self.file, all) = (file, bytes) }

  func bytes(_ place: Range<Int>) throws(EmojiFontError) -> [UInt8] {
    guard place.lowerBound >= 0, place.upperBound <= all.count else {
      throw .damaged(
        file: file,
        reason: "it names bytes \(place.lowerBound) to \(place.upperBound) of \(all.count)")
    }
    return Array(all[place])
  }

  /// A number of 1 to 4 bytes.
  func number(at place: Int, bytes count: Int = 2) throws(EmojiFontError) -> Int {
    guard place >= 0, place + count <= all.count else {
      throw damaged("it names byte \(place) of \(all.count)")
    }
    return all[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
  }

  private func damaged(_ reason: String) -> EmojiFontError { .damaged(file: file, reason: reason) }

  /// The places of all tables.
  func tables() throws(EmojiFontError) -> [String: Range<Int>] {
    let kind = try number(at: 0, bytes: 4)
    guard kind == 0x0001_0000 || kind == 0x4F54_544F else {
      throw damaged("it does not begin as an OpenType font does")
    }
    var tables: [String: Range<Int>] = [:]
    for i in 0..<(try number(at: 4)) {
      let entry = 12 + 16 * i
      let start = try number(at: entry + 8, bytes: 4)
      let length = try number(at: entry + 12, bytes: 4)
      guard start + length <= all.count else {
        throw damaged("a table ends at byte \(start + length) of \(all.count)")
      }
      tables[String(decoding: try bytes(entry..<entry + 4), as: UTF8.self)] =
        start..<start + length
    }
    return tables
  }

  /// cmap: ranges of characters and their glyphs, of a subtable of format 12, which has all of Unicode.
  func characters(
    in table: Range<Int>
  ) throws(EmojiFontError) -> [(range: ClosedRange<Int>, glyph: Int)] {
    for i in 0..<(try number(at: table.lowerBound + 2)) {
      let start = table.lowerBound + (try number(at: table.lowerBound + 8 + 8 * i, bytes: 4))
      guard try number(at: start) == 12 else { continue }
      var ranges: [(range: ClosedRange<Int>, glyph: Int)] = []
      for group in 0..<(try number(at: start + 12, bytes: 4)) {
        let entry = start + 16 + 12 * group
        let first = try number(at: entry, bytes: 4)
        let last = try number(at: entry + 4, bytes: 4)
        guard first <= last, last <= 0x10FFFF else {
          throw damaged("it maps characters \(first) to \(last)")
        }
        ranges.append((first...last, try number(at: entry + 8, bytes: 4)))
      }
      return ranges
    }
    throw damaged("it has no map of all Unicode characters (cmap, format 12)")
  }

  /// CBLC: where the glyphs of its largest size are in CBDT, by number.
  func pictures(
    index: Int, in colours: Range<Int>
  ) throws(EmojiFontError) -> [Int: (format: Int, place: Range<Int>)] {
    var largest: (size: Int, record: Int)?
    for i in 0..<(try number(at: index + 4, bytes: 4)) {
      let record = index + 8 + 48 * i
      let size = try number(at: record + 45, bytes: 1)  // pixels to an em, in height
      if size > largest?.size ?? 0 { largest = (size, record) }
    }
    guard let record = largest?.record else { throw damaged("it has no size") }
    let list = index + (try number(at: record, bytes: 4))
    var pictures: [Int: (format: Int, place: Range<Int>)] = [:]
    var listed = -1
    for i in 0..<(try number(at: record + 8, bytes: 4)) {
      let first = try number(at: list + 8 * i)
      let last = try number(at: list + 8 * i + 2)
      let table = list + (try number(at: list + 8 * i + 4, bytes: 4))
      // Tables come in order, so that no glyph is listed twice.
      guard first <= last, first > listed else {
        throw damaged("it has glyphs \(first) to \(last) after \(listed)")
      }
      listed = last
      let format = try number(at: table + 2)
      let base = colours.lowerBound + (try number(at: table + 4, bytes: 4))
      for (glyph, start, end) in try places(at: table, glyphs: first...last) {
        guard start <= end, base + end <= colours.upperBound else {
          throw damaged("glyph \(glyph) lies outside the table of pictures")
        }
        // A glyph of no bytes is none.
        if start < end { pictures[glyph] = (format, base + start..<base + end) }
      }
    }
    return pictures
  }

  /// The places of some glyphs after the base, in one of the five forms of an index.
  private func places(
    at table: Int, glyphs: ClosedRange<Int>
  ) throws(EmojiFontError) -> [(glyph: Int, start: Int, end: Int)] {
    let form = try number(at: table)
    var found: [(glyph: Int, start: Int, end: Int)] = []
    switch form {
    case 1, 3:  // an offset for each, and one for the end
      let bytes = form == 1 ? 4 : 2
      for i in 0..<glyphs.count {
        let entry = table + 8 + bytes * i
        let start = try number(at: entry, bytes: bytes)
        found.append(
          (glyphs.lowerBound + i, start, try number(at: entry + bytes, bytes: bytes)))
      }
    case 2:  // all of one length
      let length = try number(at: table + 8, bytes: 4)
      for i in 0..<glyphs.count {
        found.append((glyphs.lowerBound + i, i * length, (i + 1) * length))
      }
    case 4:  // pairs of a glyph and an offset
      for i in 0..<(try count(at: table + 8, of: glyphs)) {
        let entry = table + 12 + 4 * i
        found.append(
          (try number(at: entry), try number(at: entry + 2), try number(at: entry + 6)))
      }
    case 5:  // some glyphs, all of one length
      let length = try number(at: table + 8, bytes: 4)
      for i in 0..<(try count(at: table + 20, of: glyphs)) {
        found.append((try number(at: table + 24 + 2 * i), i * length, (i + 1) * length))
      }
    default: throw damaged("an index of form \(form), expected 1 to 5")
    }
    return found
  }

  /// How many glyphs of some an index lists: at most all.
  private func count(at place: Int, of glyphs: ClosedRange<Int>) throws(EmojiFontError) -> Int {
    let count = try number(at: place, bytes: 4)
    guard count <= glyphs.count else {
      throw damaged("an index lists \(count) of \(glyphs.count) glyphs")
    }
    return count
  }
}
