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

  /// Why no file can be put at `path`, if a device, a pipe or a read-only file is there; else nil.
  public static func refusal(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    // Renaming asks for the permissions of the folder only. A file without any permission to write
    // is meant to stay, even if root runs the program.
    case S_IFREG:
      return status.st_mode & 0o222 == 0 || access(path, W_OK) != 0 ? "it is read-only" : nil
    case S_IFDIR: return nil
    default: return "it is a device or a pipe"
    }
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
    // A name may have 255 bytes, and the temporary one is longer.
    let name = String(decoding: url.lastPathComponent.utf8.prefix(200), as: UTF8.self)
    let prefix = ".\(name)."
    folder = url.deletingLastPathComponent().path
    if let refusal = Self.refusal(of: path) {
      (temporary, file, failure) = ("", -1, refusal)
      return
    }
    removeAbandoned(in: folder, prefix: prefix)
    (temporary, file) = openTemporary("\(folder)/\(prefix)\(getpid())")
    check(file >= 0)
    // A file that is replaced keeps its permissions.
    var status = stat()
    if file >= 0 && stat(target, &status) == 0 { fchmod(file, status.st_mode & 0o777) }
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

/// Makes and locks a temporary file whose name begins with `start`. The file is -1 on failure, and
/// `errno` says why.
private func openTemporary(_ start: String) -> (name: String, file: Int32) {
  var number = 0
  while true {
    let name = "\(start)-\(number).tmp"
    let file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    number += 1
    if file < 0 && errno == EEXIST { continue }
    if file < 0 { return (name, file) }
    // Another writer may take the file for abandoned before it is locked, and remove it.
    flock(file, LOCK_EX)
    var status = stat()
    if fstat(file, &status) != 0 || status.st_nlink > 0 { return (name, file) }
    close(file)
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
