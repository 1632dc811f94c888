// What identifies the data of a run, wherever they lie: a resumed run must find the same.

import CaptionedImages
import Checkpoints
import Files
import Foundation

/// The pictures and captions of a data set, in the order of training, each with its name, size and
/// hashes.
///
/// A picture is known by its size and by the first and last 4 KB of its file. That is as good as all
/// of it: a PNG ends with a checksum of its pixels, and a JPEG that differs in the middle only is
/// hardly ever as long as before. Reading whole files would take minutes for 100,000 photos.
struct DataRecord: Equatable {
  /// A picture and its captions.
  struct Entry: Equatable {
    /// The picture's path below the folder of the data set, on one line.
    let name: String
    /// The size of its file; -1 if it cannot be read.
    let bytes: Int
    /// Hashes of the file's ends and of the captions.
    let content, captions: UInt64
  }

  let entries: [Entry]

  init(_ images: CaptionedImages) {
    let folder = absolute(images.folder)
    entries = (0..<images.count).map { index in
      let (bytes, content) = ends(of: images.file(at: index))
      return Entry(
        name: name(of: images.path(at: index), in: folder), bytes: bytes, content: content,
        captions: hash(images.captions(at: index).joined(separator: "\0")))
    }
  }

  /// The data in a few words, as noted in checkpoints.
  var summary: String {
    "\(entries.count) pictures, hash \(hex(hash(lines)))"
  }

  /// Whether all pictures are files of the same content.
  var hasOnePicture: Bool { entries.allSatisfy { $0.content == entries[0].content } }

  // MARK: - In the folder of a run

  private static let title = "bytes\tpicture\tcaptions\tname\n"

  private var lines: String {
    entries.map { "\($0.bytes)\t\(hex($0.content))\t\(hex($0.captions))\t\($0.name)\n" }.joined()
  }

  /// Writes a table, a line for each picture.
  ///
  /// Throws a `FileError` if the file cannot be written.
  func write(to path: String) throws(FileError) {
    try AtomicFile.write(Array((Self.title + lines).utf8), to: path)
  }

  /// Reads the table at `path`; nil if there is none that can be read. Then only the summary in the
  /// run's state is compared, which names no picture.
  init?(contentsOf path: String) {
    guard let bytes = try? readFile(path, limit: 1 << 32) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix(Self.title) else { return nil }
    var entries: [Entry] = []
    for line in text.utf8.dropFirst(Self.title.utf8.count).split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: "\t"), maxSplits: 3).map { String($0) ?? "" }
      guard fields.count == 4, let bytes = Int(fields[0]),
        let content = UInt64(fields[1], radix: 16), let captions = UInt64(fields[2], radix: 16)
      else { return nil }
      entries.append(Entry(name: fields[3], bytes: bytes, content: content, captions: captions))
    }
    self.entries = entries
  }

  // MARK: - Differences

  /// What is different from the data of a run whose state has `summary`; nil if nothing is, or if the
  /// table at `path`, which only explains, is not that of the run.
  func difference(from path: String, whereStateHas summary: String?) -> String? {
    guard let summary, summary != self.summary, let earlier = DataRecord(contentsOf: path),
      earlier.summary == summary
    else { return nil }
    return difference(from: earlier)
  }

  /// What is different from `earlier`, the first of each kind by name; nil if nothing is.
  func difference(from earlier: DataRecord) -> String? {
    if self == earlier { return nil }
    let before = Dictionary(earlier.entries.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    let now = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    let gone = earlier.entries.filter { now[$0.name] == nil }
    let new = entries.filter { before[$0.name] == nil }
    var clauses: [String] = []
    if gone.count == 1, new.count == 1, gone[0].content == new[0].content {
      clauses.append("\(gone[0].name) is now called \(new[0].name)")
    } else {
      let pictures = { (n: Int) in n == 1 ? "1 picture is" : "\(n) pictures are" }
      if let first = gone.first {
        clauses.append("\(pictures(gone.count)) gone (\(first.name)\(more(gone)))")
      }
      if let first = new.first {
        clauses.append("\(pictures(new.count)) new (\(first.name)\(more(new)))")
      }
    }
    let changes = entries.compactMap { entry in
      before[entry.name].flatMap { entry.change(from: $0) }
    }
    if let first = changes.first {
      clauses.append(
        changes.count == 1 ? first : "\(first), and \(changes.count - 1) more have changed")
    }
    return clauses.isEmpty
      ? "its pictures come in another order" : clauses.joined(separator: "; ")
  }

  private func more(_ entries: [Entry]) -> String { entries.count > 1 ? ", …" : "" }
}

extension DataRecord.Entry {
  /// How this picture or its captions differ from earlier ones of the name; nil if they do not.
  fileprivate func change(from earlier: Self) -> String? {
    if bytes != earlier.bytes {
      return "\(name) has another size than when this run began (\(bytes) bytes, then "
        + "\(earlier.bytes))"
    }
    if content != earlier.content {
      return "\(name) is another picture of the same size than when this run began"
    }
    return captions == earlier.captions
      ? nil : "the captions of \(name) are others than when this run began"
  }
}

/// The size of a file, and a hash of its first and last 4 KB; -1 and 0 if it cannot be read.
private func ends(of path: RawPath) -> (bytes: Int, hash: UInt64) {
  let file = path.withCString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
  guard file >= 0 else { return (-1, 0) }
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return (-1, 0) }
  let size = Int(status.st_size)
  return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
    var sum: UInt64 = 0
    for start in size > 4096 ? [0, max(4096, size - 4096)] : [0] {
      let count = pread(file, buffer.baseAddress, buffer.count, off_t(start))
      if count < 0 { return (-1, 0) }
      sum = xxHash64(UnsafeRawBufferPointer(rebasing: buffer[..<count]), seed: sum)
    }
    return (size, sum)
  }
}

/// A picture's path below `folder`, or below the folder around it, as COCO's are; that of others is
/// absolute. So it does not depend on how the path of the data set is written, nor on its place.
private func name(of path: String, in folder: String) -> String {
  let path = absolute(path)
  if path.hasPrefix("\(folder)/") { return String(path.dropFirst(folder.count + 1)) }
  let around = (folder as NSString).deletingLastPathComponent
  return path.hasPrefix("\(around)/") ? "../\(path.dropFirst(around.count + 1))" : path
}

/// An absolute path, without single points and doubled slashes.
private func absolute(_ path: String) -> String {
  let whole = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
}

private func hash(_ text: String) -> UInt64 {
  var text = text
  return text.withUTF8 { xxHash64(UnsafeRawBufferPointer($0)) }
}

private func hex(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
