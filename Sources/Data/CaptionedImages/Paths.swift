// Questions to the file system, and parts of names.

import Files
import Foundation

/// Whether `path` is a folder. Throws a `DataError` if it does not exist.
func isFolder(_ path: String) throws(DataError) -> Bool {
  guard let status = RawPath(path).status else {
    throw .inaccessible(path: path, reason: String(cString: strerror(errno)))
  }
  return status.st_mode & S_IFMT == S_IFDIR
}

/// Whether there is a folder at `path`.
func hasFolder(_ path: String) -> Bool { (try? isFolder(path)) ?? false }

/// Whether there is a file or folder at `path`.
func exists(_ path: String) -> Bool { RawPath(path).status != nil }

/// The bytes of a file that lists pictures or captions, without a byte order mark.
func contents(of path: RawPath) throws(DataError) -> ArraySlice<UInt8> {
  let bytes: [UInt8]
  do throws(FileError) { bytes = try readFile(path, limit: 1 << 32) } catch {
    throw DataError(error)
  }
  return bytes.dropFirst(bytes.starts(with: "\u{FEFF}".utf8) ? 3 : 0)
}

/// The folder of a file: "a" for "a/b.json", "." for "b.json".
func parent(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// A path without its extension, and the extension in lower case: "a/b" and "png" for "a/b.PNG".
func splitExtension(_ path: String) -> (stem: String, kind: String) {
  let (stem, kind) = splitExtension(RawPath(path))
  return (String(decoding: stem, as: UTF8.self), kind)
}

/// The same for a path that need not be UTF-8.
func splitExtension(_ path: RawPath) -> (stem: ArraySlice<UInt8>, kind: String) {
  let bytes = path.bytes
  guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")),
    !bytes[dot...].contains(UInt8(ascii: "/")), dot > 0, bytes[dot - 1] != UInt8(ascii: "/")
  else { return (bytes[...], "") }
  return (bytes[..<dot], String(decoding: bytes[(dot + 1)...], as: UTF8.self).lowercased())
}

/// Whether a file is a JPEG by its name.
func isJPEG(_ path: String) -> Bool { ["jpg", "jpeg"].contains(splitExtension(path).kind) }
