import Files
import Images

/// All that a reader finds in a data set, in any order, before anything is left out.
struct Findings {
  var report: DataReport
  /// Every name of a file is relative to this folder.
  let folder: String
  private var paths = PackedStrings()
  private var numbers: [String: Int32] = [:]
  private var texts = PackedStrings()
  /// The number of the picture that each caption belongs to.
  private var owners: [Int32] = []

  init(folder: String) {
    self.folder = folder
    report = DataReport(folder: folder)
  }

  /// The number of the picture in the file `name`; a new one if the file was not named before.
  mutating func picture(_ name: String) -> Int32 {
    let path = pngPath(of: resolve(name))
    if let known = numbers[path] {
      report.merged += 1
      return known
    }
    let number = Int32(paths.count)
    numbers[path] = number
    paths.append(path)
    return number
  }

  /// Adds a caption to a picture. Runs of white space become single spaces; blank captions are
  /// ignored.
  mutating func add(caption: String, to picture: Int32) {
    let text = caption.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if text.isEmpty { return }
    texts.append(text)
    owners.append(picture)
  }

  /// Adds the captions in the text file `name`, one on each line, if the file exists.
  mutating func add(captionsIn name: String, to picture: Int32) {
    if !exists(resolve(name)) { return }
    guard let bytes = try? readFile(resolve(name), limit: 1 << 20),
      let text = String(validating: bytes, as: UTF8.self)
    else { return report.leaveOut(name, .captionsUnreadable) }
    let withoutMark = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
    for line in withoutMark.split(whereSeparator: \.isNewline) {
      add(caption: String(line), to: picture)
    }
  }

  /// The path of `name` as seen from here.
  func resolve(_ name: String) -> String {
    let parts = name.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    return name.hasPrefix("/") ? "/\(parts)" : "\(folder)/\(parts)"
  }

  // MARK: - Leaving out

  /// Everything that is kept, picture by picture, and the report of the rest. `firsts` holds the
  /// index of each picture's first caption.
  func selection(
    filtered: Bool
  ) -> (report: DataReport, paths: PackedStrings, texts: PackedStrings, firsts: [Int]) {
    var report = report
    var kept = (paths: PackedStrings(), texts: PackedStrings(), firsts: [Int]())
    let captions = captionsByPicture
    for (number, path) in paths.enumerated() {
      let name = path.hasPrefix("\(folder)/") ? String(path.dropFirst(folder.count + 1)) : path
      if let (reason, detail) = problem(with: path, filtered) {
        report.leaveOut(detail.map { "\(name): \($0)" } ?? name, reason)
        continue
      }
      let first = kept.texts.count
      for text in captions(number).map({ texts[Int($0)] }) {
        if filtered, let reason = objection(to: text) {
          report.leaveOut("\(name): \"\(text.prefix(40))\"", reason)
        } else {
          kept.texts.append(text)
        }
      }
      if kept.texts.count == first {
        report.leaveOut(name, .noCaption)
      } else {
        kept.paths.append(path)
        kept.firsts.append(first)
      }
    }
    (report.pictures, report.captions) = (kept.paths.count, kept.texts.count)
    return (report, kept.paths, kept.texts, kept.firsts)
  }

  /// The numbers of a picture's captions, in the order in which they were found.
  private var captionsByPicture: (Int) -> ArraySlice<Int32> {
    // Counting sort: `ends[p]` is first where picture p's captions begin, then where they end.
    var ends = [Int](repeating: 0, count: paths.count + 1)
    for owner in owners { ends[Int(owner) + 1] += 1 }
    for p in paths.indices { ends[p + 1] += ends[p] }
    var order = [Int32](repeating: 0, count: owners.count)
    for (caption, owner) in owners.enumerated() {
      order[ends[Int(owner)]] = Int32(caption)
      ends[Int(owner)] += 1
    }
    return { [order, ends] p in order[(p == 0 ? 0 : ends[p - 1])..<ends[p]] }
  }

  /// Why a picture cannot be used, as far as its header tells.
  private func problem(
    with path: String, _ filtered: Bool
  ) -> (reason: DataReport.Reason, detail: String?)? {
    guard exists(path) else { return (.missing, nil) }
    if isJPEG(path) { return (.jpeg, nil) }
    do {
      let (width, height) = try Image.size(png: path)
      return filtered && isTooLong(width: width, height: height)
        ? (.aspectRatio, "\(width)×\(height)") : nil
    } catch {
      // The sentence begins with the path; the report names it in its own way.
      return (.unreadable, String(error.description.dropFirst("\(path): ".count)))
    }
  }
}
