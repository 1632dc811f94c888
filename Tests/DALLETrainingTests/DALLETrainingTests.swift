import CaptionedImages
import Checkpoints
import DALLE
import DiscreteVAE
import Foundation
import StickerTraining
import StickerWorld
import TensorCore
import TestSupport
import Testing
import Text
import Training

@testable import DALLETraining

/// A terminal that shows no progress.
nonisolated(unsafe) private let silent = Terminal(
  redraws: false, colours: false, columns: { 80 }, write: { _ in })

/// A small untrained dVAE: 16×16 pixels become 4×4 tokens.
private func dVAE(seed: UInt64 = 1) -> DiscreteVAE {
  var random = Random(seed: seed)
  return DiscreteVAE(
    DVAEConfiguration(hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 16, stem: 2),
    &random)
}

@Suite struct TokenSetTests {
  @Test func `a set holds the captions and codes of its pictures`() throws {
    let folder = try TemporaryFolder()
    let (dvae, path) = (dVAE(), folder.file("tokens.safetensors"))
    let source = StickerPairs(.train, size: 16, seed: 5, count: 70)
    try TokenSet.make(source, called: "test", count: 70, dvae, seed: 2, to: path)
    let set = try TokenSet(path)
    #expect(set.count == 70 && set.rows == 4 && set.columns == 4)
    #expect(set.encoderHash == dvae.encoderHash && set.source == "test")
    let batches = Batches(source, batchSize: 64, seed: 2)
    for (step, row) in [(0, 0), (0, 63), (1, 5)] {
      let batch = try batches.batch(step)
      let index = step * 64 + row
      #expect(try set.caption(at: index) == batch.captions[row])
      let codes = dvae.encode(batch.pictures.sliced(axis: 0, row..<row + 1))
      #expect(try set.codes(at: index) == codes.values)
    }
  }

  @Test func `sampled codes depend on the seed, and differ from the most probable ones`() throws {
    let folder = try TemporaryFolder()
    let source = StickerPairs(.train, size: 16, seed: 5, count: 8)
    func codes(_ name: String, sampled: Bool) throws -> [[Int32]] {
      try TokenSet.make(
        source, called: "test", count: 8, dVAE(), isSampled: sampled, seed: 2,
        to: folder.file(name))
      let set = try TokenSet(folder.file(name))
      return try (0..<8).map { try set.codes(at: $0) }
    }
    let sampled = try codes("a", sampled: true)
    #expect(try codes("b", sampled: true) == sampled)
    #expect(try codes("c", sampled: false) != sampled)
  }

  @Test func `other files are refused`() throws {
    let folder = try TemporaryFolder()
    let other = folder.file("other.safetensors")
    try writeSafetensors([("codes", .integers(IndexTensor([1]), as: .i32))], to: other)
    for path in [folder.file("missing"), other] {
      #expect(throws: CheckpointError.self) { try TokenSet(path) }
    }
    // Ends that do not fit the captions.
    let about = [
      "format": "dalle-tokens-1", "rows": "1", "columns": "2", "encoder_sha256": "", "source": "",
    ]
    for ends: [Int32] in [[3, 1], [-1, 5], [1, 9]] {
      let path = folder.file("bad.safetensors")
      try writeSafetensors(
        [
          ("codes", .integers(IndexTensor(shape: [2, 2], [0, 1, 2, 3]), as: .i32)),
          ("captions", .integers(IndexTensor([97, 98, 99, 100, 101]), as: .u8)),
          ("ends", .integers(IndexTensor(ends), as: .i32)),
        ], metadata: about, to: path)
      #expect(throws: CheckpointError.self, "\(ends)") { try TokenSet(path) }
    }
  }
}

@Suite struct CaptionedDALLETests {
  @Test func `every word of sticker world is a token, and captions fit`() throws {
    let tokenizer = Tokenizer.streams(of: Stickers())
    for word in StickerWorld.vocabulary {
      #expect(tokenizer.encode(" \(word)").count == 1, "\(word)")
    }
    let length = DALLEConfiguration.stickers(vocabulary: 1).textLength
    for split in StickerWorld.Split.allCases {
      for index in 0..<500 {
        let caption = StickerWorld.sample(split, seed: 9, index: index).caption
        #expect(tokenizer.encode(caption).count <= length, "\(caption)")
      }
    }
  }

  @Test func `a checkpoint restores the transformer, but only for its own dVAE`() throws {
    let folder = try TemporaryFolder()
    let transformer = CaptionedDALLE(DALLERecipe(), small, .streams(of: Stickers()))
    let path = folder.file("transformer.safetensors")
    try Checkpoint.save(transformer, transformer.card(forCodesOf: dVAE().encoderHash), to: path)
    let checkpoint = try Checkpoint(path, kind: DALLE.kind)
    let again = try CaptionedDALLE(checkpoint, forCodesOf: dVAE().encoderHash)
    #expect(again.tokenizer == transformer.tokenizer)
    #expect(again.model.configuration == transformer.model.configuration)
    #expect(try again.ids("A Red STAR") == transformer.ids("a red star"))
    for (a, b) in zip(again.tensors, transformer.tensors) {
      #expect(a.tensor.scalars == b.tensor.scalars)
    }
    let error = #expect(throws: CheckpointError.self) {
      try CaptionedDALLE(checkpoint, forCodesOf: dVAE(seed: 2).encoderHash)
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("another dVAE"))

    var card = transformer.card(forCodesOf: dVAE().encoderHash)
    card.notes[ModelCard.encoderHash] = nil
    try Checkpoint.save(transformer, card, to: path)
    let silent = #expect(throws: CheckpointError.self) {
      try CaptionedDALLE(Checkpoint(path, kind: DALLE.kind), forCodesOf: dVAE().encoderHash)
    }
    #expect(silent?.description.contains("does not say whose codes") == true)
  }

  @Test func `a checkpoint may say how its codes are best drawn`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("transformer.safetensors")
    var transformer = CaptionedDALLE(DALLERecipe(), small, .streams(of: Stickers()))
    let hash = dVAE().encoderHash
    func read() throws -> SamplingOptions? {
      try CaptionedDALLE(Checkpoint(path, kind: DALLE.kind), forCodesOf: hash).sampling
    }
    for options in [nil, SamplingOptions.cautious, SamplingOptions(topK: 3, threshold: 0.5)] {
      transformer.sampling = options
      try Checkpoint.save(transformer, transformer.card(forCodesOf: hash), to: path)
      #expect(try read() == options)
    }
    for note in ["", "{}", "[1]", #"{"temperature": -1, "guidance": 1}"#] {
      let card = ModelCard(
        kind: DALLE.kind, config: small,
        notes: transformer.card(forCodesOf: hash).notes.merging(["sampling": note]) { $1 })
      try Checkpoint.save(transformer, card, to: path)
      let error = #expect(throws: CheckpointError.self) { try read() }
      #expect(error?.description.contains("does not say how codes are drawn") == true, "\(note)")
    }
  }
}

/// A small model of sticker captions for 4×4 tokens.
private var small: DALLEConfiguration {
  var c = DALLEConfiguration.stickers(vocabulary: Tokenizer.streams(of: Stickers()).vocabularySize)
  (c.imageVocabulary, c.rows, c.columns, c.width, c.layers, c.heads) = (16, 4, 4, 16, 2, 2)
  return c
}

@Suite struct DALLERunTests {
  private func run(_ folder: String, steps: Int, resume: Bool = false) throws -> CaptionedDALLE {
    var recipe = DALLERecipe()
    (recipe.pictures, recipe.steps, recipe.batch, recipe.rate) = (64, steps, 8, 1e-2)
    var run = DALLERun(recipe, dVAE(), folder: folder)
    run.configuration = small
    run.resume = resume
    run.terminal = silent
    return try run.run(in: Stickers(), size: 16)
  }

  @Test func `a disk that is too small is found out before any picture is encoded`() throws {
    let folder = try TemporaryFolder()
    var recipe = DALLERecipe()
    (recipe.pictures, recipe.steps, recipe.batch) = (64, 1, 8)
    var run = DALLERun(recipe, dVAE(), folder: folder.file("run"))
    (run.configuration, run.terminal) = (small, silent)
    // Room for the tokens, not for the states.
    run.freeSpace = { _ in 30_000 }
    let error = #expect(throws: TrainingError.self) { try run.run(in: Stickers(), size: 16) }
    #expect(
      error?.description.hasSuffix(
        "and the disk has 30 kB free; make room, or train in a "
          + "folder on another disk") == true)
    #expect(folder.names.isEmpty)
    run.freeSpace = { _ in nil }
    _ = try run.run(in: Stickers(), size: 16)
  }

  @Test func `a folder that holds a run is refused before any picture is encoded`() throws {
    let folder = try TemporaryFolder()
    _ = try run(folder.path, steps: 1)
    try FileManager.default.removeItem(atPath: folder.file("tokens.safetensors"))
    #expect(throws: TrainingError.self) { try run(folder.path, steps: 1) }
    #expect(!folder.names.contains("tokens.safetensors"))
    // Resumed, the run makes the same tokens again.
    _ = try run(folder.path, steps: 1, resume: true)
    #expect(folder.names.contains("tokens.safetensors"))
  }

  @Test func `a run makes tokens, learns, and leaves a checkpoint`() throws {
    let folder = try TemporaryFolder()
    let transformer = try run(folder.path, steps: 300)
    let names = folder.names
    for name in ["tokens", "validation", "training", "transformer"] {
      #expect(names.contains("\(name).safetensors"))
    }
    let checkpoint = try Checkpoint(folder.file("transformer.safetensors"), kind: DALLE.kind)
    let again = try CaptionedDALLE(checkpoint, forCodesOf: dVAE().encoderHash)
    let set = try TokenSet(folder.file("tokens.safetensors"))
    let evaluation = try DALLEEvaluation(set, again, count: 64, every: 1)
    let fresh = CaptionedDALLE(DALLERecipe(), small, .streams(of: Stickers()))
    let (before, after) = (evaluation.losses(fresh.model), evaluation.losses(again.model))
    #expect(after.text < before.text / 2 && after.image < before.image * 0.9)
    // The file stores 16 bits per weight.
    #expect(abs(evaluation.losses(transformer.model).image - after.image) < 0.01)
    let log = try String(decoding: folder.read("log.jsonl"), as: UTF8.self)
    #expect(log.contains("validation_image"))
  }

  @Test func `random codes are read in place of fewer and fewer pictures`() {
    var recipe = DALLERecipe()
    (recipe.steps, recipe.codeNoise) = (100, 0.8)
    let codes = (0..<256).map { Int32($0) }
    /// Of 400 pictures at a step, how many are read as other codes.
    func noisy(at step: Int) -> Int {
      var random = Random(seed: 4)
      return (0..<400).count { _ in
        let read = recipe.noisy(codes, of: 256, at: step, &random)
        let changed = zip(read, codes).count { $0 != $1 }
        // One of 256 random codes is the right one by chance.
        #expect(changed == 0 || changed > 245)
        #expect(read.allSatisfy { 0..<256 ~= $0 })
        return changed > 0
      }
    }
    // Within four standard errors of 320 and 160.
    #expect((288...352).contains(noisy(at: 0)) && (121...199).contains(noisy(at: 40)))
    #expect(noisy(at: 80) == 0 && noisy(at: 99) == 0)
    recipe.codeNoise = 0
    #expect(noisy(at: 0) == 0)
  }

  @Test func `a run starts from a transformer of the same dVAE, and from no other`() throws {
    let (first, second, third) = (
      try TemporaryFolder(), try TemporaryFolder(), try TemporaryFolder()
    )
    let transformer = try run(first.path, steps: 20)
    let start = try Checkpoint(first.file("transformer.safetensors"), kind: DALLE.kind)
    var recipe = DALLERecipe()
    (recipe.pictures, recipe.steps, recipe.batch, recipe.rate) = (16, 1, 4, 1e-6)
    func train(_ dvae: DiscreteVAE, size: Int, in folder: TemporaryFolder) throws -> CaptionedDALLE
    {
      var run = DALLERun(recipe, dvae, folder: folder.path)
      (run.start, run.terminal) = (start, silent)
      return try run.run(in: Stickers(), size: size)
    }
    let result = try train(dVAE(), size: 16, in: second)
    #expect(result.tokenizer == transformer.tokenizer)
    for (a, b) in zip(result.tensors, transformer.tensors) {
      #expect(difference(a.tensor.scalars, b.tensor.scalars, atol: 1e-4, rtol: 1e-2) == nil)
    }
    let card = try Checkpoint(second.file("transformer.safetensors"), kind: DALLE.kind).card
    #expect(card.notes["from"] == (try SHA256.hex(ofFile: start.file.path)))
    let other = #expect(throws: CheckpointError.self) {
      try train(dVAE(seed: 2), size: 16, in: third)
    }
    #expect(other?.description.contains("another dVAE") == true)
    let grid = #expect(throws: CheckpointError.self) { try train(dVAE(), size: 32, in: third) }
    #expect(grid?.description.contains("draws 4×4 tokens, the pictures have 8×8") == true)
    #expect(third.names.isEmpty)  // refused before anything was made
  }

  @Test func `a finished run is not repeated, nor are its tokens`() throws {
    let folder = try TemporaryFolder()
    let first = try run(folder.path, steps: 4)
    let made =
      try FileManager.default.attributesOfItem(
        atPath: folder.file("tokens.safetensors"))[.modificationDate] as? Date
    let second = try run(folder.path, steps: 4, resume: true)
    let kept =
      try FileManager.default.attributesOfItem(
        atPath: folder.file("tokens.safetensors"))[.modificationDate] as? Date
    #expect(made == kept)
    for (a, b) in zip(first.tensors, second.tensors) {
      #expect(a.tensor.scalars == b.tensor.scalars)
    }
    #expect(throws: TrainingError.self) { try run(folder.path, steps: 4) }
  }
}
