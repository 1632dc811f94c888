import Files
import Foundation

/// The parts of a COCO file of captions that are read.
private struct COCOCaptions: Decodable {
  struct Picture: Decodable {
    let id: ID
    let file_name: String
  }
  struct Annotation: Decodable {
    let image_id: ID
    let caption: String
  }
  let images: [Lenient<Picture>]?
  let annotations: [Lenient<Annotation>]?
}

/// The number of a picture. Some programs write it as a text, or as 9.0.
private struct ID: Decodable, Hashable {
  let text: String

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let number = try? value.decode(Int.self) {
      text = "\(number)"
    } else if let number = try? value.decode(Double.self) {
      text = "\(number)"
    } else {
      text = try value.decode(String.self)
    }
  }
}

/// A value, or why there is none, so that one bad entry does not spoil the list.
private struct Lenient<Value: Decodable>: Decodable {
  let value: Value?
  let flaw: String

  init(from decoder: any Decoder) {
    do { (value, flaw) = (try Value(from: decoder), "") } catch {
      (value, flaw) = (nil, jsonFlaw(error, in: []))
    }
  }
}

extension Findings {
  /// Reads COCO's captions_….json:
  ///
  ///     {"images": [{"id": 9, "file_name": "0009.jpg", …}, …],
  ///      "annotations": [{"image_id": 9, "caption": "a bowl of fruit", …}, …], …}
  ///
  /// `images` is the folder of the pictures, if it is given. Other JSON files are read as lists.
  mutating func readCOCO(_ file: String, images: String?) throws(DataError) {
    let path = RawPath(file)
    let bytes = try contents(of: path)
    let first = bytes.first { $0 > UInt8(ascii: " ") }
    if first == UInt8(ascii: "[") { return try readList(path, in: images ?? parent(of: file)) }
    let coco: COCOCaptions
    do {
      coco = try JSONDecoder().decode(COCOCaptions.self, from: withoutHalfPairs(bytes))
    } catch {
      if areJSONLines(bytes) { return try readLines(path, in: images ?? parent(of: file)) }
      throw .malformed(file: file, line: nil, reason: jsonFlaw(error, in: bytes))
    }
    guard let annotations = coco.annotations else {
      let keys = Record.captionKeys.map { "\"\($0)\"" }
      if coco.images == nil || bytes.contains(anyOf: keys) {
        return try readList(path, in: images ?? parent(of: file))
      }
      throw .malformed(file: file, line: nil, reason: "there is no \"annotations\"")
    }
    guard let pictures = coco.images else {
      throw .malformed(file: file, line: nil, reason: "there is no \"images\"")
    }
    if !annotations.isEmpty, annotations.allSatisfy({ $0.value == nil }),
      bytes.contains(anyOf: ["\"bbox\"", "\"segmentation\"", "\"segments_info\""])
    {
      throw .malformed(file: file, line: nil, reason: instancesFlaw)
    }
    folder = try pictureFolder(of: file, names: pictures.compactMap { $0.value?.file_name }, images)
    var numbers: [ID: Int32] = [:]
    for entry in pictures {
      guard let picture = entry.value else {
        report.note(entry.flaw, .badRecord)
        continue
      }
      // Of two pictures with one id, the first gets the captions.
      let number = self.picture(named: picture.file_name, in: folder)
      numbers[picture.id] = numbers[picture.id] ?? number
    }
    for entry in annotations {
      guard let annotation = entry.value else {
        report.note(entry.flaw, .badRecord)
        continue
      }
      if let number = numbers[annotation.image_id] {
        add(caption: annotation.caption, to: number)
      } else {
        report.note("picture \(annotation.image_id.text)", .unknownPicture)
      }
    }
  }
}

/// What to say about a COCO file without captions.
let instancesFlaw =
  "it has COCO's boxes and outlines, not captions; captions are in a file captions_….json"

extension Collection<UInt8> {
  /// Whether one of these texts is in the bytes.
  func contains(anyOf texts: [String]) -> Bool {
    texts.contains { firstRange(of: Array($0.utf8)) != nil }
  }
}

/// The folder of COCO's pictures: the `given` one, or the first of the usual places that has one of
/// the first pictures of the list.
private func pictureFolder(
  of file: String, names: [String], _ given: String?
) throws(DataError) -> String {
  if let given { return given }
  let here = parent(of: file)
  let name = splitExtension(file).stem.split(separator: "/").last.map(String.init) ?? ""
  let split = name.split(separator: "_").dropFirst().joined(separator: "_")
  // The file is in `annotations`, or beside the pictures or their folders.
  let roots = here == "." ? ["..", "."] : [parent(of: here), here]
  let splits = [split, String(split.prefix { $0.isLetter })].filter { !$0.isEmpty }
  var places: [String] = []
  for root in roots {
    places += splits.flatMap { ["\(root)/\($0)", "\(root)/images/\($0)"] }
    places += ["\(root)/images", root]
  }
  let some = names.prefix(100)
  var locator = Locator()
  let found = places.first { place in
    hasFolder(place) && some.contains { locator.path(of: $0, in: place).status != nil }
  }
  if let found = found ?? places.first(where: { some.isEmpty && hasFolder($0) }) { return found }
  let missing = some.prefix(2).map { "\($0)" }.joined(separator: ", ")
  throw .unknownFormat(
    path: file,
    reason: "its pictures (\(missing), …) are in none of \(places.joined(separator: ", "))")
}
