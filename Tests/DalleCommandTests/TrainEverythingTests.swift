import BookModels
import Checkpoints
import Foundation
import TestSupport
import Testing
import Training

@testable import DalleCommand

/// The training of everything, with two steps of each model.
@Suite(.serialized) struct TrainEverythingTests {
  private let place: TemporaryFolder
  private let scale = 0.0001

  init() throws { place = try TemporaryFolder() }

  private func command(_ output: String, _ more: String...) -> [String] {
    ["train", "everything", "--scale", "\(scale)", "--output", place.file(output)]
      + ["--precision", "f32"] + more
  }

  private func bytes(_ run: String) throws -> [Data] {
    try BookStage.allCases.map {
      try Data(contentsOf: URL(filePath: place.file("\(run)/\($0.file).safetensors")))
    }
  }

  @Test func `a run that was stopped after any model ends with the same files`() throws {
    #expect(dalle(command("whole")).status == 0)
    let whole = try bytes("whole")
    for (i, last) in BookStage.allCases.enumerated() where [1, 4].contains(i) {
      // What a run has done when it is killed after this model.
      var begun = BookTraining(BookRecipes(scale: scale), folder: place.file("stopped-\(i)"))
      begun.options = RunOptions(["--scale": "\(scale)", "--seed": "1"], precision: .f32)
      begun.terminal = Terminal(redraws: false, colours: false, columns: { 80 }, write: { _ in })
      for stage in BookStage.allCases.prefix(i + 1) { try begun.run(stage) }
      #expect(begun.isDone(last))
      let first = dalle(command("stopped-\(i)"))
      #expect(first.status == 1)
      #expect(first.complaint.contains("continue from it with --resume"))
      #expect(dalle(command("stopped-\(i)", "--resume")).status == 0)
      #expect(try bytes("stopped-\(i)") == whole, "stopped after \(last.title)")
    }
    let report = try JSONDecoder().decode(
      BookReport.self, from: Data(contentsOf: URL(filePath: place.file("whole/report.json"))))
    #expect(report.models.map(\.file) == BookStage.allCases.map { "\($0.file).safetensors" })
    for (model, data) in zip(report.models, whole) {
      #expect(model.bytes == data.count)
      #expect(model.seconds > 0)
      #expect(model.measures["loss"] != nil || model.measures["decoder loss"] != nil)
    }
    let card = try Checkpoint(place.file("whole/transformer.safetensors")).card
    #expect(card.notes["precision"] == "f32")
    #expect(card.notes["processor"]?.isEmpty == false)
    // Nothing is made again, and other options are refused.
    #expect(dalle(command("whole", "--resume")).status == 0)
    #expect(try bytes("whole") == whole)
    let other = dalle(command("whole", "--resume", "--seed", "2"))
    #expect(other.status == 1)
    #expect(other.complaint.contains("began with --seed 1, now it has --seed 2; "))
  }

  @Test func `a scale that is no share is refused`() {
    for scale in ["0", "-1", "nan", "101"] {
      let (status, complaint) = dalle(
        ["train", "everything", "--scale", scale, "--output", place.file("x")])
      #expect(status == 64)
      #expect(complaint.contains("--scale must be above 0 and up to 100"))
    }
  }
}
