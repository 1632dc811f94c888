// A drawn world as a folder of pictures and captions, like a reader's own.

import Foundation
import Images
import PictureFiles
import Synchronization
import TensorCore

/// Pairs that a program draws, and of which it knows all captions.
public protocol DrawnPairs: PairSource {
  /// Pair number `index`, with every caption of its scene, the pair's own first.
  func drawn(at index: Int) -> (picture: Image, captions: [String])
}

extension DrawnPairs {
  /// Pair number `index`, the same every time; `random` is not used.
  public func pair(
    at index: Int, using random: inout Random
  ) -> (picture: Image, caption: String) {
    let (picture, captions) = drawn(at: index)
    return (picture, captions[0])
  }

  /// Writes the first `count` pairs to `folder` as 00001.png and 00001.txt, 00002.png, … with all
  /// captions of each picture, its own first: a folder that `CaptionedImages` reads.
  ///
  /// Files appear in `folder` only when all of them are on the disk. Until then they are in its
  /// hidden folder `.dalle-export`, which the next export sweeps away if this one is killed.
  ///
  /// - Parameters:
  ///   - count: The number of pairs, 1 or more.
  ///   - folder: The path of the folder, which is created if necessary.
  ///   - overwrite: Whether the folder may hold other files; those with the same names are
  ///     replaced.
  ///   - progress: Called with the number of pairs written so far.
  /// - Throws: A `DataError` if the folder cannot be written or holds files.
  public func export(
    _ count: Int, to folder: String, overwrite: Bool = false, progress: (Int) -> Void = { _ in }
  ) throws(DataError) {
    precondition(count > 0, "1 or more pairs are exported, not \(count)")
    let partial = "\(folder)/.dalle-export"
    try makeFolder(folder)
    guard let others = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw .inaccessible(path: folder, reason: "the folder cannot be read")
    }
    guard overwrite || others.allSatisfy({ $0 == ".dalle-export" }) else {
      throw .occupied(folder: folder)
    }
    try? FileManager.default.removeItem(atPath: partial)
    try makeFolder(partial)
    defer { try? FileManager.default.removeItem(atPath: partial) }

    let digits = max(5, "\(count)".count)
    func name(_ index: Int) -> String {
      let number = "\(index + 1)"
      return String(repeating: "0", count: digits - number.count) + number
    }
    for part in (0..<count).parts(of: 256) {
      try write(part) { "\(partial)/\(name($0))" }
      progress(part.upperBound)
    }
    // One wait for the disk instead of one for each file, which would take most of the time.
    sync()
    for file in (0..<count).lazy.flatMap({ ["\(name($0)).txt", "\(name($0)).png"] }) {
      guard rename("\(partial)/\(file)", "\(folder)/\(file)") == 0 else {
        throw .inaccessible(path: "\(folder)/\(file)", reason: lastError())
      }
    }
  }

  /// Draws pairs on all processors and writes each to the files `path(index)`.png and .txt.
  private func write(_ indices: Range<Int>, to path: (Int) -> String) throws(DataError) {
    let failure = Mutex<DataError?>(nil)
    parallelFor(indices, grain: 16) { range in
      for index in range {
        let (picture, captions) = drawn(at: index)
        let text = captions.map { "\($0)\n" }.joined()
        do throws(DataError) {
          try create("\(path(index)).png", picture.pngData())
          try create("\(path(index)).txt", Array(text.utf8))
        } catch {
          failure.withLock { $0 = error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}

private func makeFolder(_ path: String) throws(DataError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    let exists = FileManager.default.fileExists(atPath: path)
    throw .inaccessible(
      path: path, reason: exists ? "it is not a folder" : "the folder cannot be made")
  }
}

/// The system's message about the call that just failed.
private func lastError() -> String { String(cString: strerror(errno)) }

/// Creates a file with `bytes`. It needs no `AtomicFile`, because the whole folder is temporary.
private func create(_ path: String, _ bytes: [UInt8]) throws(DataError) {
  let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard file >= 0 else { throw .inaccessible(path: path, reason: lastError()) }
  defer { close(file) }
  var written = 0
  while written < bytes.count {
    let step = bytes.withUnsafeBytes {
      write(file, $0.baseAddress! + written, bytes.count - written)
    }
    guard step > 0 else { throw .inaccessible(path: path, reason: lastError()) }
    written += step
  }
}
