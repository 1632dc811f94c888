import Checkpoints
import Files
import Foundation

/// The checks that the code, the prose, the record and the figures of a chapter agree.
///
///     let problems = try SyncCheck.code.problems(Chapter1.self)  // [] if all is well
///
/// `Tests/ChapterTests` makes all checks of all chapters.
public enum SyncCheck: String, CaseIterable, Sendable {
  /// The code in the prose is the code of the anchors; each is shown once, in the order of the run.
  case code
  /// The outputs in the prose are those of the record.
  case outputs
  /// Every figure is there, unchanged, shown once and described; there are no others.
  case figures
  /// The numbers in the prose are those of the record, and no line begins with one.
  case values
  /// Links lead to files and headings that exist.
  case links

  /// Everything that is wrong with a chapter, in sentences; empty if nothing is.
  ///
  /// Throws a `FileError` or `NotebookError` if a part of the chapter cannot be read.
  public func problems(_ chapter: (some Chapter).Type) throws -> [String] {
    try problems(ChapterFiles(chapter), cells: chapter.cells.map(\.name))
  }

  /// The same for files in any folder.
  func problems(_ files: ChapterFiles, cells: [String]) throws -> [String] {
    let text = try files.text()
    let check = Check(files: files, text: text)
    var problems: [String] =
      switch self {
      case .code: check.code(try Anchors(folder: files.sources), cells)
      case .outputs: check.outputs(try ChapterRecord(path: files.record), cells)
      case .figures: check.figures(try ChapterRecord(path: files.record))
      case .values: check.values(try ChapterRecord(path: files.record))
      case .links: try brokenLinks(in: files.markdown, root: files.root)
      }
    if !problems.isEmpty && self != .links { problems.append(Self.advice) }
    return problems
  }

  static let advice = "run `make chapters` to accept what the code says now"
}

/// The checks of one chapter. All problems name the place in the Markdown.
private struct Check {
  let files: ChapterFiles
  let text: ChapterText

  private func at(_ line: Int) -> String { "\(files.relative(files.markdown)):\(line)" }
  private var anywhere: String { files.relative(files.markdown) }

  func code(_ anchors: Anchors, _ cells: [String]) -> [String] {
    var problems: [String] = []
    var shown: [String] = []
    for case (let line, .cell(let name, let code)) in text.pieces {
      shown.append(name)
      guard let anchor = anchors[name] else {
        problems.append("\(at(line)): there is no anchor \(name) in the code")
        continue
      }
      if code != anchor {
        problems.append(
          "\(at(line)): cell \(name) is not the code that runs (- code, + chapter)\n"
            + difference(from: anchor, to: code ?? ""))
      }
    }
    for case (let line, .excerpt(let excerpt, let found)) in text.pieces {
      do {
        let code = try excerpt.code(root: files.root)
        if found != code {
          problems.append(
            "\(at(line)): this is not the code of \(excerpt.file) (- code, + chapter)\n"
              + difference(from: code, to: found ?? ""))
        }
      } catch {
        problems.append("\(at(line)): \(error)")
      }
    }
    problems += repeated(shown).map { "\(anywhere): cell \($0) is shown more than once" }
    problems += anchors.pieces.map(\.name).filter { !shown.contains($0) }.map {
      "\(anywhere): anchor \($0) of the code is not shown; add <!-- cell: \($0) -->"
    }
    let inOrder = shown.filter(cells.contains)
    let expected = cells.filter(inOrder.contains)
    if Set(inOrder).count == inOrder.count && inOrder != expected {
      problems.append(
        "\(anywhere): cells are shown in the order \(inOrder.joined(separator: ", ")) but run in the "
          + "order \(expected.joined(separator: ", "))")
    }
    return problems
  }

  func outputs(_ record: ChapterRecord, _ cells: [String]) -> [String] {
    var problems: [String] = []
    var shown: [String] = []
    if record.cells.map(\.cell) != cells {
      problems.append(
        "\(files.relative(files.record)): is the record of the cells "
          + "\(record.cells.map(\.cell).joined(separator: ", ")), not of "
          + cells.joined(separator: ", "))
    }
    for case (let line, .output(let name, let found)) in text.pieces {
      shown.append(name)
      guard let recorded = record[name]?.text else {
        problems.append("\(at(line)): there is no cell \(name) in the record")
        continue
      }
      if found != recorded {
        problems.append(
          "\(at(line)): the output of \(name) is not the recorded one (- record, + chapter)\n"
            + difference(from: recorded, to: found ?? ""))
      }
    }
    problems += repeated(shown).map { "\(anywhere): output \($0) is shown more than once" }
    problems += record.cells.filter { !$0.text.isEmpty && !shown.contains($0.cell) }.map {
      "\(anywhere): what cell \($0.cell) says is not shown; add <!-- output: \($0.cell) -->"
    }
    return problems
  }

  func figures(_ record: ChapterRecord) -> [String] {
    var problems: [String] = []
    var shown: [String] = []
    let recorded = record.cells.flatMap(\.figures)
    for case (let line, .figure(let name, let alt, let image)) in text.pieces {
      shown.append(name)
      guard let figure = record.figure(name) else {
        problems.append("\(at(line)): there is no figure \(name) in the record")
        continue
      }
      if alt.count < 15 {
        problems.append(
          "\(at(line)): figure \(name) needs alt=\"…\", a description of 15 characters or more")
      }
      if image != files.imageLine(figure, alt: alt) {
        problems.append("\(at(line)): the line below does not show figure \(name)")
      }
    }
    problems += repeated(shown).map { "\(anywhere): figure \($0) is shown more than once" }
    for figure in recorded {
      if !shown.contains(figure.name) {
        problems.append(
          "\(anywhere): figure \(figure.name) is not shown; add "
            + "<!-- figure: \(figure.name) alt=\"…\" -->")
      }
      let path = "\(files.figures)/\(figure.file)"
      do throws(CheckpointError) {
        if try SHA256.hex(ofFile: path) != figure.sha256 {
          problems.append("\(files.relative(path)): is not the figure that was recorded")
        }
      } catch {
        problems.append("\(files.relative(path)): the figure is missing")
      }
    }
    let known = recorded.map(\.file)
    problems += fileNames(in: files.figures).filter { !known.contains($0) }.map {
      "\(files.relative("\(files.figures)/\($0)")): no cell draws this file; remove it"
    }
    problems += fileNames(in: files.live).filter { !shown.contains(String($0.dropLast(3))) }.map {
      "\(files.relative("\(files.live)/\($0)")): no figure of this name is shown; rename or remove it"
    }
    return problems
  }

  func values(_ record: ChapterRecord) -> [String] {
    let wrong = text.values.compactMap { line, path, found -> String? in
      guard let recorded = record.value(path) else {
        return "\(at(line)): there is no value \(path) in the record"
      }
      return found == recorded
        ? nil : "\(at(line)): \(path) is \(recorded), the text says \"\(found)\""
    }
    // To Markdown such a line is HTML: it ends the paragraph, and what is in it is not formatted.
    let first = text.pieces.compactMap { line, piece -> String? in
      guard case .prose(let prose, isCode: false) = piece, prose.hasPrefix("<!-- value") else {
        return nil
      }
      return "\(at(line)): a line must not begin with a value; move a word in front of it"
    }
    return wrong + first
  }

  private func repeated(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { !seen.insert($0).inserted }
  }
}
