// Two processes with a slow network between them.

import Notebook

extension Chapter6 {
  static var linkCells: [Cell<State>] {
    [
      Cell("link", "Two ranks, a hundred million bits a second") { _, out in
        // ANCHOR: link
        let link = try out.recorded("link", as: SlowLink.self)
        out.table(
          ["", "MB sent a step", "steps a second", "validation loss"],
          link.runs.map { [$0.name, $0.megabytes, $0.stepsPerSecond, $0.loss] })
        // ANCHOR_END: link
      }
    ]
  }

  /// What `Tests/slow-link.sh` has measured.
  struct SlowLink: Codable {
    struct Run: Codable {
      let name: String
      let megabytes, stepsPerSecond, loss: Double
    }
    let bitsPerSecond: Double
    let runs: [Run]
  }
}
