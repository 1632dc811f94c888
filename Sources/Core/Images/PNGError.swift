import Files

/// Why a PNG file could not be read or written. `description` is one sentence for the user.
public enum PNGError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// The file is something else, or empty.
  case notPNG(file: String)
  /// The header claims more pixels than the limits that we decode.
  case tooLarge(file: String, width: Int, height: Int)
  /// The header claims more pixels than a file of this size can hold, however well compressed.
  case overstated(file: String, width: Int, height: Int, bytes: Int)
  /// It is a PNG, but a broken one.
  case damaged(file: String, reason: String)
  /// The file cannot be written. What was there before is untouched.
  case unwritable(file: String, reason: String)

  /// One sentence: the file, what is wrong with it, what to do.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): cannot be read (\(reason)); expected a PNG picture"
    case .notPNG(let file):
      "\(file): this is not a PNG file; convert the picture to PNG first"
    case .tooLarge(let file, let width, let height):
      "\(file): the header claims \(width)×\(height) pixels, more than the limit of "
        + "\(PNGSamples.maximumSide) a side and \(PNGSamples.maximumPixels) in all; "
        + "make the picture smaller first"
    case .overstated(let file, let width, let height, let bytes):
      "\(file): the header claims \(width)×\(height) pixels, more than the \(bytes) bytes of the "
        + "file can hold; the file is damaged, get it again"
    case .damaged(let file, let reason):
      "\(file): the PNG is damaged (\(reason)); get the file again"
    case .unwritable(let file, let reason):
      "\(file): cannot be written (\(reason)); choose another place"
    }
  }
}

extension PNGError {
  /// The file system's error as one of ours.
  init(_ error: FileError) {
    switch error {
    case .unreadable(let file, let reason): self = .unreadable(file: file, reason: reason)
    case .unwritable(let file, let reason): self = .unwritable(file: file, reason: reason)
    }
  }
}
