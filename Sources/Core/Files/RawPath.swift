import Foundation

/// A path as the file system has it: bytes, which need not be UTF-8. Two names that differ only in
/// how accents are composed are different paths, though equal as strings.
public struct RawPath: Hashable, Sendable {
  /// The bytes, without a 0 at the end.
  public let bytes: [UInt8]

  /// The path of these bytes.
  public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// The path that a text names.
  public init(_ text: String) { bytes = Array(text.utf8) }

  /// The path as a line of text: control characters and bytes that are not UTF-8 are escaped.
  public var text: String {
    if let text = String(validating: bytes, as: UTF8.self) { return escaped(text) }
    return bytes.map { $0 < 0x80 ? escaped("\(Character(Unicode.Scalar($0)))") : hex($0) }.joined()
  }

  /// The file system's answer about what is at the path, links followed; nil if there is nothing.
  public var status: stat? {
    var status = stat()
    return withCString { stat($0, &status) } == 0 ? status : nil
  }

  /// Calls `body` with the path as C has it. A path with a 0 in it names nothing.
  public func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let bytes = bytes.contains(0) ? [] : bytes
    return (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
      body($0.baseAddress!)
    }
  }
}

/// An entry of a folder.
public struct FolderEntry: Sendable {
  /// Its name, without the folder.
  public let name: RawPath
  /// Whether it is a folder; a link to one is not.
  public let isFolder: Bool
}

extension RawPath {
  /// What is in the folder at this path, ordered by the bytes of the names.
  ///
  /// Throws a `FileError` if it cannot be read.
  public func entries() throws(FileError) -> [FolderEntry] {
    guard let folder = withCString({ opendir($0) }) else {
      throw .unreadable(file: text, reason: String(cString: strerror(errno)))
    }
    defer { closedir(folder) }
    let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)!
    var found: [FolderEntry] = []
    while let entry = readdir(folder) {
      let start = UnsafeRawPointer(entry) + nameOffset
      let bytes = UnsafeRawBufferPointer(
        start: start, count: strlen(start.assumingMemoryBound(to: CChar.self)))
      if bytes.elementsEqual(".".utf8) || bytes.elementsEqual("..".utf8) { continue }
      let name = RawPath(bytes: bytes)
      let kind = Int(entry.pointee.d_type)
      // Some file systems do not say what an entry is.
      let isFolder = kind == Int(DT_DIR) || kind == Int(DT_UNKNOWN) && appending(name).isRealFolder
      found.append(FolderEntry(name: name, isFolder: isFolder))
    }
    return found.sorted { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }
  }

  /// The path of `name` in this folder.
  public func appending(_ name: RawPath) -> RawPath {
    RawPath(bytes: bytes + [UInt8(ascii: "/")] + name.bytes)
  }

  private var isRealFolder: Bool {
    var status = stat()
    return withCString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

/// Text with control characters as `\n`, `\t` or `\x1b`.
private func escaped(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 < 0x80 }) { return text }
  return text.unicodeScalars.map { scalar in
    switch scalar {
    case "\n": "\\n"
    case "\t": "\\t"
    case "\r": "\\r"
    default:
      [.control, .format, .lineSeparator, .paragraphSeparator].contains(
        scalar.properties.generalCategory) && scalar != "\u{200D}"
        ? Array(String(scalar).utf8).map(hex).joined() : String(scalar)
    }
  }.joined()
}

private func hex(_ byte: UInt8) -> String {
  "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
}
