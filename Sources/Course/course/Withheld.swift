#if !TEACHER
  import ArgumentParser

  /// Stands in for `solution` in learners' copies.
  struct Withheld: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "solution", abstract: "Says where solutions are.", shouldDisplay: false)

    @Argument var id: String
    @Flag var yes = false

    func run() throws {
      throw CourseError(
        "solutions do not come with this copy: make hint EX=\(id) LEVEL=3 goes nearly as far")
    }
  }
#endif
