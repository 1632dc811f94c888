import Foundation

/// Why a file could not be read or written.
public enum FileError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// The file cannot be written. What was there before is untouched.
  case unwritable(file: String, reason: String)

  /// The system's explanation, or ours, without the name of the file.
  public var reason: String {
    switch self {
    case .unreadable(_, let reason), .unwritable(_, let reason): reason
    }
  }

  /// One sentence: the file and what is wrong with it. Characters that control a terminal are
  /// printed as escapes.
  public var description: String { printable(sentence, limit: 10_000) }

  private var sentence: String {
    switch self {
    case .unreadable(let file, let reason): "\(file): cannot be read (\(reason))"
    case .unwritable(let file, let reason):
      "\(file): cannot be written (\(reason)); what was there before is unchanged"
    }
  }
}

/// The bytes of the ordinary file at `path`, at most `limit` of them.
///
/// Throws a `FileError` if the file cannot be read, is longer, or is a folder, a device or a pipe.
public func readFile(_ path: RawPath, limit: Int) throws(FileError) -> [UInt8] {
  try readStart(of: path, count: limit, limit: limit).bytes
}

/// The same for a path in UTF-8.
public func readFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
  try readFile(RawPath(path), limit: limit)
}

/// The first `count` bytes of the ordinary file at `path`, or all if it has fewer, and the size of
/// the file, at most `limit`.
///
/// Throws a `FileError` if the file cannot be read, is longer, or is a folder, a device or a pipe.
public func readStart(
  of path: RawPath, count wanted: Int, limit: Int = .max
) throws(FileError) -> (bytes: [UInt8], fileSize: Int) {
  if path.bytes.isEmpty { throw .unreadable(file: "the file", reason: "it has no name") }
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  let file = path.withCString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
  guard file >= 0 else { throw .unreadable(file: path.text, reason: lastError()) }
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0 else { throw .unreadable(file: path.text, reason: lastError()) }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw .unreadable(file: path.text, reason: "it is not an ordinary file")
  }
  let size = Int(status.st_size)
  guard size <= limit else {
    throw .unreadable(
      file: path.text, reason: "it has \(size) bytes, the limit is \(limit)")
  }
  let length = min(size, wanted)
  var failure: String?
  let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
    while count < length {
      let got = read(file, buffer.baseAddress! + count, length - count)
      if got < 0 { failure = lastError() }
      if got <= 0 { break }
      count += got
    }
  }
  if let failure { throw .unreadable(file: path.text, reason: failure) }
  return (bytes, size)
}

/// The system's explanation of the call that just failed.
private func lastError() -> String {
  String(cString: strerror(errno))
}
