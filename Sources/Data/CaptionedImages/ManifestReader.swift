import Files
import Foundation

let newline = UInt8(ascii: "\n")

extension Findings {
  /// Reads a list, a JSON object on each line, whose file names are relative to `base`:
  ///
  ///     {"image": "a.png", "caption": "a red bird"}
  ///     {"file_name": "b.jpg", "captions": ["a blue bird", "a bird on a branch"]}
  ///
  /// Several lines may name the same picture. Blank lines are allowed.
  mutating func readLines(_ file: RawPath, in base: String) throws(DataError) {
    let bytes = try contents(of: file)
    let lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
    // The first line of a list that is indented is no value of its own.
    let first = lines.first { $0.contains { $0 > UInt8(ascii: " ") } }
    if let first, (try? jsonObject(first)) == nil, (try? jsonObject(bytes)) is [Any] {
      return try readList(file, in: base)
    }
    for (number, line) in lines.enumerated() {
      if line.allSatisfy({ $0 <= UInt8(ascii: " ") }) { continue }
      let place = "\(shown(file)) line \(number + 1)"
      do {
        add(try jsonObject(line), at: place, in: base)
      } catch {
        report.note("\(place): \(jsonSyntaxFlaw(of: line))", .badRecord)
      }
    }
  }

  /// Reads a JSON file that is not COCO's: a list of records as in `readLines`, such a list under
  /// the name of "images" or "data", or an object that maps names of files to captions.
  mutating func readList(_ file: RawPath, in base: String) throws(DataError) {
    let bytes = try contents(of: file)
    guard let json = try? jsonObject(bytes) else {
      if areJSONLines(bytes) { return try readLines(file, in: base) }
      throw .malformed(file: file.text, line: nil, reason: jsonSyntaxFlaw(of: bytes))
    }
    let fields = json as? [String: Any] ?? [:]
    if let list = json as? [Any] ?? fields["images"] as? [Any] ?? fields["data"] as? [Any] {
      for (index, entry) in list.enumerated() {
        add(entry, at: "\(shown(file)) entry \(index + 1)", in: base)
      }
      return
    }
    if (try? Record(fields)) != nil { return add(fields, at: shown(file), in: base) }
    var captions = fields.mapValues(Record.texts).filter { !$0.value.isEmpty }
    // Of a name that is there twice, the parser has one value.
    for (name, values) in repeatedMembers(ofJSON: bytes) where captions[name] != nil {
      captions[name] = values.flatMap(Record.texts)
    }
    if captions.isEmpty {
      throw .malformed(
        file: file.text, line: nil,
        reason: "it is no COCO file of captions (\"images\" and \"annotations\"), no list of "
          + "{\"image\": …, \"caption\": …}, and does not map names of pictures to captions; it has "
          + fields.keys.sorted().prefix(6).map { "\"\($0)\"" }.joined(separator: ", "))
    }
    for name in fields.keys.sorted() {
      if let flaw = Record.flaw(ofName: name) {
        report.note("\(shown(file)): a name \(flaw)", .badRecord)
      } else if let captions = captions[name] {
        add(captions: captions, toPicture: name, in: base)
      } else {
        report.note("\(shown(file)) \"\(name)\": it has no captions", .badRecord)
      }
    }
  }

  /// Adds what an entry of a list says, or leaves it out.
  private mutating func add(_ json: Any, at place: String, in base: String) {
    do throws(BadRecord) {
      let record = try Record(json)
      add(captions: record.captions, toPicture: record.image, in: base)
    } catch {
      report.note("\(place): \(error.reason)", .badRecord)
    }
  }
}
