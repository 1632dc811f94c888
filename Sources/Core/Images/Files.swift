// Whole files, in and out.

import Foundation

/// No file is read that is longer than this; a picture of `maximumPixels` with 16-bit RGBA samples
/// is shorter even when hardly compressed.
private let maximumFileSize = 1 << 30

/// The bytes of the ordinary file at `path`.
func readFile(_ path: String) throws(PNGError) -> [UInt8] {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  let file = open(path, O_RDONLY | O_NONBLOCK)
  guard file >= 0 else { throw .unreadable(file: path, reason: lastError()) }
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0 else { throw .unreadable(file: path, reason: lastError()) }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw .unreadable(file: path, reason: "it is not an ordinary file")
  }
  let size = Int(status.st_size)
  guard size <= maximumFileSize else {
    throw .unreadable(
      file: path, reason: "it has \(size) bytes, the limit is \(maximumFileSize)")
  }
  var failure: String?
  let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    while count < size {
      let got = read(file, buffer.baseAddress! + count, size - count)
      if got < 0 { failure = lastError() }
      if got <= 0 { break }
      count += got
    }
  }
  if let failure { throw .unreadable(file: path, reason: failure) }
  return bytes
}

/// Puts `bytes` in the file at `path`: all of them, or after an error none. They go to a new file
/// beside it, which takes the place of the old one when it is safely on the disk.
func writeFile(_ bytes: [UInt8], to path: String) throws(PNGError) {
  let temporary = "\(path).\(UUID().uuidString).tmp"
  let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o666)
  guard file >= 0 else { throw .unwritable(file: path, reason: lastError()) }
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes {
      write(file, $0.baseAddress! + written, bytes.count - written)
    }
    if count < 0 { break }
    written += count
  }
  guard written == bytes.count, fsync(file) == 0 else {
    let reason = lastError()
    close(file)
    unlink(temporary)
    throw .unwritable(file: path, reason: reason)
  }
  close(file)
  guard rename(temporary, path) == 0 else {
    let reason = lastError()
    unlink(temporary)
    throw .unwritable(file: path, reason: reason)
  }
}

/// The system's words for what just failed.
private func lastError() -> String {
  String(cString: strerror(errno))
}
