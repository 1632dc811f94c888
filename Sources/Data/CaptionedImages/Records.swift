// What a line of a list says about a picture, whatever the words for it.

import Files
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
    let images = Self.imageKeys.filter { fields[$0] != nil }
    guard let key = images.first(where: { fields[$0] is String }) ?? images.first else {
      throw BadRecord("there is no \"image\" or \"file_name\"\(present(fields))")
    }
    guard let image = fields[key] as? String else { throw BadRecord("\"\(key)\" is no text") }
    if let flaw = Self.flaw(ofName: image) { throw BadRecord("\"\(key)\" \(flaw)") }
    let captions = Self.captionKeys.filter { fields[$0] != nil }
    if captions.isEmpty {
      throw BadRecord("there is no \"caption\", \"captions\" or \"text\"\(present(fields))")
    }
    // Karpathy's lists have the folder apart.
    let folder = fields["filepath"] as? String ?? ""
    self.image = folder.isEmpty || folder.hasSuffix(image) ? image : "\(folder)/\(image)"
    self.captions = Self.texts(fields)
    if self.captions.isEmpty { throw BadRecord("\"\(captions[0])\" is no text or list of texts") }
  }

  /// Why no picture can have this name; nil if one can.
  static func flaw(ofName name: String) -> String? {
    let last = name.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    return ["", ".", ".."].contains(last.filter { !$0.isWhitespace })
      ? "is \"\(printable(name, limit: 80))\", which is no name of a picture" : nil
  }

  /// The captions in a text, a list, or an object: those under the first of the words for captions
  /// that has some.
  static func texts(_ json: Any) -> [String] {
    if let text = json as? String { return [text] }
    if let list = json as? [Any] { return list.flatMap(texts) }
    let fields = json as? [String: Any] ?? [:]
    let found = captionKeys.compactMap { fields[$0].map(texts) }.filter { !$0.isEmpty }
    return found.first { $0.contains { !$0.allSatisfy(\.isWhitespace) } } ?? found.first ?? []
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
