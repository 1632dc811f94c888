// Numbers out of all bounds: every numeric option of `dalle` ends in its limit or in a sentence.

import Foundation
import Images
import PictureFiles
import TestSupport
import Testing

@testable import DalleCommand

@Suite struct OddNumbersTests {
  private static let values = [
    "-1", "0", "1e-45", "1e38", "inf", "nan", "99999999999999999999", "9223372036854775807", "",
  ]

  /// What `--experimental-dump-help` says of a command.
  private struct Description: Decodable {
    struct Name: Decodable { let kind, name: String }
    struct Argument: Decodable {
      let kind: String
      let names: [Name]?
    }
    let commandName: String
    let subcommands: [Description]?
    let arguments: [Argument]?

    /// Each command that has no subcommands, as the words that call it, with its options.
    func leaves(_ path: [String] = []) -> [(words: [String], options: [String])] {
      if let subcommands, !subcommands.isEmpty {
        return subcommands.flatMap { $0.leaves(path + [$0.commandName]) }
      }
      let long = (arguments ?? []).filter { $0.kind == "option" }
        .compactMap { $0.names?.first { $0.kind == "long" }?.name }
      return [(path, long.map { "--\($0)" })]
    }
  }

  private static func leaves() throws -> [(words: [String], options: [String])] {
    struct Tool: Decodable { let command: Description }
    do {
      _ = try Dalle.parseAsRoot(["--experimental-dump-help"])
      return []
    } catch {
      let json = Data(Dalle.fullMessage(for: error).utf8)
      return try JSONDecoder().decode(Tool.self, from: json).command.leaves()
        .filter { $0.words != ["help"] }
    }
  }

  private func run(_ arguments: [String]) -> (status: Int32, complaint: String) {
    var complaint = ""
    let status = Dalle.execute(arguments) { complaint += $0 }
    return (status, complaint)
  }

  /// The numeric options of commands, found by what is said about a word in place of a number.
  private static let numericOptions = Swift.Result {
    try leaves().flatMap { words, options -> [(words: [String], option: String)] in
      options.filter { option in
        do {
          _ = try Dalle.parseAsRoot(words + [option, "no-number"])
          return false
        } catch {
          let message = Dalle.fullMessage(for: error)
          return message.contains("'no-number' is invalid for '\(option)")
            && !message.contains("Please provide one of")
        }
      }.map { (words, $0) }
    }
  }

  @Test func `the numeric options of all commands are found`() throws {
    let found = Set(
      try Self.numericOptions.get().map { "\($0.words.joined(separator: " ")) \($0.option)" })
    for option in [
      "generate --candidates", "generate --keep", "generate --seed", "generate --temperature",
      "generate --top-k", "generate --top-p", "generate --threshold", "generate --guidance",
      "generate --rows", "evaluate --captions", "evaluate --candidates", "stickers --size",
      "stickers --scale", "train clip --steps", "train clip --rate", "train dvae --batch",
      "train transformer --steps", "train all --visits",
    ] { #expect(found.contains(option), "\(option) is not among \(found.sorted())") }
  }

  @Test func `every command takes every odd number, or says in a sentence why not`() throws {
    let folder = try TemporaryFolder()
    let models = try smallModels()
    let given = folder.file("given.png")
    #expect(run(["stickers", "--count", "1", "--output", given]).status == 0)
    // What makes the commands end soon: small models, no data, or nowhere to write to.
    let rest: [String: [String]] = [
      "generate": ["a red star", "--models", models.path, "--complete", given],
      "stickers": ["--output", folder.file("sheet.png")],
      "emoji": ["--font", given, "--output", folder.file("sheet.png")],
      "evaluate": ["--json", "\(given)/x.json"],
      "rival": ["a red star", "--rival", given, "--output", folder.file("rival.png")],
      "train gan": ["--clip", given, "--output", folder.file("run")],
      "train panel": ["--rival", given, "--output", folder.file("run")],
      "train judge": ["--font", given, "--output", folder.file("run")],
      "train captioner": ["--transformer", folder.path, "--output", folder.file("run")],
    ]
    for (words, option) in try Self.numericOptions.get() {
      let name = words.joined(separator: " ")
      for value in Self.values {
        let picture = folder.file("\(UUID().uuidString).png")
        var arguments =
          words
          + (rest[name] ?? ["--data", folder.file("no-data"), "--output", folder.file("run")])
        if name == "generate" {
          arguments += ["--output", picture]
          if option != "--candidates" { arguments += ["--candidates", "2"] }
        }
        if name == "stickers" && option != "--count" { arguments += ["--count", "2"] }
        let (status, complaint) = run(arguments + [option, value])
        let said = complaint.split(separator: "\n")
        if status == 0 {
          if name == "generate" {
            #expect(throws: Never.self) { try Image(contentsOf: picture) }
          }
          #expect(said.allSatisfy { !$0.hasPrefix("error") }, "\(name) \(option) \(value): \(said)")
        } else {
          #expect(status == 1 || status == 64, "\(name) \(option) \(value): \(status)")
          #expect((1...4).contains(said.count), "\(name) \(option) \(value): \(complaint)")
        }
      }
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("run/training.safetensors")))
  }

  @Test func `extreme guidance and temperature draw real pictures`() throws {
    let models = try smallModels()
    let folder = try TemporaryFolder()
    for options in [
      ["--guidance", "1000"], ["--guidance", "-1000"], ["--guidance", "0"],
      ["--temperature", "1e38"], ["--temperature", "1e-45"], ["--top-k", "9223372036854775807"],
      ["--top-p", "1e-300"], ["--threshold", "1"],
    ] {
      let (status, complaint) = run(
        ["a red star", "--models", models.path, "--candidates", "2", "--seed", "3", "--output"]
          + [folder.file("x.png"), "--each", folder.file("each")] + options)
      #expect(status == 0, "\(options): \(complaint)")
      let pictures = try ["001", "002"].map { try folder.read("each/\($0).png") }
      // Where chance has a say, two candidates differ: NaN once gave code 0 to both.
      if options[1].hasPrefix("1e38") || options[1] == "0" { #expect(pictures[0] != pictures[1]) }
    }
  }
}
