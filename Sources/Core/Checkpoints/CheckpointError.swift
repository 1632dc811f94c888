import Files

/// Why a checkpoint could not be read, used or written. `description` is one sentence for the
/// user.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// The file is not a whole, valid safetensors file.
  case damaged(file: String, reason: String)
  /// The file is sound, but holds something else than expected.
  case mismatch(file: String, reason: String)
  /// The file cannot be written. What was there before is untouched.
  case unwritable(file: String, reason: String)

  /// One sentence: the file, what is wrong with it, what to do. Characters of strangers that control
  /// a terminal are printed as escapes.
  public var description: String { printable(sentence, limit: 10_000) }

  private var sentence: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): cannot be read (\(reason)); expected a .safetensors file"
    case .damaged(let file, let reason):
      "\(file): not a valid safetensors file (\(reason)); get or make the file again"
    case .mismatch(let file, let reason):
      "\(file): \(reason)"
    case .unwritable(let file, let reason):
      "\(file): cannot be written (\(reason)); what was there before is unchanged"
    }
  }
}

extension CheckpointError {
  /// What is wrong with the file at `path` as an error.
  init(_ damage: Damage, _ path: String) {
    self =
      damage.isForeign
      ? .mismatch(file: path, reason: damage.reason)
      : .damaged(file: path, reason: damage.reason)
  }

  /// The file system's error as one of ours.
  public init(_ error: FileError) {
    switch error {
    case .unreadable(let file, let reason): self = .unreadable(file: file, reason: reason)
    case .unwritable(let file, let reason): self = .unwritable(file: file, reason: reason)
    }
  }
}

/// A name from a file, made safe for a message: in quotes, short, on one line, and without
/// characters that control a terminal.
package func quoted(_ name: String) -> String { "\"\(printable(name, limit: 80))\"" }
