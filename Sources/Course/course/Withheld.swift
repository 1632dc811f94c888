#if !TEACHER
  import ArgumentParser

  /// Replaces `solution` in learners' copies.
  struct Withheld: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "solution", abstract: "Explains where the solutions are.", shouldDisplay: false)

    @Argument var id: String
    @Flag var yes = false

    func run() throws {
      throw CourseError(
        "this copy has no solutions: make hint EX=\(id) LEVEL=3 gives nearly the answer")
    }
  }

  /// Replaces `exercises` in learners' copies.
  struct NoExercises: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "exercises", abstract: "Explains how stubs are made.", shouldDisplay: false)

    @Flag var overwrite = false

    func run() throws {
      throw CourseError(
        "stubs are made from the solutions, which this copy does not have; make reset EX=1.1 "
          + "restores one")
    }
  }

  /// Replaces `grade-all` in learners' copies.
  struct NoGradeAll: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "grade-all", abstract: "Explains that this is a learners' copy.",
      shouldDisplay: false)

    @Argument var submissions = ""
    @Option var output = ""
    @Option var seed = ""

    func run() throws {
      throw CourseError("a learners' copy grades its own files only: make grade")
    }
  }

  /// Replaces `student-release` in learners' copies.
  struct NoRelease: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "student-release", abstract: "Explains that this is a learners' copy.",
      shouldDisplay: false)

    @Argument var folder: String

    func run() throws {
      throw CourseError("this is a learners' copy already: copy its folder to hand it out")
    }
  }
#endif
