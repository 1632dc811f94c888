import Files

/// Why a picture could not be read or written. `description` is one sentence for the user.
public enum PictureError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// The file is neither PNG nor JPEG; `reason` says what it is and what to do.
  case notPicture(file: String, reason: String)
  /// It is a JPEG of a kind that is not read.
  case unsupported(file: String, kind: String)
  /// The header claims more pixels than the limits that we decode.
  case tooLarge(file: String, width: Int, height: Int)
  /// The header claims more pixels than a file of this size can hold, however well compressed.
  case overstated(file: String, width: Int, height: Int, bytes: Int)
  /// It is a PNG or a JPEG, but a broken one.
  case damaged(file: String, format: String, reason: String)
  /// The file cannot be written. What was there before is untouched.
  case unwritable(file: String, reason: String)

  /// The file that cannot be read or written.
  public var file: String {
    switch self {
    case .unreadable(let file, _), .notPicture(let file, _), .unsupported(let file, _),
      .tooLarge(let file, _, _), .overstated(let file, _, _, _), .damaged(let file, _, _),
      .unwritable(let file, _):
      file
    }
  }

  /// What is wrong with the file, and what to do.
  public var reason: String {
    switch self {
    case .unreadable(_, let reason):
      "cannot be read (\(reason)); expected a PNG or JPEG picture"
    case .notPicture(_, let reason): reason
    case .unsupported(_, let kind):
      "is a JPEG \(kind), which is not read; save it as PNG or as an ordinary JPEG"
    case .tooLarge(_, let width, let height):
      "the header claims \(width)×\(height) pixels, more than the limit of "
        + "\(PictureLimits.side) a side and \(PictureLimits.pixels) in all; "
        + "make the picture smaller first"
    case .overstated(_, let width, let height, let bytes):
      "the header claims \(width)×\(height) pixels, more than the \(bytes) bytes of the "
        + "file can hold; the file is damaged, get it again"
    case .damaged(_, let format, let reason):
      "the \(format) is damaged (\(reason)); get the file again"
    case .unwritable(_, let reason):
      "cannot be written (\(reason)); choose another place"
    }
  }

  /// One sentence: the file, what is wrong with it, what to do. Characters of strangers that control
  /// a terminal are printed as escapes.
  public var description: String { printable("\(file): \(reason)", limit: 10_000) }
}

extension PictureError {
  /// The file system's error as one of ours.
  init(_ error: FileError) {
    switch error {
    case .unreadable(let file, let reason): self = .unreadable(file: file, reason: reason)
    case .unwritable(let file, let reason): self = .unwritable(file: file, reason: reason)
    }
  }
}
