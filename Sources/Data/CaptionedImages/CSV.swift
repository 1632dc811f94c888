// Tables as text (RFC 4180): a row on each line, fields apart by a delimiter. A field in quotes may
// hold delimiters, ends of lines, and quotes as two of them.

import Files

/// The rows of a table, each with the line that it begins on, from 1.
func csvRows(
  _ text: String, delimiter: Character
) -> [(line: Int, fields: [String])] {
  var rows: [(Int, [String])] = []
  var (fields, field): ([String], String) = ([], "")
  var (line, start, isQuoted, wasQuoted) = (1, 1, false, false)
  func isBlank() -> Bool { fields.isEmpty && field.isEmpty && !wasQuoted }
  var rest = text[...]
  while let character = rest.popFirst() {
    if character.isNewline { line += 1 }
    if isQuoted {
      if character != "\"" {
        field.append(character)
      } else if rest.first == "\"" {
        field.append(rest.removeFirst())
      } else {
        isQuoted = false
      }
    } else if character == "\"" && field.allSatisfy(\.isWhitespace) {
      (isQuoted, wasQuoted, field) = (true, true, "")
    } else if character == delimiter {
      fields.append(field)
      (field, wasQuoted) = ("", false)
    } else if character.isNewline {
      if !isBlank() { rows.append((start, fields + [field])) }
      (fields, field, start, wasQuoted) = ([], "", line, false)
    } else {
      field.append(character)
    }
  }
  if !isBlank() { rows.append((start, fields + [field])) }
  return rows
}

extension Findings {
  /// Reads a table whose first row names its columns, "file_name,text" for instance. Columns are
  /// apart by commas, tabs, semicolons or bars.
  mutating func readTable(_ file: RawPath, in base: String) throws(DataError) {
    let bytes = try contents(of: file)
    if let flaw = encodingFlaw(of: bytes.prefix(4)) {
      throw .malformed(file: file.text, line: nil, reason: flaw)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let header = text.prefix { !$0.isNewline }
    let delimiters: [Character] = [",", "\t", ";", "|"]
    func columns(_ delimiter: Character) -> (image: Int, captions: [Int])? {
      let names = csvRows(String(header), delimiter: delimiter).first?.fields.map {
        $0.split(whereSeparator: \.isWhitespace).joined().lowercased()
      }
      guard let names, let image = Record.imageKeys.lazy.compactMap(names.firstIndex).first,
        let key = Record.captionKeys.first(where: names.contains)
      else { return nil }
      return (image, names.indices.filter { names[$0] == key })
    }
    guard let delimiter = delimiters.first(where: { columns($0) != nil }),
      let (image, captions) = columns(delimiter)
    else {
      throw .malformed(
        file: file.text, line: 1,
        reason: "expected the names of columns, one of them file_name or image, one text or "
          + "caption; found \"\(header.prefix(60))\"")
    }
    for (line, fields) in csvRows(text, delimiter: delimiter).dropFirst() {
      let place = "\(shown(file)) line \(line)"
      guard fields.indices.contains(image), captions.allSatisfy(fields.indices.contains) else {
        report.note("\(place): it has \(fields.count) columns", .badRecord)
        continue
      }
      if fields.contains(where: { $0.unicodeScalars.contains("\u{FFFD}") }) {
        report.note("\(place): it is not UTF-8", .badRecord)
        continue
      }
      let name = fields[image].split(whereSeparator: \.isWhitespace).joined(separator: " ")
      add(captions: captions.map { fields[$0] }, toPicture: name, in: base)
    }
  }
}
