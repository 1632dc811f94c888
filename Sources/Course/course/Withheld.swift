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

  /// Stands in for `exercises` in learners' copies.
  struct NoExercises: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "exercises", abstract: "Says who makes stubs.", shouldDisplay: false)

    @Flag var overwrite = false

    func run() throws {
      throw CourseError(
        "stubs are made from solutions, which do not come with this copy; make reset EX=1.1 brings "
          + "one back")
    }
  }

  /// Stands in for `student-release` in learners' copies.
  struct NoRelease: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "student-release", abstract: "Says that this is one.", shouldDisplay: false)

    @Argument var folder: String

    func run() throws {
      throw CourseError("this is a learners' copy already: copy the folder to hand it on")
    }
  }
#endif
