import Files

/// Why a data set could not be read or written. A single bad picture is not an error: it is left
/// out and counted in the `DataReport`.
public enum DataError: Error, Equatable, CustomStringConvertible {
  /// The file or folder cannot be opened, read or written.
  case inaccessible(path: String, reason: String)
  /// It exists, but is none of the formats of data sets.
  case unknownFormat(path: String, reason: String)
  /// A list of pictures or captions contradicts its format. `line` counts from 1.
  case malformed(file: String, line: Int?, reason: String)
  /// No pair of a picture and a caption is left; the report's `omissions` say why.
  case empty(path: String, omissions: [String])
  /// No pair of the source can be read; for an endless source, not the requested one.
  case allUnreadable(count: Int?, first: String)
  /// The folder to write to holds other files.
  case occupied(folder: String)

  /// One sentence on one line: the file, what is wrong with it, what to do. Characters of strangers
  /// that control a terminal are printed as escapes.
  public var description: String { printable(sentence, limit: 10_000) }

  private var sentence: String {
    switch self {
    case .inaccessible(let path, let reason):
      "\(path): \(reason)"
    case .unknownFormat(let path, let reason):
      "\(path): \(reason); give a folder of pictures with NAME.txt beside NAME.png or NAME.jpg, a "
        + "COCO captions_….json, the folder CUB_200_2011, or a list .jsonl or .csv"
    case .malformed(let file, let line, let reason):
      "\(file)\(line.map { " line \($0)" } ?? ""): \(reason)"
    case .empty(let path, let omissions):
      "\(path): no picture with a caption was found"
        + (omissions.isEmpty ? "" : "; \(omissions.joined(separator: "; "))")
    case .allUnreadable(let count, let first):
      count.map { "none of \($0) pictures can be read; the first: \(first)" } ?? first
    case .occupied(let folder):
      "\(folder): the folder is not empty; name a new one, or allow overwriting"
    }
  }
}

extension DataError {
  /// The file system's error as one of ours.
  init(_ error: FileError) {
    switch error {
    case .unreadable(let file, let reason), .unwritable(let file, let reason):
      self = .inaccessible(path: file, reason: reason)
    }
  }
}
