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

  @Test func `a value of THREADS that counts for nothing is said`() throws {
    for wrong in ["0", "-1", "abc", "1.5", " 1", "99999999999999999999"] {
      let run = try ProgramRun(sh: "THREADS='\(wrong)' exec \"$@\"", [path("demo"), "--help"])
      #expect(
        run.status == 0
          && run.complaint.hasPrefix("note: THREADS=\(wrong) is no whole number above 0, so"),
        "\(run)")
    }
    for right in ["1", "64", ""] {
      let run = try ProgramRun(sh: "THREADS='\(right)' exec \"$@\"", [path("demo"), "--help"])
      #expect(run.status == 0 && run.complaint.isEmpty, "\(run)")
    }
  }

  @Test func `several programs without MPI would each train alone, so none does`() throws {
    let folder = try TemporaryFolder()
    let train = [path("dalle"), "train", "clip", "--steps", "1", "--output", folder.file("x")]
    for variable in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"] {
      let run = try ProgramRun(sh: "\(variable)=2 exec \"$@\"", train)
      #expect(run.status == 1 && run.complaint.contains("this one was built without MPI"), "\(run)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("x")))
    }
    let alone = try ProgramRun(
      sh: "OMPI_COMM_WORLD_SIZE=1 exec \"$@\"", [path("dalle"), "train", "clip", "--help"])
    #expect(alone.status == 0 && alone.complaint.isEmpty, "\(alone)")
  }

  @Test func `a caption that is too long is cut with a warning`() throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "a red star ", count: 60)
    let run = try ProgramRun(
      sh: "exec \"$@\"",
      [path("dalle"), long, "--candidates", "1", "--output", folder.file("x.png")])
    #expect(run.status == 0, "\(run)")
    #expect(run.complaint.contains(#/warning: the caption "a red .*…" is cut at 20 tokens\n/#))
    let score = try ProgramRun(
      sh: "exec \"$@\"", [path("dalle"), "score", folder.file("x.png"), long, "a red star"])
    #expect(score.status == 0 && score.complaint.contains("…\" is cut at 20 tokens\n"), "\(score)")
  }

  #if os(Linux)  // whose file systems take any name
    @Test func `arguments that are not UTF-8 are refused before any work`() throws {
      let folder = try TemporaryFolder()
      let script = #"cd "$1" && printf x > "$(printf '\377').jpg"; exec "$2" "#
      for (arguments, word) in [
        (#"reconstruct "$(printf '\377').jpg""#, "�.jpg"),
        (#"a red star --candidates 1 --output "$(printf 'o\377').png""#, "o�.png"),
      ] {
        let run = try ProgramRun(sh: script + arguments, [folder.path, path("dalle")])
        #expect(
          run.status == 64
            && run.complaint
              == "error: \"\(word)\": the argument is not UTF-8; rename the file, or "
              + "give the folder that it is in\n",
          "\(run)")
      }
      #expect(folder.names.count == 1)
    }

    @Test(arguments: [100, 140, 200, 300])
    func `too little memory is one line`(megabytes: Int) throws {
      let folder = try TemporaryFolder()
      let run = try ProgramRun(
        sh: "ulimit -v \(megabytes)000; THREADS=1 exec \"$@\"",
        [path("dalle"), "a red star", "--candidates", "2", "--output", folder.file("x.png")])
      // With less still, the system's loader says so.
      #expect([1, 127].contains(run.status), "\(run)")
      #expect(run.complaint.contains("memory") || run.complaint.contains("failed to map"), "\(run)")
      #expect(run.complaint.split(separator: "\n").count == 1, "\(run)")
    }
  #endif

  @Test func `more threads than processors are named by the benchmark`() throws {
    let none = try ProgramRun(sh: "exec \"$@\"", [path("benchmark"), "--rows", "no such row"])
    #expect(none.status == 64 && none.complaint.contains("no row has \"no such row\" in its name"))
    let many = try ProgramRun(
      sh: "exec \"$@\"", [path("benchmark"), "--threads", "64", "--list", "--rows", "gelu"])
    let isMore = ProcessInfo.processInfo.activeProcessorCount < 64
    #expect(many.complaint.contains("note: ours runs on ") == isMore, "\(many)")
  }
}
