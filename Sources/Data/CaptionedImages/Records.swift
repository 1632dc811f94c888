// What a line of a list says about a picture, whatever the words for it.

import Foundation

/// A picture and its captions, from an entry of a list.
struct Record {
  let image: String
  let captions: [String]

  /// The words for the file of a picture, the usual one first.
  static let imageKeys = [
    "image", "file_name", "filename", "image_path", "image_name", "path", "img",
  ]
  /// The words for its captions.
  static let captionKeys = [
    "caption", "captions", "text", "texts", "sentences", "comment", "description", "prompt", "raw",
  ]

  /// The record in an object of JSON, as `JSONSerialization` gives it.
  ///
  /// Throws a `BadRecord` if it has no picture or no captions.
  init(_ json: Any) throws(BadRecord) {
    guard let fields = json as? [String: Any] else {
      throw BadRecord("it is no object such as {\"image\": \"a.png\", \"caption\": \"a red bird\"}")
    }
    guard let imageKey = Self.imageKeys.first(where: { fields[$0] != nil }) else {
      throw BadRecord("there is no \"image\" or \"file_name\"\(present(fields))")
    }
    guard let image = fields[imageKey] as? String else {
      throw BadRecord("\"\(imageKey)\" is no text")
    }
    let captions = Self.captionKeys.filter { fields[$0] != nil }
    if captions.isEmpty {
      throw BadRecord("there is no \"caption\", \"captions\" or \"text\"\(present(fields))")
    }
    self.image = image
    self.captions = captions.prefix(1).flatMap { Self.texts(fields[$0] as Any) }
    if self.captions.isEmpty { throw BadRecord("\"\(captions[0])\" is no text or list of texts") }
  }

  /// The captions in a text, a list, or an object that has one of the words for captions.
  static func texts(_ json: Any) -> [String] {
    if let text = json as? String { return [text] }
    if let list = json as? [Any] { return list.flatMap(texts) }
    let fields = json as? [String: Any] ?? [:]
    return captionKeys.first { fields[$0] != nil }.map { texts(fields[$0] as Any) } ?? []
  }
}

/// Why an entry of a list cannot be used.
struct BadRecord: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// The names of the first fields that an entry has.
private func present(_ fields: [String: Any]) -> String {
  let names = fields.keys.sorted()
  if names.isEmpty { return "" }
  let more = names.count > 6 ? ", …" : ""
  return " (it has \(names.prefix(6).map { "\"\($0)\"" }.joined(separator: ", "))\(more))"
}

/// The captions in a JSON file that belongs to one picture.
func captions(inJSON text: Substring) -> [String] {
  (try? jsonObject(text.utf8)).map(Record.texts) ?? []
}
