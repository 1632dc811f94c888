// Tables as text (RFC 4180): a row on each line, fields apart by a delimiter. A field in quotes may
// hold delimiters, ends of lines, and quotes as two of them.

import Files

/// A row of a table.
struct TableRow: Equatable {
  /// The line that it begins on, from 1.
  let line: Int
  /// Its fields; nil if one begins with a quote that is not closed.
  let fields: [String]?
}

/// The rows of a table. A quote that is not closed costs its own line: reading goes on after it.
/// Where quotes do not enclose a whole field on one line, and in tables apart by tabs, they are read
/// as they stand. A field in quotes does not go on over a line that `isRow`.
func csvRows(
  _ text: String, delimiter: Character, isRow: (Substring) -> Bool = { _ in false }
) -> [TableRow] {
  let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  var rows: [TableRow] = []
  var next = 0
  while next < lines.count {
    let line = next
    next += 1
    if lines[line].isEmpty { continue }
    let row = row(lines[line...], delimiter, isRow)
    rows.append(TableRow(line: line + 1, fields: row?.fields))
    if let row { next = line + row.lines }
  }
  return rows
}

/// The fields of the row that begins with the first of `lines`, and how many lines it has; nil if a
/// quote is not closed.
private func row(
  _ lines: ArraySlice<Substring>, _ delimiter: Character, _ isRow: (Substring) -> Bool
) -> (fields: [String], lines: Int)? {
  var fields: [String] = []
  var (rest, end) = (lines[lines.startIndex], lines.startIndex + 1)
  while true {
    let start = rest.drop { $0.isWhitespace && $0 != delimiter }
    var quoted: (field: String, rest: Substring)?
    if start.first == "\"" {
      let first = end
      quoted = closed(start.dropFirst(), lines, &end, delimiter, isRow)
      if quoted == nil && end > first { return nil }
    }
    let plain = rest.prefix { $0 != delimiter }
    fields.append(quoted?.field ?? String(plain))
    rest = quoted?.rest ?? rest[plain.endIndex...]
    if rest.isEmpty { return (fields, end - lines.startIndex) }
    rest = rest.dropFirst()  // the delimiter
  }
}

/// The content of a field after its opening quote, and what follows it from the delimiter on. It may
/// go on in `lines` from `end` on, which moves on. Nil if no quote closes it; then `end` has moved
/// unless the field ends on its first line.
private func closed(
  _ text: Substring, _ lines: ArraySlice<Substring>, _ end: inout Int, _ delimiter: Character,
  _ isRow: (Substring) -> Bool
) -> (field: String, rest: Substring)? {
  var (field, rest) = ("", text)
  while true {
    guard let quote = rest.firstIndex(of: "\"") else {
      if delimiter == "\t" { return nil }
      end += 1
      guard end <= lines.endIndex, !isRow(lines[end - 1]) else { return nil }
      field += "\(rest)\n"
      rest = lines[end - 1]
      continue
    }
    field += rest[..<quote]
    rest = rest[quote...].dropFirst()
    if rest.first == "\"" {
      field.append("\"")
      rest = rest.dropFirst()
      continue
    }
    let after = rest.drop { $0.isWhitespace && $0 != delimiter }
    return after.isEmpty || after.first == delimiter ? (field, after) : nil
  }
}

extension Findings {
  /// Reads a table whose first row names its columns, "file_name,text" for instance. Columns are
  /// apart by commas, tabs, semicolons or bars.
  mutating func readTable(_ file: RawPath, in base: String) throws(DataError) {
    let bytes = try contents(of: file)
    if let flaw = encodingFlaw(of: bytes.prefix { $0 != newline }.prefix(1 << 16)) {
      throw .malformed(file: file.text, line: nil, reason: flaw)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let header = text.prefix { !$0.isNewline }
    guard let (delimiter, count, image, captions) = columns(of: header) else {
      throw .malformed(
        file: file.text, line: 1,
        reason: "expected the names of columns, one of them file_name or image, one text or "
          + "caption; found \"\(header.prefix(60))\"")
    }
    let rows = csvRows(text, delimiter: delimiter) { line in
      let fields = line.split(separator: delimiter, omittingEmptySubsequences: false)
      return fields.count >= count && pictureKinds.contains(splitExtension("\(fields[image])").kind)
    }
    for row in rows.dropFirst() {
      do throws(BadRecord) {
        let fields = try fields(of: row, count, delimiter, captionsAreLast: captions == [count - 1])
        guard fields.indices.contains(image), captions.allSatisfy(fields.indices.contains) else {
          throw BadRecord(columnsFlaw(fields.count, count))
        }
        let name = fields[image].split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if let flaw = Record.flaw(ofName: name) { throw BadRecord("its picture \(flaw)") }
        add(captions: captions.map { fields[$0] }, toPicture: name, in: base)
      } catch {
        report.note("\(shown(file)) line \(row.line): \(error.reason)", .badRecord)
      }
    }
  }
}

/// What the first line of a table says: what is between its columns, how many there are, which has
/// the pictures, and which have captions; nil if it is none.
func columns(
  of header: Substring
) -> (delimiter: Character, count: Int, image: Int, captions: [Int])? {
  for delimiter: Character in [",", "\t", ";", "|"] {
    let names = csvRows(String(header), delimiter: delimiter).first?.fields?.map {
      $0.split(whereSeparator: \.isWhitespace).joined().lowercased()
    }
    if let names, let image = Record.imageKeys.lazy.compactMap(names.firstIndex).first,
      let key = Record.captionKeys.first(where: names.contains)
    {
      return (delimiter, names.count, image, names.indices.filter { names[$0] == key })
    }
  }
  return nil
}

/// The fields of a row, of which there are as many as in the header, `count`, or fewer. The rest of a
/// row that has more belongs to the caption, if that is the last column: it has delimiters in it.
///
/// Throws a `BadRecord` if the row cannot be used.
private func fields(
  of row: TableRow, _ count: Int, _ delimiter: Character, captionsAreLast: Bool
) throws(BadRecord) -> [String] {
  guard var fields = row.fields else { throw BadRecord("a quote is not closed") }
  if fields.contains(where: { $0.unicodeScalars.contains("\u{FFFD}") }) {
    throw BadRecord("it is not UTF-8")
  }
  while fields.count > count, fields.last == "" { fields.removeLast() }
  if fields.count > count {
    if !captionsAreLast { throw BadRecord(columnsFlaw(fields.count, count)) }
    fields[(count - 1)...] = [fields[(count - 1)...].joined(separator: "\(delimiter)")]
  }
  return fields
}

private func columnsFlaw(_ found: Int, _ count: Int) -> String {
  "it has \(found) column\(found == 1 ? "" : "s"), the header \(count)"
}
