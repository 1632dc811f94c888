// Questions to the file system, which throw a `DataError` where they fail.

import Files
import Foundation

/// Whether `path` is a folder. Throws a `DataError` if it does not exist.
func isFolder(_ path: String) throws(DataError) -> Bool {
  try status(of: path).st_mode & S_IFMT == S_IFDIR
}

/// Whether there is a file or folder at `path`.
func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

/// The names in a folder, sorted, without the hidden ones.
func names(in folder: String) throws(DataError) -> [String] {
  guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
    throw .inaccessible(path: folder, reason: "the folder cannot be read")
  }
  return names.filter { !$0.hasPrefix(".") }.sorted()
}

/// The bytes of a file that lists pictures or captions.
func contents(of path: String) throws(DataError) -> [UInt8] {
  do throws(FileError) { return try readFile(path, limit: 1 << 32) } catch {
    throw DataError(error)
  }
}

private func status(of path: String) throws(DataError) -> stat {
  var status = stat()
  guard stat(path, &status) == 0 else {
    throw .inaccessible(path: path, reason: lastError())
  }
  return status
}

/// The system's explanation of the call that just failed.
func lastError() -> String { String(cString: strerror(errno)) }

/// The folder of a file: "a" for "a/b.json", "." for "b.json".
func parent(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// A path without its extension, and the extension in lower case: "a/b" and "png" for "a/b.PNG".
func splitExtension(_ path: String) -> (stem: String, kind: String) {
  guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return (path, "") }
  return (String(path[..<dot]), path[dot...].dropFirst().lowercased())
}

/// Whether a file is a JPEG by its name.
func isJPEG(_ path: String) -> Bool { ["jpg", "jpeg"].contains(splitExtension(path).kind) }

/// The PNG file beside a JPEG if there is one, else `path` itself.
func pngPath(of path: String) -> String {
  guard isJPEG(path) else { return path }
  let converted = "\(splitExtension(path).stem).png"
  return exists(converted) ? converted : path
}
