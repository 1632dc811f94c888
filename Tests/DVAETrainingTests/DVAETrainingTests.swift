import CaptionedImages
import DiscreteVAE
import Foundation
import StickerTraining
import StickerWorld
import TensorCore
import TestSupport
import Testing
import Training

@testable import DVAETraining

/// A terminal that shows no progress.
nonisolated(unsafe) private let silent = Terminal(
  redraws: false, colours: false, columns: { 80 }, write: { _ in })

@Suite struct ClustersTests {
  @Test func `well-separated clusters are found`() {
    var random = Random(seed: 1)
    let centres: [[Float]] = [[0, 0], [10, 0], [0, 10], [10, 10], [5, 30]]
    let points = (0..<1000).map { i in
      centres[i % 5].map { $0 + 0.1 * random.normal() }
    }
    let clusters = Clusters(Tensor(points), count: 5, rounds: 10, using: &random) { _ in }
    let nearest = Clusters.nearest(Tensor(centres), clusters.centres)
    #expect(Set(nearest.ids).count == 5)
    #expect(nearest.distances.allSatisfy { $0 < 0.01 })
    #expect(abs(clusters.distortion - 0.02) < 0.005)
  }

  @Test func `the nearest centre is the one that an exhaustive search finds`() {
    var random = Random(seed: 2)
    let (points, centres) = (Tensor.normal([50, 3], &random), Tensor.normal([7, 3], &random))
    let found = Clusters.nearest(points, centres)
    for i in 0..<50 {
      let distances = (0..<7).map { k in
        (0..<3).reduce(Float(0)) {
          $0 + (points[i, $1] - centres[k, $1]) * (points[i, $1] - centres[k, $1])
        }
      }
      let best = distances.indices.min { distances[$0] < distances[$1] } ?? 0
      #expect(found.ids[i] == best)
      #expect(abs(found.distances[i] - distances[best]) < 1e-4)
    }
  }

  @Test func `more rounds never raise the distortion; as many clusters as points bring it to 0`() {
    var random = Random(seed: 3)
    let points = Tensor.normal([200, 4], &random)
    var last = Float.infinity
    for rounds in [1, 2, 4, 8, 16] {
      var same = Random(seed: 4)
      let distortion = Clusters(points, count: 10, rounds: rounds, using: &same) { _ in }.distortion
      #expect(distortion <= last * 1.0001)
      last = distortion
    }
    let all = Clusters(Tensor.normal([20, 2], &random), count: 20, rounds: 20, using: &random) {
      _ in
    }
    #expect(all.distortion < 1e-6)
  }
}

@Suite struct DVAETrainingTests {
  private let small = DVAEConfiguration(
    hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 32, stem: 2, postGain: 0.5)

  private let stickers = StickerPairs(.train, size: 32, seed: 1)

  @Test func `folded codes are the nearest centres, and decode like them`() {
    var random = Random(seed: 5)
    let dvae = DiscreteVAE(small, &random)
    let model = ContinuousAutoencoder(dvae, latents: 3, &random)
    for tensor in [model.toLatents.bias, model.fromLatents.bias] {
      tensor?.update { for i in $0.indices { $0[i] = Float(i) * 0.1 - 0.2 } }
    }
    let centres = Tensor.normal([32, 3], &random)
    model.fold(centres, deviation: 0.7)

    let images = Tensor.uniform([2, 16, 16, 3], 0.1, 0.9, &random)
    let latents = model.latents(images)  // [2, 4, 4, 3]
    let nearest = Clusters.nearest(latents.reshaped(-1, 3).detached, centres).ids
    let codes = dvae.encoder(images).argmax(axis: 3)
    #expect(codes.values.map { Int($0) } == nearest)

    let chosen = embedding(centres, codes)  // [2, 4, 4, 3]
    #expect(
      difference(
        dvae.decoder(codes).scalars, model.statistics(chosen).scalars, atol: 1e-5, rtol: 1e-5)
        == nil)
    let hard = oneHot(codes, classes: 32)
    #expect(
      difference(
        dvae.decoder(codes).scalars, dvae.decoder(hard).scalars, atol: 1e-5, rtol: 1e-5) == nil)
  }

  @Test func `the deepened decoder starts out equal to the shallow one`() {
    var random = Random(seed: 6)
    let dvae = DiscreteVAE(small, &random)
    var deeper = small
    deeper.decoderBlocks = 3
    let deep = dvae.deepened(to: deeper, &random)
    let images = Tensor.uniform([2, 3, 16, 16], 0, 1, &random)
    let codes = dvae.encode(images)
    #expect(deep.encode(images).values == codes.values && deep.encoderHash == dvae.encoderHash)
    #expect(deep.parameterCount > dvae.parameterCount)
    #expect(
      difference(
        deep.decode(codes).scalars, dvae.decode(codes).scalars, atol: 1e-6, rtol: 1e-5) == nil)
  }

  @Test func `the fourth stage improves pictures and keeps the codes`() throws {
    var recipe = DVAERecipe()
    (recipe.warmUpSteps, recipe.steps, recipe.decoderSteps, recipe.batch) = (20, 5, 200, 4)
    (recipe.latents, recipe.clusterPictures, recipe.clusterRounds) = (6, 32, 5)
    var deeper = small
    deeper.decoderBlocks = 2
    var training = DVAETraining(deeper, recipe)
    training.terminal = silent
    let result = try training.run(on: stickers)
    #expect(result.configuration == deeper && result.encoderHash == training.dvae.encoderHash)
    let images = DVAETraining.stickers(.validation, count: 16, size: 32)
    func error(_ dvae: DiscreteVAE) -> Float {
      (dvae.decode(dvae.encode(images)) - images).square().mean().item
    }
    #expect(error(result) < 0.8 * error(training.dvae))
  }

  @Test func `all stages lead to codes that are used, the same for the same seed`() throws {
    var recipe = DVAERecipe()
    recipe.latents = 6
    recipe.warmUpSteps = 500
    recipe.clusterPictures = 32
    recipe.clusterRounds = 5
    recipe.steps = 20
    recipe.decoderSteps = 20
    recipe.batch = 4
    func train() throws -> DiscreteVAE {
      var training = DVAETraining(small, recipe)
      training.terminal = silent
      return try training.run(on: stickers)
    }
    let dvae = try train()
    let images = DVAETraining.stickers(.validation, count: 4, size: 32)
    let codes = dvae.encode(images)
    #expect(codes.shape == [4, 8, 8] && Set(codes.values).count >= 12)
    let grey = (images - images.mean()).square().mean().item
    let error = (dvae.decode(codes) - images).square().mean().item
    #expect(error < grey / 2)
    #expect(try train().tensors.map(\.tensor.scalars) == dvae.tensors.map(\.tensor.scalars))
  }

  /// Signals end processes, so this test runs in a process of its own.
  @Test func `the second stage shows its progress, and Ctrl-C ends it with a sentence`()
    async throws
  {
    let folder = try TemporaryFolder()
    await #expect(processExitsWith: .exitCode(130)) { [path = folder.path as String] in
      var recipe = DVAERecipe()
      (recipe.latents, recipe.batch, recipe.clusterPictures, recipe.clusterRounds) = (6, 4, 32, 5)
      let configuration = DVAEConfiguration(
        hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 32, stem: 2, postGain: 0.5)
      var training = DVAETraining(configuration, recipe)
      var shown = ""
      training.terminal = Terminal(
        redraws: false, colours: false, columns: { 80 }, write: { shown += $0 })
      var random = Random(seed: 5)
      let model = ContinuousAutoencoder(training.dvae, latents: 6, &random)
      let pictures = Tensor.uniform([4, 3, 32, 32], 0, 1, &random)
      try training.makeCodes(model) { _ in pictures }
      precondition(shown.contains("codes 13/13"), "\(shown)")
      training.folder = path
      var batches = 0
      do {
        try training.makeCodes(model) { _ in
          batches += 1
          if batches == 3 {
            kill(getpid(), SIGINT)
            usleep(100_000)
          }
          return pictures
        }
      } catch let error as TrainingError {
        let state = "\(path)/warm-up/training.safetensors"
        precondition(
          error == .interrupted(done: 3, steps: 13, unit: "round", state: state), "\(error)")
        exit(error.exitStatus)
      }
    }
  }

  @Test func `temperature and weight follow their schedules`() {
    let recipe = DVAERecipe()
    #expect(recipe.temperature(0) == 0.25 && recipe.temperature(recipe.steps) == 0.0625)
    #expect(recipe.temperature(recipe.steps * 3 / 8) < 0.16)
    #expect(recipe.beta(0) == recipe.beta[0] && recipe.beta(recipe.steps) == recipe.beta[1])
  }
}
