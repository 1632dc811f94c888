import Foundation
import TestSupport
import Testing

@testable import DalleCommand

/// Standard output belongs to the process, so these tests run in processes of their own.
@Suite(.serialized) struct OutputTests {
  private let place: TemporaryFolder

  init() throws {
    place = try TemporaryFolder()
    _ = try place.addPictures(3)
  }

  /// What a command writes to standard output: the table of scores, JSON, a description, help, an
  /// evaluation, a data report and a plan.
  private static let commands: [[String]] = [
    ["a red star", "--models", "P/models", "--candidates", "2", "--output", "P/out.png"],
    ["a red star", "--models", "P/models", "--candidates", "2", "--output", "P/out.png", "--json"],
    ["info", "P/models/clip.safetensors"], ["--help"], ["train", "all", "--help"],
    [
      "train", "clip", "--data", "P/data", "--steps", "1", "--batch", "2", "--output", "P/clip",
    ],
    ["train", "all", "--data", "P/data", "--output", "P/all"],
    ["score", "P/data/0.png", "a red star"],
    ["reconstruct", "P/data/0.png", "--output", "P/r.png"],
    ["stickers", "--export", "P/stickers", "--count", "2"],
  ]

  #if os(Linux)  // which has /dev/full
    @Test(arguments: commands.indices) func `a command that cannot print fails and says why`(
      _ number: Int
    ) async {
      await #expect(processExitsWith: .success) {
        [path = place.path as String, number = number as Int] in
        var full = open("/dev/full", O_WRONLY)
        dup2(full, STDOUT_FILENO)
        close(full)
        if number < 3 {
          let models = try smallModels()
          try FileManager.default.copyItem(atPath: models.path, toPath: "\(path)/models")
        }
        let arguments = Self.commands[number].map { $0.replacing("P/", with: "\(path)/") }
        let (status, complaint) = dalle(arguments)
        let isSentence =
          complaint.hasPrefix("error: standard output: cannot be written (")
          && complaint.hasSuffix(")\n") && complaint.split(separator: "\n").count == 1
        // What waits in the buffer must not change the status of this process.
        full = open("/dev/null", O_WRONLY)
        dup2(full, STDOUT_FILENO)
        if status != 1 || !isSentence { Swift.fatalError("\(status) \(complaint)") }
        exit(0)
      }
    }
  #endif

  @Test func `data report and plan stand in a file before anything is trained`() async throws {
    await #expect(processExitsWith: .exitCode(130)) { [path = place.path as String] in
      let place = TemporaryFolder(at: path)
      dup2(open(place.file("output"), O_WRONLY | O_CREAT | O_TRUNC, 0o600), STDOUT_FILENO)
      // Stops the run as soon as its first stage has begun.
      Thread {
        let place = TemporaryFolder(at: path)
        let state = place.file("all/dvae/warm-up/training.safetensors")
        while !FileManager.default.fileExists(atPath: state) { usleep(10_000) }
        let text = String(decoding: (try? place.read("output")) ?? [], as: UTF8.self)
        if text.hasPrefix("pictures: 3, captions: 3\n")
          && text.contains(#/\nplan .*\ndVAE .*\ntransformer .*\nCLIP .*\nabout .* on the disk; /#)
        {
          kill(getpid(), SIGINT)
        } else {
          _exit(1)
        }
      }.start()
      exit(
        Dalle.execute([
          "train", "all", "--data", place.file("data"), "--output", place.file("all"),
          "--visits", "1",
        ]))
    }
  }

  @Test func `names and captions of strangers reach terminal and files as plain text`() throws {
    let name = "evil\u{1B}]0;x\u{7}\n\u{202E}name"
    let data = place.file("data")
    try Data("GIF89a".utf8).write(to: URL(filePath: "\(data)/\(name).png"))
    let long = String(repeating: "a \u{1B}[31mred\u{1B}[0m thing with many words ", count: 9)
    try Data(long.utf8).write(to: URL(filePath: "\(data)/1.txt"))
    try FileManager.default.moveItem(atPath: "\(data)/2.png", toPath: "\(data)/2\u{1B}[2J.png")
    try FileManager.default.moveItem(atPath: "\(data)/2.txt", toPath: "\(data)/2\u{1B}[2J.txt")
    let sizes = try place.addSizes()
    let (status, complaint) = dalle([
      "train", "transformer", "--data", data, "--output", place.file("t"), "--steps", "1",
      "--batch", "1", "--dvae", sizes.model, "--config", sizes.transformer,
    ])
    #expect(status == 0, "\(complaint)")
    let files = try ["left-out.txt", "data.tsv", "log.jsonl"].map { try place.read("t/\($0)") }
    for bytes in files + [Array(complaint.utf8)] {
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(
        text.unicodeScalars.allSatisfy {
          $0 == "\n" || $0 == "\t"
            || $0.properties.generalCategory != .control
              && $0.properties.generalCategory != .format
        }, "\(text.debugDescription)")
    }
    let list = String(decoding: files[0], as: UTF8.self)
    #expect(list.contains(#"evil\x1b]0;x\x07\n"#) && list.contains("captions cut at 20 tokens"))
    #expect(String(decoding: files[1], as: UTF8.self).contains(#"2\x1b[2J.png"#))
    // A run is resumed with names of this kind, too.
    #expect(
      dalle([
        "train", "transformer", "--data", data, "--output", place.file("t"), "--steps", "1",
        "--batch", "1", "--dvae", sizes.model, "--config", sizes.transformer, "--resume",
      ]).status == 0)
  }
}
