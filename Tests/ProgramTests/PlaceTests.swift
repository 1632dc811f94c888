// Programs in other places, and with less than they are used to.

import Foundation
import TestSupport
import Testing

@Suite struct PlaceTests {
  @Test(arguments: ["plain", "my dalle ü's \"place\" $HOME;x"])
  func `a program that was copied elsewhere finds its files`(name: String) throws {
    let folder = try TemporaryFolder()
    let place = URL(filePath: folder.file(name))
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for file in ["dalle", "course", "DALLE_Pretrained.resources", "DALLE_Grading.resources"] {
      let source = programFolder.appending(path: file)
      if FileManager.default.fileExists(atPath: source.path) {
        // A copy made by this process may still be "busy" when it is started: a program that another
        // test starts meanwhile inherits the descriptor that writes it.
        let copied = try ProgramRun(sh: "exec cp -R \"$@\"", [source.path, place.path])
        #expect(copied.status == 0, "\(copied)")
      }
    }
    let output = place.appending(path: "out put.png").path
    let draw = [
      place.appending(path: "dalle").path, "a red star", "--candidates", "2", "--output", output,
    ]
    let run = try ProgramRun(sh: "cd / && exec \"$@\"", draw)
    #expect(run.status == 0 && FileManager.default.fileExists(atPath: output), "\(run)")
    // Through a link from a folder of programs, and from that folder.
    try FileManager.default.createSymbolicLink(
      at: place.appending(path: "drawer"), withDestinationURL: place.appending(path: "dalle"))
    let linked = try ProgramRun(
      sh: "cd \"$1\" && ./drawer 'a red star' --candidates 2 --output linked.png", [place.path])
    #expect(linked.status == 0, "\(linked)")
    let list = try ProgramRun(
      sh: "cd / && exec \"$@\"", [place.appending(path: "course").path, "list"])
    #expect(list.status == 0 && list.output.contains("1.1"), "\(list)")
    let hint = try ProgramRun(
      sh: "cd / && exec \"$@\"", [place.appending(path: "course").path, "grade"])
    #expect(hint.status == 1 && hint.complaint.contains("is not inside the package"), "\(hint)")
  }

  /// Root may have any number of threads, so the account `nobody` takes its place.
  private static let asNobody =
    geteuid() == 0
    ? tool("setpriv").map { "\($0) --reuid 65534 --regid 65534 --clear-groups" } : ""

  @Test(.enabled(if: asNobody != nil && tool("prlimit") != nil, "setpriv and prlimit are needed"))
  func `programs that get few threads, or none, run`() throws {
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o777)
    for threads in [1, 2, 3] {
      let picture = folder.file("\(threads).png")
      let run = try ProgramRun(
        sh: "exec \(Self.asNobody ?? "") prlimit --nproc=\(threads) \"$@\"",
        [path("dalle"), "a red star", "--candidates", "2", "--output", picture])
      #expect(run.status == 0 && !run.complaint.contains("pthread"), "\(threads): \(run)")
      #expect(try folder.read("\(threads).png") == folder.read("1.png"))
    }
  }

  @Test func `makefile and scripts quote their paths`() throws {
    let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL
    let folder = try TemporaryFolder()
    let place = folder.file("my dalle ü's")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    for name in ["Makefile", "README.md", "chapters"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(place)/\(name)", withDestinationPath: root.appending(path: name).path)
    }
    let help = try ProgramRun(sh: "cd \"$1\" && make help", [place])
    #expect(help.status == 0 && help.output.contains("make setup"), "\(help)")
    let missing = try ProgramRun(sh: "cd \"$1\" && make -n hint", [place])
    #expect(missing.status == 2 && missing.complaint.contains("make hint EX=1.1"), "\(missing)")
  }
}
