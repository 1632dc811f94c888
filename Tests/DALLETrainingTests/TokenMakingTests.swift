import CaptionedImages
import Checkpoints
import DALLE
import DiscreteVAE
import Foundation
import Images
import StickerTraining
import TensorCore
import TestSupport
import Testing
import Text
import Training

@testable import DALLETraining

/// A small untrained dVAE: 16×16 pixels become 4×4 tokens.
private func dVAE() -> DiscreteVAE {
  var random = Random(seed: 1)
  return DiscreteVAE(
    DVAEConfiguration(hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 16, stem: 2),
    &random)
}

/// Signals end processes, so these tests run in processes of their own.
@Suite struct TokenMakingTests {
  @Test(arguments: [false, true])
  func `tokens are stopped by Ctrl-C, kept, and continued with the same bits`(
    _ isSampled: Bool
  ) async throws {
    let folder = try TemporaryFolder()
    await #expect(processExitsWith: .exitCode(130)) {
      [path = folder.path as String, isSampled = isSampled as Bool] in
      let folder = TemporaryFolder(at: path)
      let source = StickerPairs(.train, size: 16, seed: 5, count: 200)
      var first: [Int] = []
      func make(_ name: String, _ progress: (Int) -> Void) throws {
        try TokenSet.make(
          source, called: "test", count: 200, dVAE(), isSampled: isSampled, seed: 2,
          to: folder.file(name), progress: progress)
      }
      do {
        try make("tokens.safetensors") { done in
          if done == 128 {
            kill(getpid(), SIGINT)
            usleep(100_000)
          }
        }
      } catch let error as TrainingError {
        let part = folder.file("tokens-part.safetensors")
        precondition(
          error == .interrupted(done: 128, steps: 200, unit: "picture", state: part), "\(error)")
        precondition(error.description.contains("stopped after 128 of 200 pictures; "))
        precondition(folder.names == ["tokens-part.safetensors"])
        try make("tokens.safetensors") { first.append($0) }
        precondition(first == [128, 192, 200], "\(first)")
        try make("whole.safetensors") { _ in }
        precondition(folder.names == ["tokens.safetensors", "whole.safetensors"])
        let same = try folder.read("tokens.safetensors") == folder.read("whole.safetensors")
        exit(same ? error.exitStatus : 1)
      }
    }
  }

  @Test func `the nearest picture has most codes in common, each at its place`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("tokens.safetensors")
    var random = Random(seed: 3)
    let codes = (0..<1500 * 16).map { _ in Int32(random.integer(below: 4)) }
    try TokenSet.write(
      IndexTensor(shape: [1500, 4, 4], codes), (0..<1500).map { "\($0)" }, called: "test",
      encoderHash: dVAE().encoderHash, to: path)
    let set = try TokenSet(path)
    for index in [0, 1023, 1024, 1499] {
      var own = try set.codes(at: index)
      #expect(try set.nearest(to: own) == (index, 16))
      own[5] = (own[5] + 1) % 4
      own[9] = (own[9] + 1) % 4
      let equal = (0..<1500).map { i in (0..<16).count { codes[16 * i + $0] == own[$0] } }
      let most = try #require(equal.max())
      let nearest = try set.nearest(to: own)
      #expect(nearest.equal == most && nearest.index == equal.firstIndex(of: most))
    }
    #expect(try set.nearest(to: [Int32](repeating: 9, count: 16)) == (0, 0))
  }

  @Test func `a part of other tokens is not continued`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("tokens.safetensors")
    try TokenSet.write(
      IndexTensor(shape: [2, 4, 4], [Int32](repeating: 0, count: 32)), ["a", "b"],
      called: "part of 4: other", encoderHash: dVAE().encoderHash,
      to: TokenSet.partPath(of: path))
    let source = StickerPairs(.train, size: 16, seed: 5, count: 4)
    var done: [Int] = []
    try TokenSet.make(source, called: "test", count: 4, dVAE(), seed: 2, to: path) {
      done.append($0)
    }
    #expect(done == [0, 4])
    #expect(try TokenSet(path).caption(at: 0) != "a")
    #expect(folder.names == ["tokens.safetensors"])
  }

  @Test func `pictures that do not become whole squares, and none at all, are typed errors`() throws
  {
    let folder = try TemporaryFolder()
    let path = folder.file("tokens.safetensors")
    let odd = StickerPairs(.train, size: 18, seed: 5, count: 4)
    let sizes = #expect(throws: CheckpointError.self) {
      try TokenSet.make(odd, called: "test", count: 4, dVAE(), seed: 2, to: path)
    }
    #expect(sizes?.description.contains("18×18 pixels do not become whole squares of 4×4") == true)
    let none = #expect(throws: CheckpointError.self) {
      try TokenSet.make(odd, called: "test", count: 0, dVAE(), seed: 2, to: path)
    }
    #expect(none?.description.contains("there are 0 pictures to encode") == true)
    var run = DALLERun(DALLERecipe(), dVAE(), folder: folder.path)
    run.terminal = Terminal(redraws: false, colours: false, columns: { 80 }, write: { _ in })
    #expect(throws: CheckpointError.self) { try run.run(on: odd, called: "x", .streams(["a"])) }
    #expect(folder.names.isEmpty)
  }

  /// Pairs that try to begin another run while they are read.
  private struct Rival: PairSource {
    let size = 16
    let count: Int? = 4
    let folder: String

    func pair(at index: Int, using random: inout Random) throws -> (picture: Image, caption: String)
    {
      // A try at a locked folder waits a second.
      if index > 0 { return (Image(width: 16, height: 16), "a caption") }
      do {
        _ = try TrainingFolder(
          folder, ModelCard(kind: "x", config: 1), every: 1, resume: true
        ).locked()
      } catch TrainingError.inUse { return (Image(width: 16, height: 16), "a caption") }
      throw CheckpointError.unreadable(file: folder, reason: "the folder was not locked")
    }
  }

  @Test func `the folder is locked while tokens are made`() throws {
    let folder = try TemporaryFolder()
    var recipe = DALLERecipe()
    (recipe.pictures, recipe.steps, recipe.batch) = (1, 1, 1)
    var run = DALLERun(recipe, dVAE(), folder: folder.path)
    run.configuration = DALLEConfiguration(
      textVocabulary: 1, textLength: 20, imageVocabulary: 16, rows: 4, columns: 4, width: 16,
      layers: 1, heads: 2, kernel: 3)
    run.terminal = Terminal(redraws: false, colours: false, columns: { 80 }, write: { _ in })
    _ = try run.run(on: Rival(folder: folder.path), called: "x", .streams(["a caption"]))
    #expect(folder.names.contains("transformer.safetensors"))
  }

  @Test func `options are compared before tokens are made again`() throws {
    let folder = try TemporaryFolder()
    func run(_ pictures: Int, resume: Bool) throws {
      var recipe = DALLERecipe()
      (recipe.pictures, recipe.steps, recipe.batch) = (pictures, 1, 1)
      var run = DALLERun(recipe, dVAE(), folder: folder.path)
      run.configuration = DALLEConfiguration(
        textVocabulary: 1, textLength: 20, imageVocabulary: 16, rows: 4, columns: 4, width: 16,
        layers: 1, heads: 2, kernel: 3)
      run.options = RunOptions(["--pictures": "\(pictures)"])
      run.resume = resume
      run.terminal = Terminal(redraws: false, colours: false, columns: { 80 }, write: { _ in })
      let source = StickerPairs(.train, size: 16, seed: 5, count: 4)
      _ = try run.run(on: source, called: "x", .streams(["a caption"]))
    }
    try run(4, resume: false)
    let tokens = try folder.read("tokens.safetensors")
    let error = #expect(throws: CheckpointError.self) { try run(3, resume: true) }
    #expect(
      error?.description.contains("began with --pictures 4, now it has --pictures 3; ") == true)
    // Damaged tokens are made again.
    _ = try folder.write(Array(tokens.dropLast(9)), to: "tokens.safetensors")
    try run(4, resume: true)
    #expect(try folder.read("tokens.safetensors") == tokens)
  }
}
