/// One exercise of the course.
public struct Exercise: Sendable {
  /// Chapter and number: "1.2".
  public let id: String
  /// What to write.
  public let title: String
  /// The anchor of its heading in the chapter.
  public let section: String?
  /// Three hints, from a nudge to nearly the answer.
  public let hints: [String]
  /// The checks, in this order.
  public let checks: [Check]

  /// An exercise; `section` is nil if the whole chapter explains it.
  public init(
    _ id: String, _ title: String, section: String? = nil, hints: [String], checks: [Check]
  ) {
    self.id = id
    self.title = title
    self.section = section
    self.hints = hints
    self.checks = checks
  }

  /// The chapter it belongs to.
  public var chapter: Int { Int(id.prefix { $0 != "." }) ?? 0 }
  /// The points of all checks.
  public var points: Int { checks.reduce(0) { $0 + $1.points } }
  /// The file for the learner's code, from the root of the package.
  public var stub: String { "Sources/Course/Exercises/Chapter\(chapter).swift" }
  /// Where it is explained.
  public var reading: String {
    "chapters/\(Self.chapters[chapter] ?? "README").md" + (section.map { "#\($0)" } ?? "")
  }

  /// The numbers of the chapters.
  public static let chapterNumbers = 1...6

  /// The names of the chapters' files.
  public static let chapters = [
    1: "1-vit", 2: "2-clip", 3: "3-dvae", 4: "4-sparse-attention", 5: "5-reranking",
    6: "6-at-scale",
  ]

  /// The line by which the chapter's text names it.
  public var mention: String {
    "> **Exercise \(id)** (\(points) points) \(title): `\(stub)`, `make hint EX=\(id)`"
  }
}
