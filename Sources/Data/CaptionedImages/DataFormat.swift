import Files
import PictureFiles

/// The formats of data sets, each with what its reader needs.
enum DataFormat: Equatable {
  /// A folder of pictures and captions.
  case folder(String)
  /// A JSON file, COCO's or a list, and the folder of its pictures, if it was given.
  case json(file: String, images: String?)
  /// The folder CUB_200_2011.
  case cub(String)
  /// JSON, line by line.
  case lines(String)
  /// A table as text.
  case table(String)
  /// Flickr's captions as they were published.
  case tokens(String)

  /// Finds the format from the names of files.
  init(of path: String, images: String?) throws(DataError) {
    if try !isFolder(path) {
      self = try Self.file(path, images: images)
      return
    }
    for root in [path, "\(path)/CUB_200_2011"]
    where exists("\(root)/images.txt") && hasFolder("\(root)/images") {
      self = .cub(root)
      return
    }
    if let file = try cocoCaptions(in: path) {
      self = .json(file: file, images: images)
    } else {
      self = Self.text("\(path)/captions.txt") ?? .folder(path)
    }
  }

  /// The format of a text whose name says nothing, from its first line; nil if it is none.
  private static func text(_ path: String) -> DataFormat? {
    guard let start = try? readStart(of: RawPath(path), count: 4096).bytes else { return nil }
    let text = String(decoding: start, as: UTF8.self).drop { $0 == "\u{FEFF}" }
    let line = text.prefix { !$0.isNewline }
    if token(line) != nil { return .tokens(path) }
    return columns(of: line) == nil ? nil : .table(path)
  }

  private static func file(_ path: String, images: String?) throws(DataError) -> DataFormat {
    switch splitExtension(path).kind {
    case "json": return .json(file: path, images: images)
    case "jsonl", "ndjson": return .lines(path)
    case "csv", "tsv": return .table(path)
    default:
      if let format = text(path) { return format }
      let start = (try? readStart(of: RawPath(path), count: 64).bytes) ?? []
      throw .unknownFormat(
        path: path,
        reason: pictureFormat(of: start).map { "this is a single \($0) picture" }
          ?? packedFlaw(of: splitExtension(path).kind)
          ?? "the file is none of .json, .jsonl, .csv and .tsv")
    }
  }

  /// The folder that the data set's file names are relative to.
  var folder: String {
    switch self {
    case .folder(let path), .cub(let path): path
    case .json(let path, _), .lines(let path), .table(let path), .tokens(let path):
      parent(of: path)
    }
  }

  /// Reads all names and captions.
  func read(into findings: inout Findings) throws(DataError) {
    switch self {
    case .folder: try findings.readFolder()
    case .json(let file, let images): try findings.readCOCO(file, images: images)
    case .cub(let root): try findings.readCUB(root)
    case .lines(let file): try findings.readLines(RawPath(file), in: folder)
    case .tokens(let file): try findings.readTokens(RawPath(file), in: folder)
    case .table(let file): try findings.readTable(RawPath(file), in: folder)
    }
  }
}

/// What to do about a file that holds a data set in a form that is not read; nil for other kinds.
func packedFlaw(of kind: String) -> String? {
  switch kind {
  case "parquet", "arrow":
    "\(kind) is not read: export its captions to .jsonl or .csv, and its pictures to files"
  case "tar", "zip", "gz", "tgz", "7z", "rar": "unpack it first"
  default: nil
  }
}

/// The only file captions_….json of a COCO folder, there or in `annotations`; nil if it is no COCO
/// folder.
private func cocoCaptions(in folder: String) throws(DataError) -> String? {
  for place in ["\(folder)/annotations", folder] {
    let entries = (try? RawPath(place).entries()) ?? []
    let files = entries.map(\.name.text).filter {
      let name = $0.lowercased()
      return name.hasPrefix("captions_") && name.hasSuffix(".json")
    }
    if files.count > 1 {
      throw .unknownFormat(
        path: folder,
        reason: "there are several files of captions (\(files.joined(separator: ", ")))"
          + ", name the one to read")
    }
    if let file = files.first { return "\(place)/\(file)" }
  }
  return nil
}
