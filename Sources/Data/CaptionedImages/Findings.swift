import Files
import Images
import PictureFiles

/// All that a reader finds in a data set, in any order, before anything is left out.
struct Findings {
  var report = DataReport()
  /// The folder of the pictures: names in the report are relative to it.
  var folder: String
  var locator = Locator()
  /// Pictures that share their name with one that has the caption.
  var twins: Set<Int32> = []
  private var paths = PackedStrings()
  private var numbers: [RawPath: Int32] = [:]
  private var texts = PackedStrings()
  /// The number of the picture that each caption belongs to.
  private var owners: [Int32] = []

  init(folder: String) {
    self.folder = folder
  }

  /// The number of the picture that a list calls `name`, relative to `base`.
  mutating func picture(named name: String, in base: String) -> Int32 {
    let path = locator.path(of: name, in: base)
    if numbers[path] != nil {
      report.merged += 1
    } else if leadsOutside(name) {
      report.note(RawPath(name).text, .outside)
    }
    return picture(at: path)
  }

  /// The number of the picture at `path`; a new one if the file is not known yet.
  mutating func picture(at path: RawPath) -> Int32 {
    if let known = numbers[path] { return known }
    guard let number = Int32(exactly: paths.count) else {
      preconditionFailure("a data set has at most 2³¹ pictures, this one over \(paths.count)")
    }
    numbers[path] = number
    paths.append(bytes: path.bytes)
    return number
  }

  /// Adds captions to the picture that a list calls `name`.
  mutating func add(captions: [String], toPicture name: String, in base: String) {
    let picture = picture(named: name, in: base)
    for caption in captions { add(caption: caption, to: picture) }
  }

  /// Adds a caption to a picture. Runs of white space become single spaces; blank captions are
  /// ignored.
  mutating func add(caption: String, to picture: Int32) {
    let words = caption.unicodeScalars.split {
      // These two are white space for Unicode, but no gaps when models clean a caption.
      $0.properties.isWhitespace && $0.value != 0x0B && $0.value != 0x85
    }
    let text = words.map { String($0) }.joined(separator: " ")
    if text.isEmpty { return }
    precondition(
      texts.count < Int(Int32.max), "a data set has at most 2³¹ captions, got \(texts.count)")
    texts.append(text)
    owners.append(picture)
  }

  /// Adds the captions in the file at `path`: one on each line, or those of a JSON file.
  mutating func add(captionsIn path: RawPath, to picture: Int32) {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readFile(path, limit: 1 << 20) } catch {
      return report.note("\(shown(path)): \(error.reason)", .captionsUnreadable)
    }
    if let flaw = encodingFlaw(of: bytes) {
      return report.note("\(shown(path)): \(flaw)", .captionsUnreadable)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let withoutMark = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
    if splitExtension(path).kind == "json" {
      let captions = captions(inJSON: withoutMark)
      for caption in captions { add(caption: caption, to: picture) }
      if captions.isEmpty {
        report.note("\(shown(path)): it has no \"caption\" or \"text\"", .captionsUnreadable)
      }
    } else {
      for line in withoutMark.split(whereSeparator: \.isNewline) {
        add(caption: String(line), to: picture)
      }
    }
  }

  /// A path as the report shows it: without the folder, on one line.
  func shown(_ path: RawPath) -> String {
    let prefix = Array("\(folder)/".utf8)
    return RawPath(
      bytes: path.bytes.starts(with: prefix) ? path.bytes.dropFirst(prefix.count) : path.bytes[...]
    ).text
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
    for number in paths.indices {
      let path = RawPath(bytes: paths.bytes(at: number))
      let name = shown(path)
      if let (reason, detail) = problem(with: path, filtered) {
        report.note(detail.map { "\(name): \($0)" } ?? name, reason)
        continue
      }
      let first = kept.texts.count
      for text in captions(number).map({ texts[Int($0)] }) {
        if filtered, let reason = objection(to: text) {
          report.note("\(name): \"\(text.prefix(40))\"", reason)
        } else {
          kept.texts.append(text)
        }
      }
      if kept.texts.count == first {
        report.note(name, twins.contains(Int32(number)) ? .twin : .noCaption)
      } else {
        kept.paths.append(bytes: path.bytes)
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
    with path: RawPath, _ filtered: Bool
  ) -> (reason: DataReport.Reason, detail: String?)? {
    do {
      let (width, height) = try Image.storedSize(of: path)
      return filtered && isTooLong(width: width, height: height)
        ? (.aspectRatio, "\(width)×\(height)") : nil
    } catch {
      // The report names the file in its own way.
      return path.status == nil ? (.missing, nil) : (.unreadable, error.reason)
    }
  }
}
