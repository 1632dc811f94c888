import Images
import PictureFiles

/// A font that has a coloured square for some characters, in all forms in which glyphs can be stored.
public struct MiniFont {
  /// The form of the index, 1 to 5.
  public var form = 1
  /// The format of the pictures, 17 to 19.
  public var format = 17
  /// The characters, in ascending order; their glyphs are 1, 2, …
  public var characters: [UInt32]
  /// The pictures, of one length if the form wants that.
  public var pictures: [[UInt8]]

  /// A font with a rectangle for each character; the i-th has the red value 255 - i % 200 and the green
  /// value i % 200. With `shapes` each is a pattern of 3 × 3 fields in colours of its own instead.
  public init(
    _ characters: [Unicode.Scalar], form: Int = 1, format: Int = 17, shapes: Bool = false
  ) {
    let sorted = characters.enumerated().sorted { $0.element < $1.element }
    var pictures = sorted.map { i, _ -> [UInt8] in
      let shade = UInt8(i % 200)
      var image = Image(width: 12, height: 8, fill: (255 - shade, shade, 40))
      if shapes {
        image = Image(width: 24, height: 24)
        for y in 0..<24 {
          for x in 0..<24 {
            let field = UInt64(i) &* 31 &+ UInt64(y / 8 * 3 + x / 8 + 1) &* 2_654_435_761
            let mixed = field ^ field >> 13 &* 0x9E37_79B9
            image[x, y] = (
              UInt8(mixed % 3 * 110), UInt8(mixed / 3 % 3 * 110), UInt8(mixed / 9 % 3 * 110)
            )
          }
        }
      }
      return image.pngData()
    }
    // All of one length, by bytes after the end of the PNG, which readers skip.
    let length = pictures.map(\.count).max() ?? 0
    if form == 2 || form == 5 {
      pictures = pictures.map { $0 + [UInt8](repeating: 0, count: length - $0.count) }
    }
    (self.form, self.format) = (form, format)
    self.characters = sorted.map(\.element.value)
    self.pictures = pictures
  }

  /// The bytes of the file.
  public var bytes: [UInt8] {
    let (cmap, (cblc, cbdt)) = (characterMap, glyphs)
    var head: [UInt8] = [0, 1, 0, 0, 0, 3] + [UInt8](repeating: 0, count: 6)
    var body: [UInt8] = []
    for (name, table) in [("CBDT", cbdt), ("CBLC", cblc), ("cmap", cmap)] {
      head += Array(name.utf8) + four(0) + four(12 + 48 + body.count) + four(table.count)
      body += table
    }
    return head + body
  }

  private var characterMap: [UInt8] {
    var groups: [UInt8] = []
    for (i, character) in characters.enumerated() {
      groups += four(Int(character)) + four(Int(character)) + four(i + 1)
    }
    let table = two(12) + two(0) + four(16 + groups.count) + four(0) + four(characters.count)
    return two(0) + two(1) + two(3) + two(10) + four(12) + table + groups
  }

  private var glyphs: (index: [UInt8], pictures: [UInt8]) {
    let head = [17: 5, 18: 8, 19: 0][format] ?? 0
    var data: [UInt8] = [0, 3, 0, 0]
    var offsets = [0]
    for picture in pictures {
      data += [UInt8](repeating: 9, count: head) + four(picture.count) + picture
      offsets.append(data.count - 4)
    }
    let (n, length) = (pictures.count, offsets.count > 1 ? offsets[1] : 0)
    let metrics = [UInt8](repeating: 9, count: 8)
    let body: [UInt8] =
      switch form {
      case 1: offsets.flatMap(four)
      case 2: four(length) + metrics
      case 3: offsets.flatMap(two)
      case 4: four(n) + offsets.enumerated().flatMap { two($0 + 1) + two($1) }
      default: four(length) + metrics + four(n) + (1...n).flatMap(two)
      }
    let subtable = two(form) + two(format) + four(4) + body
    let list = two(1) + two(n) + four(8)
    // Where the list is, its length, the number of tables; sizes and the first and last glyph.
    let record =
      four(8 + 48) + four(list.count + subtable.count) + four(1) + four(0)
      + [UInt8](repeating: 0, count: 24) + two(1) + two(n) + [109, 109, 32, 1]
    return (two(3) + two(0) + four(1) + record + list + subtable, data)
  }
}

private func two(_ n: Int) -> [UInt8] { [UInt8(n >> 8 & 255), UInt8(n & 255)] }
private func four(_ n: Int) -> [UInt8] { two(n >> 16) + two(n & 0xFFFF) }
