import CourseKit
import Files
import Foundation

/// The files that a student handed in.
struct Submission {
  /// The name of the folder.
  let name: String
  /// The text of each chapter's file that is there.
  let texts: [Int: Data]
  /// What is wrong with the others, by chapter.
  let faults: [Int: String]

  /// The longest file that is read.
  private static let limit = 1 << 20

  /// Reads a folder with Chapter1.swift … Chapter6.swift.
  init(_ folder: URL) {
    name = folder.lastPathComponent
    var texts: [Int: Data] = [:]
    var faults: [Int: String] = [:]
    // The exact names, also on disks that ignore case.
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      self.texts = [:]
      self.faults = Dictionary(
        uniqueKeysWithValues: Exercise.chapterNumbers.map {
          ($0, "Chapter\($0).swift: its folder cannot be read")
        })
      return
    }
    let others = Self.swiftFiles(in: folder).filter { path in
      !Exercise.chapterNumbers.contains { path == "Chapter\($0).swift" }
    }
    for chapter in Exercise.chapterNumbers {
      let wanted = "Chapter\(chapter).swift"
      guard names.contains(wanted) else {
        let similar = others.filter { Self.isLike(chapter, $0) }
        faults[chapter] =
          "\(wanted) is missing"
          + (similar.first.map {
            "; there is \"\(printable($0))\", which has another name or place"
          } ?? "")
        continue
      }
      switch Self.read(folder.appending(path: wanted)) {
      case .success(let data): texts[chapter] = data
      case .failure(let error): faults[chapter] = "\(wanted) \(error.description)"
      }
    }
    (self.texts, self.faults) = (texts, faults)
  }

  private static func read(_ file: URL) -> Result<Data, CourseError> {
    var status = stat()
    guard lstat(file.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return .failure(CourseError("is not an ordinary file"))
    }
    guard status.st_size <= limit else {
      return .failure(CourseError("has \(status.st_size) bytes; up to \(limit) are read"))
    }
    guard let data = try? Data(contentsOf: file) else {
      return .failure(CourseError("cannot be read"))
    }
    return String(validating: data, as: UTF8.self) == nil
      ? .failure(CourseError("is not UTF-8 text")) : .success(data)
  }

  /// Swift files in a folder and up to two levels below.
  private static func swiftFiles(in folder: URL) -> [String] {
    guard let paths = FileManager.default.enumerator(atPath: folder.path) else { return [] }
    var found: [String] = []
    var seen = 0
    while let path = paths.nextObject() as? String, found.count < 200, seen < 20_000 {
      seen += 1
      if paths.level > 3 { paths.skipDescendants() }
      if path.lowercased().hasSuffix(".swift") || path.lowercased().contains(".swift.") {
        found.append(path)
      }
    }
    return found.sorted()
  }

  /// Whether a file may be meant for a chapter: "chapter1.swift", "Chapter1 (2).swift",
  /// "hw/Chapter 1.swift.txt".
  private static func isLike(_ chapter: Int, _ path: String) -> Bool {
    let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    guard let match = name.firstMatch(of: /(?:chapter|ch)[ _-]*(\d+)/) else { return false }
    return Int(match.1) == chapter
  }
}
