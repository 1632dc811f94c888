import ArgumentParser
import CProcess
import Foundation

/// Becomes the program that answers for a submission, within limits. `grade` runs this.
struct StartAnswers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start-answers", abstract: "Becomes a submission's program, within limits.",
    shouldDisplay: false)

  @Option var memory: Int
  @Option var file: Int
  @Option var seconds: Int
  @Flag var dropRoot = false
  @Argument var program: String
  @Argument var arguments: [String] = []

  func run() throws {
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    let limits = process_limits(
      memory: Int64(memory), file: Int64(file), seconds: Int64(seconds),
      drops_root: dropRoot ? 1 : 0)
    process_become(program, &words, limits)
    throw CourseError("\(program) cannot be started (\(String(cString: strerror(errno))))")
  }
}
