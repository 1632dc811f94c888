// Two processes with a slow network between them.

import Foundation
import Notebook

extension Chapter6 {
  static var linkCells: [Cell<State>] {
    [
      Cell(
        "link", "Two ranks, a hundred million bits a second",
        full: FullRun("about half an hour on two idle cores, with Linux and Open MPI") { _, out in
          try out.keep("link", try measuredLink())
        }
      ) { _, out in
        // ANCHOR: link
        let link = try out.recorded("link", as: SlowLink.self)
        out.table(
          ["gradients", "MB sent a step", "seconds a step", "validation loss, image"],
          link.runs.map { run -> [any TableValue] in
            [
              run.name, String(format: "%.1f", run.megabytes), String(format: "%.2f", run.seconds),
              String(format: "%.4f", run.loss),
            ]
          })
        let (exact, low) = (link.runs[0], link.runs[1])
        out.value("fewer-bytes", 1 - low.megabytes / exact.megabytes, .percent(0))
        out.value("times-the-steps", exact.seconds / low.seconds, .fixed(1))
        out.value("loss", low.loss / exact.loss - 1, .percent(2))
        // ANCHOR_END: link
        out.note("steps", link.steps)
        out.note("exact", exact.megabytes, .fixed(0))
        out.note("loss-48", link.runs[2].loss / exact.loss - 1, .percent(2))
      }
    ]
  }

  /// What `Tests/slow-link.sh` has measured.
  struct SlowLink: Codable {
    struct Run: Codable {
      let name: String
      let megabytes, seconds, loss: Double
    }
    let steps: Int
    let runs: [Run]
  }

  /// Measures with real processes: `make slow-link` builds the program with MPI, and slows down a
  /// network.
  private static func measuredLink() throws -> SlowLink {
    let root = URL(filePath: source).appending(path: "../../../..").standardized
    let make = Process()
    make.executableURL = URL(filePath: "/usr/bin/env")
    make.arguments = ["make", "slow-link"]
    make.currentDirectoryURL = root
    try make.run()
    make.waitUntilExit()
    guard make.terminationStatus == 0 else {
      throw CocoaError(
        .executableLoad, userInfo: [NSLocalizedDescriptionKey: "make slow-link failed"])
    }
    return try JSONDecoder().decode(
      SlowLink.self, from: Data(contentsOf: root.appending(path: "build/slow-link/link.json")))
  }
}
