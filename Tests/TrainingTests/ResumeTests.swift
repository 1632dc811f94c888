import Checkpoints
import Files
import Foundation
import NeuralNetwork
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct ResumeTests {
  @Test(arguments: Run.Kind.allCases)
  func `a run that crashes repeatedly ends with the same bits`(_ kind: Run.Kind) throws {
    let (whole, broken) = (try TemporaryFolder(), try TemporaryFolder())
    var run = Run(kind, in: whole, steps: 30)
    try run.run()
    #expect(run.optimizer.steps == 30 && run.plateau.factor < 1)

    // Before the first step, right after a save, between two saves, before the last step, and twice
    // in the same step. The last part is not stopped.
    for stop in [0, 4, 7, 7, 8, 13, 29, 99] {
      var part = Run(kind, in: broken, steps: 30, resume: true)
      let crash = { (step: Int) in if step == stop { throw Crash() } }
      if stop < 30 {
        #expect(throws: Crash.self) { try part.run(before: crash) }
      } else {
        try part.run(before: crash)
        for (a, b) in zip(part.network.tensors, run.network.tensors) {
          #expect(a.tensor.scalars.map(\.bitPattern) == b.tensor.scalars.map(\.bitPattern))
        }
      }
    }
    // The file holds weights, moments, averages, counts and the carried value.
    #expect(try broken.state() == whole.state())
    #expect(try broken.log() == whole.log())
    #expect(try whole.log().count == 30)
  }

  @Test func `the result depends on the seed`() throws {
    let states = try [3, 4].map { seed in
      let folder = try TemporaryFolder()
      var run = Run(.adam, in: folder, steps: 3, seed: UInt64(seed))
      try run.run()
      return try folder.state()
    }
    #expect(states[0] != states[1])
  }

  @Test func `a finished run can be extended`() throws {
    let (whole, parts) = (try TemporaryFolder(), try TemporaryFolder())
    var run = Run(.averaged, in: whole, steps: 20)
    try run.run()
    for steps in [9, 9, 20] {
      var part = Run(.averaged, in: parts, steps: steps, resume: true)
      try part.run()
    }
    #expect(try parts.state() == whole.state())
    #expect(try parts.log() == whole.log())
  }

  @Test func `a state is not overwritten unless the run continues from it`() throws {
    let folder = try TemporaryFolder()
    var run = Run(.adam, in: folder, steps: 5)
    try run.run()
    let (state, log) = (try folder.state(), try folder.log())
    let path = folder.file("run/training.safetensors")
    var second = Run(.adam, in: folder, steps: 5)
    #expect(throws: TrainingError.alreadyBegun(state: path)) { try second.run() }
    var other = Run(.adam, in: folder, steps: 9, resume: true, seed: 4)
    let error = #expect(throws: CheckpointError.self) { try other.run() }
    #expect(error?.description.contains("began with seed \"3\", now it is \"4\"") == true)
    #expect(try folder.state() == state && folder.log() == log)
  }

  @Test func `a truncated state is refused and left unchanged`() throws {
    let folder = try TemporaryFolder()
    var run = Run(.adam, in: folder, steps: 5)
    try run.run()
    let torn = Array(try folder.state().dropLast(9))
    _ = try folder.write(torn, to: "run/training.safetensors")
    var second = Run(.adam, in: folder, steps: 9, resume: true)
    let error = #expect(throws: CheckpointError.self) { try second.run() }
    let words = try #require(error).description
    #expect(
      words.hasPrefix(
        "\(folder.file("run/training.safetensors")): the training state is broken (it is incomplete: "
      )
        && words.hasSuffix(
          "), and its run cannot go on; put a copy of it back, or train in another folder"),
      "\(words)")
    #expect(try folder.state() == torn)
    // Advice to resume would lead in a circle.
    var third = Run(.adam, in: folder, steps: 5)
    let fresh = #expect(throws: TrainingError.self) { try third.run() }
    #expect(fresh?.description == words)
    #expect(try folder.state() == torn)
  }

  @Test func `an unwritable folder is noticed before the first step`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write([], to: "run")
    var run = Run(.adam, in: folder, steps: 5)
    #expect(
      throws: CheckpointError.unwritable(
        file: folder.file("run"), reason: "the folder cannot be made")
    ) { try run.run { _ in Issue.record("a step was taken") } }
  }

  @Test func `two runs cannot train in one folder`() throws {
    let folder = try TemporaryFolder()
    var run = Run(.adam, in: folder, steps: 1)
    try run.run { _ in
      var second = Run(.adam, in: folder, steps: 1, resume: true)
      #expect(throws: TrainingError.inUse(folder: folder.file("run"))) { try second.run() }
    }
    #expect(try folder.log().count == 1)
  }

  @Test func `a resumed log has no missing, repeated or truncated line`() throws {
    let folder = try TemporaryFolder()
    var run = Run(.adam, in: folder, steps: 30)
    #expect(throws: Crash.self) { try run.run { if $0 == 10 { throw Crash() } } }
    // As if killed while writing the line of step 10, with the state after step 8.
    let whole = try folder.read("run/log.jsonl")
    _ = try folder.write(whole + Array("{\"step\":10,\"lo".utf8), to: "run/log.jsonl")
    var second = Run(.adam, in: folder, steps: 12, resume: true)
    try second.run()
    struct Line: Decodable {
      let step: Int
      let loss, rate, gradient_norm, seconds, factor: Float
    }
    let lines = try folder.read("run/log.jsonl").split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(Line.self, from: Data($0))
    }
    #expect(lines.map(\.step) == Array(0..<12))
    #expect(lines.map(\.rate).prefix(6) == [0, 0.01, 0.02, 0.03, 0.04, 0.05])
    #expect(lines.allSatisfy { $0.gradient_norm > 0 && $0.seconds >= 0 && $0.factor <= 1 })
    #expect(second.screen.lines[0].hasPrefix("network continues after step 8 from "))
    // The log can be read back, one metric at a time.
    let place = try #require(second.trainer.folder)
    #expect(try place.logged("loss").map(\.step) == Array(0..<12))
    #expect(try place.logged("loss").map(\.value) == lines.map(\.loss))
    #expect(try place.logged("factor").count == 12)
    #expect(try place.logged("nothing").isEmpty)
    let empty = TrainingFolder(folder.file("none"), place.card, every: 1, resume: true)
    #expect(throws: FileError.self) { try empty.logged("loss") }
  }
}
