/// One exercise of the course.
public struct Exercise: Sendable {
  /// Chapter and number: "1.2".
  public let id: String
  /// What is to be written.
  public let title: String
  /// The heading in the chapter where it belongs, as a link names it.
  public let section: String?
  /// Three hints, from a nudge to nearly the answer.
  public let hints: [String]
  /// What is checked, in this order.
  public let checks: [Check]

  /// An exercise.
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
  /// What it is worth.
  public var points: Int { checks.reduce(0) { $0 + $1.points } }
  /// Where the learner's code goes, from the root of the package.
  public var stub: String { "Sources/Course/Exercises/Chapter\(chapter).swift" }
  /// Where it is explained.
  public var reading: String {
    "chapters/\(Self.chapters[chapter] ?? "README").md" + (section.map { "#\($0)" } ?? "")
  }

  /// The names of the chapters' files.
  public static let chapters = [
    1: "1-vit", 2: "2-clip", 3: "3-dvae", 4: "4-sparse-attention", 5: "5-reranking",
  ]

  /// How the chapter's text names it.
  public var mention: String {
    "> **Exercise \(id)** (\(points) points) \(title): `\(stub)`, `make hint EX=\(id)`"
  }
}
