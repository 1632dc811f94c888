import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct TrainingFolderTests {
  private func place(
    _ folder: TemporaryFolder, _ options: RunOptions = RunOptions([:]), resume: Bool = true
  ) -> TrainingFolder {
    TrainingFolder(
      folder.file("run"), ModelCard(kind: "network", config: [4, 8]), every: 4, resume: resume,
      options: options)
  }

  private func begin(_ folder: TemporaryFolder, _ options: RunOptions) throws {
    let run = Run(.adam, in: folder, steps: 2)
    run.trainer.folder = place(folder, options, resume: false)
    var started = run
    try started.run()
  }

  @Test func `a folder is locked before a long preparation, and free after it`() throws {
    let folder = try TemporaryFolder()
    var first: TrainingFolder? = try place(folder).locked()
    #expect(throws: TrainingError.inUse(folder: folder.file("run"))) {
      try place(folder).locked()
    }
    // The holder itself trains in it.
    let run = Run(.adam, in: folder, steps: 1)
    run.trainer.folder = first
    var training = run
    try training.run()
    run.trainer.folder = nil
    first = nil
    _ = try place(folder).locked()
  }

  @Test func `a lock that the folder does not offer is not taken for another program`() throws {
    let folder = try TemporaryFolder()
    for (number, words) in [(ENOLCK, "No locks available"), (EOPNOTSUPP, "not supported")] {
      let error = #expect(throws: CheckpointError.self) {
        try MetricsLog(in: folder.path, lock: { _ in number })
      }
      let text = "\(error.map { "\($0)" } ?? "")"
      #expect(text.contains("log.jsonl: cannot be written (it cannot be locked: "), "\(text)")
      #expect(text.contains(words), "\(text)")
    }
    #expect(throws: TrainingError.inUse(folder: folder.path)) {
      try MetricsLog(in: folder.path, lock: { _ in EWOULDBLOCK })
    }
  }

  @Test func `options are compared first, in the words that a user can type`() throws {
    let folder = try TemporaryFolder()
    try begin(
      folder,
      RunOptions(
        ["--steps": "6", "--config": #"{"layers":2,"width":16}"#],
        flags: ["--sampled": true, "--redrawn": false]))
    let state = try folder.state()
    let same: [String: String] = ["--steps": "6", "--config": #"{"layers":2,"width":16}"#]
    func reason(_ values: [String: String], _ flags: KeyValuePairs<String, Bool>) -> String {
      do {
        _ = try place(folder, RunOptions(values, flags: flags, remedy: "use --from run")).locked()
        return ""
      } catch { return "\(error)" }
    }
    #expect(reason(same, ["--sampled": true]) == "")
    let path = folder.file("run/training.safetensors")
    let end = "; continue with the same, or use --from run"
    #expect(
      reason(same.merging(["--steps": "12"]) { $1 }, ["--sampled": true])
        == "\(path): this run began with --steps 6, now it has --steps 12\(end)")
    #expect(
      reason(same.merging(["--config": #"{"layers":2,"width":8}"#]) { $1 }, ["--sampled": true])
        == "\(path): this run began with --config.width 16, now it has --config.width 8\(end)")
    #expect(
      reason(same, [:])
        == "\(path): this run began with --sampled, now it is not given\(end)")
    #expect(
      reason(same, ["--sampled": true, "--redrawn": true])
        == "\(path): this run began without --redrawn, now it is given\(end)")
    #expect(try folder.state() == state)
  }

  @Test func `a disk that is too small is found out before the first step`() throws {
    let folder = try TemporaryFolder()
    let run = Run(.averaged, in: folder, steps: 2)
    var small = place(folder, resume: false)
    small.freeSpace = { _ in 3000 }
    run.trainer.folder = small
    var training = run
    let error = #expect(throws: TrainingError.self) {
      try training.run { _ in Issue.record("a step was taken") }
    }
    guard case .diskTooSmall(_, let needed, 3000) = error else {
      Issue.record("expected a small disk, got \(String(describing: error))")
      return
    }
    // Weights 4 × 8 + 8 and 8 × 4 + 4, two running averages and the mean of weights; twice; the
    // model; a log of two lines.
    #expect(needed == 4 * 76 * 4 * 2 + 4 * 76 + 2 * 300)
    #expect(
      error?.description
        == "\(folder.file("run")): the run will write about 4 kB there, and the disk has 3 kB free; "
        + "make room, or train in a folder on another disk")
    #expect(!FileManager.default.fileExists(atPath: folder.file("run/training.safetensors")))
    // With room, the same command trains; so it does where the system does not say.
    for free: Int? in [needed, nil] {
      small = place(folder, resume: true)
      small.freeSpace = { _ in free }
      run.trainer.folder = small
      var again = run
      try again.run()
    }
  }

  @Test func `free space is that of the first folder that exists`() throws {
    let folder = try TemporaryFolder()
    let here = try #require(freeSpace(at: folder.path))
    let below = try #require(freeSpace(at: folder.file("not/yet/there")))
    #expect(here > 0 && abs(here - below) < here / 2 + 1)
  }
}
