import Foundation

/// A file that is being written and takes its name only when it is whole.
///
/// The bytes go to a temporary file in the same folder, which is renamed when all of them are on
/// the disk. Whenever the program is killed or the power fails, the name stands for either the
/// old file or the new one. On failure the temporary file is removed. A symbolic link is
/// followed, not replaced; a device or a pipe is refused, because renaming would remove it.
public final class AtomicFile {
  private let path: String
  /// `path`, or the file it leads to if it is a symbolic link.
  private let target: String
  private let folder: String
  private let temporary: String
  private let file: Int32
  /// Why the first failing call failed. Nothing is written after it.
  private var failure: String?

  /// Calls `body` with a file to write to, then puts the file at `path`.
  ///
  /// Throws what `body` throws. If the system refuses to write, throws the caller's own kind of
  /// error, which `failure` makes of the `FileError`.
  public static func write<Failure: Error>(
    to path: String, failure: (FileError) -> Failure,
    _ body: (AtomicFile) throws(Failure) -> Void
  ) throws(Failure) {
    let file = AtomicFile(path)
    do throws(Failure) {
      if file.failure == nil { try body(file) }
      do throws(FileError) { try file.finish() } catch { throw failure(error) }
    } catch {
      if file.file >= 0 { unlink(file.temporary) }
      throw error
    }
  }

  /// Replaces the contents of the file at `path` with `bytes`, or makes the file.
  ///
  /// Throws a `FileError` if it cannot be written; what was there before stays.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try write(to: path, failure: { $0 }) { (file) throws(FileError) in
      bytes.withUnsafeBytes(file.write)
    }
  }

  /// Why no file can be put at `path`, if a device or a pipe is there; nil if none is.
  public static func refusal(of path: String) -> String? {
    var status = stat()
    let isSpecial =
      stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    return isSpecial ? "it is a device or a pipe" : nil
  }

  /// Appends some bytes. A failure is kept, and thrown at the end by the call that made the file.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty && failure == nil {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = systemWrite(file, part.baseAddress, part.count)
      if written > 0 {
        rest = rest.dropFirst(written)
      } else {
        check(errno == EINTR)
      }
    }
  }

  private init(_ path: String) {
    self.path = path
    target = destination(of: path)
    let url = URL(fileURLWithPath: target)
    let prefix = ".\(url.lastPathComponent)."
    folder = url.deletingLastPathComponent().path
    if let refusal = Self.refusal(of: path) {
      (temporary, file, failure) = ("", -1, refusal)
      return
    }
    removeAbandoned(in: folder, prefix: prefix)
    var number = 0
    var name: String
    var file: Int32
    repeat {
      name = "\(folder)/\(prefix)\(getpid())-\(number).tmp"
      file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      number += 1
    } while file < 0 && errno == EEXIST
    temporary = name
    self.file = file
    check(file >= 0)
    flock(file, LOCK_EX | LOCK_NB)
  }

  deinit { if file >= 0 { close(file) } }

  private func finish() throws(FileError) {
    if failure == nil { check(fsync(file) == 0) }
    if failure == nil { check(rename(temporary, target) == 0) }
    if let failure { throw .unwritable(file: path, reason: failure) }
    // The new name is safe when the folder is on the disk. Some file systems cannot do this.
    let folder = open(self.folder, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private func check(_ success: Bool) {
    if !success { failure = String(cString: strerror(errno)) }
  }
}

/// The file that a path leads to through symbolic links, even if it does not exist yet.
private func destination(of path: String) -> String {
  var path = path
  // The system itself gives up after 40 links.
  for _ in 0..<40 {
    guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { break }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    path = link.hasPrefix("/") ? link : "\(folder)/\(link)"
  }
  return path
}

/// The system's `write`, whose name the methods above take.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}

/// Removes temporary files that killed programs left. A running writer holds a lock on its own.
private func removeAbandoned(in folder: String, prefix: String) {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  for name in names where name.hasPrefix(prefix) && name.hasSuffix(".tmp") {
    let file = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
    if file < 0 { continue }
    if flock(file, LOCK_EX | LOCK_NB) == 0 { unlink("\(folder)/\(name)") }
    close(file)
  }
}
