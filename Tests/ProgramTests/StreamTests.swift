// Standard streams that are closed, full, or left without a reader: no trap, no hang, and no text in pictures.

import Foundation
import TestSupport
import Testing

@Suite struct StreamTests {
  private static let redirections = [
    ">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2>/dev/full", ">/dev/full", ">/dev/full 2>/dev/full",
  ]

  @Test(arguments: programs.map(\.name))
  func `no program traps or hangs`(name: String) throws {
    let arguments = programs.first { $0.name == name }?.arguments ?? []
    let usual = try ProgramRun(sh: "exec \"$@\"", [path(name)] + arguments)
    #expect([0, 64].contains(usual.status) && !usual.output.isEmpty, "\(usual)")
    // What is said goes to the other stream there.
    let wrong = ["no such thing", "--no-such-option"]
    for redirection in Self.redirections {
      for words in [arguments, wrong] {
        let run = try ProgramRun(
          sh: "exec \"$@\" \(redirection)", [path(name)] + words, limit: 30)
        #expect(run.status < 124, "\(name) \(words) \(redirection): \(run)")
      }
    }
    #if os(Linux)
      if usual.status == 0 {
        for redirection in [">&-", ">/dev/full"] {
          let run = try ProgramRun(sh: "exec \"$@\" \(redirection)", [path(name)] + arguments)
          #expect(run.status == 1 && run.complaint.contains("standard output"), "\(name): \(run)")
        }
      }
    #endif
  }

  @Test func `what is printed lands in no file`() throws {
    let folder = try TemporaryFolder()
    let caption = ["a red star", "--candidates", "2", "--keep", "2"]
    func draw(_ name: String, _ redirection: String) throws -> ProgramRun {
      try ProgramRun(
        sh: "exec \"$@\" \(redirection)",
        [path("dalle")] + caption + [
          "--output", folder.file(name), "--each", folder.file("each-\(name)"),
        ])
    }
    #expect(try draw("usual.png", "").status == 0)
    for (number, redirection) in Self.redirections.enumerated() {
      let run = try draw("\(number).png", redirection)
      #expect(run.status == (redirection.contains(" >") || redirection.hasPrefix(">") ? 1 : 0))
      #expect(try folder.read("\(number).png") == folder.read("usual.png"), "\(redirection)")
      for picture in ["001.png", "002.png"] {
        #expect(
          try folder.read("each-\(number).png/\(picture)")
            == folder.read("each-usual.png/\(picture)"), "\(redirection)")
      }
    }
  }

  @Test func `answers that are interrupted while they print end at once`() throws {
    // A reader that goes away.
    for (name, arguments) in programs {
      let run = try ProgramRun(sh: "\"$@\" | head -c 1", [path(name)] + arguments, limit: 30)
      #expect(run.status == 0 && run.output.utf8.count == 1, "\(name): \(run)")
      #expect(!run.complaint.contains("Fatal error"), "\(name): \(run)")
    }
  }
}
