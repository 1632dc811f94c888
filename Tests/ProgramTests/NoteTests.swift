// What programs say beside their results.

import Foundation
import TestSupport
import Testing

@Suite struct NoteTests {
  @Test func `more to keep than are drawn is said`() throws {
    let folder = try TemporaryFolder()
    let draw = [
      path("dalle"), "a red star", "--candidates", "2", "--output", folder.file("x.png"),
    ]
    let more = try ProgramRun(sh: "exec \"$@\"", draw + ["--keep", "5"])
    #expect(more.status == 0 && more.output.contains("the best 2 of 2"), "\(more)")
    #expect(more.complaint.contains("note: all 2 are kept: --keep 5 is more than are drawn\n"))
    for usual in [[], ["--keep", "2"], ["--keep", "1"]] {
      let run = try ProgramRun(sh: "exec \"$@\"", draw + usual)
      #expect(run.status == 0 && !run.complaint.contains("note:"), "\(run)")
    }
  }

  @Test func `more threads than processors are named by the benchmark`() throws {
    let none = try ProgramRun(sh: "exec \"$@\"", [path("benchmark"), "--rows", "no such row"])
    #expect(none.status == 64 && none.complaint.contains("no row has a name with no such row"))
    let many = try ProgramRun(
      sh: "exec \"$@\"", [path("benchmark"), "--threads", "64", "--rows", "no such row"])
    let isMore = ProcessInfo.processInfo.activeProcessorCount < 64
    #expect(many.complaint.contains("note: ours runs on ") == isMore, "\(many)")
  }
}
