import CourseKit
import Solutions
import TensorCore

/// The given codes that stay: whole rows, n at most.
private func wholeRows(_ given: [Int32], _ grid: Int) -> [Int32] {
  Array(given.prefix(min(given.count / grid, grid) * grid))
}

/// The codes, and after them those that the stream says, which it reads.
private func drawn(after codes: [Int32], _ grid: Int, _ stream: CodeStream) -> [Int32] {
  var (codes, stream) = (codes, stream)
  while codes.count < grid * grid {
    codes.append(stream.likeliest)
    stream.add([codes[codes.count - 1]])
  }
  return codes
}

extension CodeStream {
  /// The likeliest code.
  fileprivate var likeliest: Int32 { logits.argmax(axis: 0).values[0] }
}

enum GivenNotRead: Mutant4 {
  static let note = Note(
    "4.10", caughtBy: "3 and 7 are given, 8 and 9 follow",
    "the stream has not read the given codes, so the rest is drawn as if it were the top of a "
      + "picture: add them before the first draw")
  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32] {
    drawn(after: wholeRows(given, grid), grid, stream)
  }
}

enum DrawnNotRead: Mutant4 {
  static let note = Note(
    "4.10", caughtBy: "3 and 7 are given, 8 and 9 follow",
    "the stream does not read what is drawn, so its logits stay the same: add each code after its "
      + "draw")
  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32] {
    var (codes, stream) = (wholeRows(given, grid), stream)
    stream.add(codes)
    while codes.count < grid * grid { codes.append(stream.likeliest) }
    return codes
  }
}

enum OneCodeBehind: Mutant4 {
  static let note = Note(
    "4.10", caughtBy: "3 and 7 are given, 8 and 9 follow",
    "the stream is one code behind: the draw for place k uses the logits after k - 1 codes")
  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32] {
    var (codes, stream) = (wholeRows(given, grid), stream)
    stream.add(Array(codes.dropLast()))
    while codes.count < grid * grid {
      codes.append(stream.likeliest)
      stream.add(Array(codes.dropLast().suffix(1)))
    }
    return codes
  }
}

enum ReadAgain: Mutant4 {
  static let note = Note(
    "4.10", caughtBy: "3 and 7 are given, 8 and 9 follow",
    "all codes are read again before each draw; the stream remembers them: add the newest only")
  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32] {
    var (codes, stream) = (wholeRows(given, grid), stream)
    while codes.count < grid * grid {
      stream.add(codes)
      codes.append(stream.likeliest)
    }
    return codes
  }
}

enum DrawnOver: Mutant4 {
  static let note = Note(
    "4.10", caughtBy: "3 and 7 are given, 8 and 9 follow",
    "the given codes are drawn over; they stay as they are, and drawing begins after them")
  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32] {
    try Reference4.completed([], grid: grid, stream: stream)
  }
}

enum PartOfARowKept: Mutant4 {
  static let note = Note(
    "4.10", caughtBy: "a row that is not whole is drawn anew",
    "the given part of a last row is kept; only whole rows are: given.count / n of them")
  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32] {
    let kept = Array(given.prefix(grid * grid))
    var stream = stream
    stream.add(kept)
    return drawn(after: kept, grid, stream)
  }
}

enum DrawsFirst: Mutant4 {
  static let note = Note(
    "4.10", caughtBy: "all is given, nothing is drawn",
    "a code is drawn although all are given: ask whether one is missing before each draw")
  static func completed(_ given: [Int32], grid: Int, stream: CodeStream) throws -> [Int32] {
    var (codes, stream) = (wholeRows(given, grid), stream)
    stream.add(codes)
    repeat {
      codes.append(stream.likeliest)
      stream.add([codes[codes.count - 1]])
    } while codes.count < grid * grid
    return codes
  }
}
