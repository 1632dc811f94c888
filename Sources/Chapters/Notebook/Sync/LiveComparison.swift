import Foundation
import Images
import PictureFiles

/// Whether the tests should run whole chapters, which takes minutes: true if the environment variable
/// LIVE is set, as by `make check`.
public let liveRunsAreWanted = ProcessInfo.processInfo.environment["LIVE"] != nil

/// Runs a chapter and says how its output differs from the record: words must be the same, numbers
/// nearly the same, because processors round differently.
///
/// A number x of the record and a new one y agree when |x − y| ≤ atol + rtol · |x|. Pictures
/// agree when their pixels differ by less than `pixels`, of 255, on average.
///
/// Throws what a cell throws, and a `FileError` or `NotebookError` if the record cannot be read.
public func liveProblems<C: Chapter>(
  _ chapter: C.Type, atol: Double = 2e-3, rtol: Double = 2e-3, pixels: Double = 2
) throws -> [String] {
  try liveProblems(
    C.self, ChapterFiles(C.self), Agreement(atol: atol, rtol: rtol, pixels: pixels))
}

func liveProblems<C: Chapter>(
  _: C.Type, _ files: ChapterFiles, _ agreement: Agreement
) throws -> [String] {
  let record = try ChapterRecord(path: files.record)
  var run = ChapterRun<C>(files, seed: record.seed)
  var drawn: [String: [UInt8]] = [:]
  run.hear = { event in
    guard case .ends(_, let output, _) = event else { return }
    for (figure, bytes) in output.figures { drawn[figure.file] = bytes }
  }
  let fresh = try run()
  var problems: [String] = []
  let (old, new) = (record.cells.map(\.cell), fresh.cells.map(\.cell))
  if old != new {
    problems.append(
      "the cells are \(new.joined(separator: ", ")), recorded were \(old.joined(separator: ", "))")
  }
  for (old, new) in zip(record.cells, fresh.cells) where old.cell == new.cell {
    problems += agreement.problems(old, new)
    for figure in old.figures {
      guard let bytes = drawn[figure.file] else { continue }
      let path = "\(files.figures)/\(figure.file)"
      if let problem = try agreement.problem(figure.file, path, bytes) {
        problems.append("cell \(old.cell): \(problem)")
      }
    }
  }
  if !problems.isEmpty { problems.append(SyncCheck.advice) }
  return problems
}

/// How closely two runs must agree.
struct Agreement {
  var atol = 2e-3
  var rtol = 2e-3
  var pixels = 2.0

  /// How the outputs of a cell differ.
  func problems(_ old: CellRecord, _ new: CellRecord) -> [String] {
    var problems: [String] = []
    if !agree(old.text, new.text) {
      problems.append(
        "cell \(old.cell) prints something else than recorded (- record, + this run)\n"
          + difference(from: old.text, to: new.text))
    }
    if old.values.map(\.name) != new.values.map(\.name) {
      problems.append("cell \(old.cell) has other values than recorded")
    }
    let (oldFigures, newFigures) = (
      old.figures.map { "\($0.file): \($0.caption)" },
      new.figures.map { "\($0.file): \($0.caption)" }
    )
    let captionsAgree = zip(oldFigures, newFigures).allSatisfy { agree($0, $1) }
    if oldFigures.count != newFigures.count || !captionsAgree {
      problems.append(
        "cell \(old.cell) has other figures than recorded (- record, + this run)\n"
          + difference(
            from: oldFigures.joined(separator: "\n"), to: newFigures.joined(separator: "\n")))
    }
    return problems
  }

  /// Whether two texts have the same words and nearly the same numbers. Shades of a heat map do
  /// not count: the number beside each does.
  func agree(_ old: String, _ new: String) -> Bool {
    agree(old, new, atol: atol)
  }

  private func agree(_ old: String, _ new: String, atol: Double) -> Bool {
    let (a, b) = (tokens(old), tokens(new))
    return a.count == b.count
      && zip(a, b).allSatisfy { a, b in
        switch (a, b) {
        case (.word(let a), .word(let b)): a == b
        case (.number(let a), .number(let b)): abs(a - b) <= atol + rtol * abs(a)
        default: false
        }
      }
  }

  /// How a figure differs from the recorded one; nil if it does not. Places may differ by a pixel or
  /// two, and colours of pictures in it by as much on average.
  func problem(_ file: String, _ path: String, _ bytes: [UInt8]) throws -> String? {
    let (old, new) = (try readText(path), String(decoding: bytes, as: UTF8.self))
    let picture = #/data:image\/png;base64,([^"]*)/#
    func drawing(_ svg: String) -> String { apart(svg.replacing(picture, with: "")) }
    guard agree(drawing(old), drawing(new), atol: max(atol, pixels)) else {
      return "figure \(file) is drawn differently from the recorded one"
    }
    func pictures(_ svg: String) throws -> [Image] {
      try svg.matches(of: picture).map {
        try Image(data: Array(Data(base64Encoded: String($0.1)) ?? Data()), name: file)
      }
    }
    let pairs = zip(try pictures(old), try pictures(new))
    var (sum, count) = (0, 1)
    for (old, new) in pairs {
      guard old.width == new.width && old.height == new.height else {
        return "figure \(file) has a picture of \(new.width)×\(new.height), recorded "
          + "\(old.width)×\(old.height)"
      }
      sum += zip(old.pixels, new.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      count += old.pixels.count
    }
    let mean = Double(sum) / Double(count)
    if mean <= pixels { return nil }
    let difference = NumberStyle.decimals(1).text(mean)
    return "figure \(file) differs from the recorded one by \(difference) of 255 per pixel"
  }

  /// A plot with its coordinates separated by spaces: commas would be read as thousands.
  private func apart(_ svg: String) -> String { svg.replacing(",", with: " ") }

  private enum Token: Equatable {
    case word(Substring)
    case number(Double)
  }

  /// Numbers and what stands between them. Digits in a word, as in `conv3x3`, belong to the word,
  /// and the lengths of rules and gaps do not count.
  private func tokens(_ text: String) -> [Token] {
    var tokens: [Token] = []
    for part in text.split(whereSeparator: { $0.isWhitespace || "░▒▓█─".contains($0) }) {
      var word = part.startIndex
      var next = part.startIndex
      while next < part.endIndex {
        let isInWord = next > word && (part[part.index(before: next)].isLetter)
        guard !isInWord, let (value, end) = number(at: next, in: part) else {
          next = part.index(after: next)
          continue
        }
        if word < next { tokens.append(.word(part[word..<next])) }
        tokens.append(.number(value))
        (word, next) = (end, end)
      }
      if word < part.endIndex { tokens.append(.word(part[word...])) }
    }
    return tokens
  }

  /// The number that begins here: "−3.1", "12,288", "1.2e−7".
  private func number(at start: Substring.Index, in part: Substring) -> (Double, Substring.Index)? {
    let form = #/[−-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[−+-]?\d+)?/#
    guard let match = part[start...].prefixMatch(of: form) else { return nil }
    let digits = match.0.replacing("−", with: "-").replacing(",", with: "")
    return Double(digits).map { ($0, match.range.upperBound) }
  }
}
