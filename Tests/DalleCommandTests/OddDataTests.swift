import Checkpoints
import DiscreteVAE
import Foundation
import Images
import PictureFiles
import TestSupport
import Testing

@testable import DalleCommand

/// Data that teach next to nothing end in models that draw, not in NaN, a trap or a refusal after
/// hours.
@Suite(.serialized) struct OddDataTests {
  private static let kinds = ["one", "two", "equal", "flat", "one caption", "one pixel"]

  /// Pictures and captions of a kind.
  private func data(_ kind: String, in place: TemporaryFolder) throws -> String {
    let folder = place.file("data")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for i in 0..<(kind == "one" ? 1 : kind == "two" ? 2 : 4) {
      var image = Image(
        width: kind == "one pixel" ? 1 : 66, height: kind == "one pixel" ? 1 : 64,
        fill: kind == "flat" ? (UInt8(60 * i), 200, 30) : (255, 255, 255))
      if kind != "flat" && kind != "one pixel" {
        let shift = kind == "equal" ? 0 : 7 * i
        for y in 10..<40 {
          for x in 12..<30 { image[y, x + shift] = (UInt8(6 * y), UInt8(8 * x), 90) }
        }
      }
      try image.writePNG(to: "\(folder)/\(i).png")
      let caption = kind == "one caption" ? "the same caption" : "our dog Bello number \(i)"
      try Data(caption.utf8).write(to: URL(filePath: "\(folder)/\(i).txt"))
    }
    return folder
  }

  /// Runs a command whose output is the file `output` of the folder.
  private static func run(_ arguments: [String], in place: TemporaryFolder) -> Int32 {
    dup2(open(place.file("output"), O_WRONLY | O_CREAT | O_TRUNC, 0o600), STDOUT_FILENO)
    return Dalle.execute(arguments)
  }

  @Test(arguments: kinds) func `each training ends in a model, and says what cannot be learnt`(
    _ kind: String
  ) async throws {
    let place = try TemporaryFolder()
    let data = try data(kind, in: place)
    _ = try place.addSizes()
    await #expect(processExitsWith: .success) {
      [path = place.path as String, data = data as String, kind = kind as String] in
      let place = TemporaryFolder(at: path)
      func train(_ model: String, _ more: String...) -> (Int32, String) {
        let status = Self.run(
          ["train", model, "--data", data, "--output", place.file(model)] + more, in: place)
        return (status, String(decoding: (try? place.read("output")) ?? [], as: UTF8.self))
      }
      let (dvae, _) = train(
        "dvae", "--warm-up-steps", "4", "--steps", "1", "--decoder-steps", "1", "--batch", "2",
        "--config", place.file("dvae.json"))
      precondition(dvae == 0)
      let (transformer, output) = train(
        "transformer", "--steps", "1", "--batch", "2", "--config", place.file("transformer.json"),
        "--dvae", place.file("dvae/dvae.safetensors"))
      let teachesNothing = kind != "two" && kind != "flat"
      precondition(transformer == 0 && output.contains("note: ") == teachesNothing, output)
      let (clip, _) = train("clip", "--steps", "1", "--batch", "2")
      precondition(clip == (kind == "one" ? 1 : 0))
      // The models draw their own training caption.
      for name in ["dvae", "transformer"] + (kind == "one" ? [] : ["clip"]) {
        try FileManager.default.copyItem(
          atPath: place.file("\(name)/\(name).safetensors"),
          toPath: place.file("\(name).safetensors"))
      }
      if kind == "one" { exit(0) }
      let caption = kind == "one caption" ? "the same caption" : "our dog Bello number 1"
      let drawn = Dalle.execute([
        caption, "--models", place.path, "--candidates", "2", "--output", place.file("out.png"),
      ])
      exit(drawn)
    }
  }

  /// Flat pictures fold into weights of a million, which F16 cannot hold.
  @Test func `train all on one flat picture ends in models that draw its caption`() async throws {
    let place = try TemporaryFolder()
    let data = try place.addPictures(1)
    await #expect(processExitsWith: .success) {
      [path = place.path as String, data = data as String] in
      let place = TemporaryFolder(at: path)
      let command = [
        "train", "all", "--data", data, "--output", place.file("out"), "--dvae-steps", "10",
        "--transformer-steps", "1", "--clip-steps", "1", "--visits", "1",
      ]
      precondition(Self.run(command, in: place) == 0)
      let text = String(decoding: try place.read("output"), as: UTF8.self)
      precondition(text.contains("\nnote: there is only one picture, so which caption"), text)
      precondition(text.contains("CLIP: loss 0.000 nats"), text)
      let report = try JSONSerialization.jsonObject(with: Data(try place.read("out/report.json")))
      precondition((report as? [String: Any])?["psnr"] is Double)
      // Resumed with other steps, the option is named, before the plan is made.
      let (status, complaint) = dalle(command + ["--resume", "--transformer-steps", "2"])
      precondition(status == 1, complaint)
      precondition(
        complaint.contains("began with --transformer-steps 1, now it has --transformer-steps 2; "))
      let drawn = Dalle.execute([
        "a picture of thing number 0", "--models", place.file("out"), "--candidates", "1",
        "--output", place.file("out.png"),
      ])
      exit(drawn)
    }
  }
}
