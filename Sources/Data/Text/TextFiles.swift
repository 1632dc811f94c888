// Vocabulary files, read and written whole.

import Files
import Foundation

extension TextError {
  /// The file system's error as one of ours.
  init(_ error: FileError) {
    switch error {
    case .unreadable(let file, let reason), .unwritable(let file, let reason):
      self = .inaccessible(file: file, reason: reason)
    }
  }
}

/// The bytes of a file of reasonable size: the largest vocabularies in use have about 20 MB.
func contents(of file: String) throws(TextError) -> Data {
  do throws(FileError) { return Data(try readFile(file, limit: 64 << 20)) } catch {
    throw TextError(error)
  }
}

/// Replaces the contents of `file` with `data`, or leaves it as it is.
func replace(_ file: String, with data: Data) throws(TextError) {
  do throws(FileError) { try AtomicFile.write([UInt8](data), to: file) } catch {
    throw TextError(error)
  }
}
