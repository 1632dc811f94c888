// The trainings of the study: a transformer learns a world, and a judge looks on.

import Checkpoints
import DALLE
import DALLETraining
import DVAETraining
import DiscreteVAE
import EmojiJudge
import EmojiWorld
import Images
import Pretrained
import TensorCore
import Text
import TextToImage

extension Lesson {
  /// Trains the transformer in a folder, or goes on there, and measures it.
  ///
  /// Throws what a training throws, or an `EmojiFontError` without a font.
  mutating func run(_ usual: DiscreteVAE, in folder: String, seed: UInt64) throws {
    let world = try EmojiWorld(things: things)
    let dvae = change == .fine ? try fine("\(folder)/dvae", seed) : usual
    var run = DALLERun(recipe(steps, seed), dvae, folder: folder)
    if change == .singlesFirst {
      run = DALLERun(recipe(steps - steps / 3, seed), dvae, folder: folder)
      run.start = try singles(world, dvae, "\(folder)/singles", seed)
    }
    (run.configuration, run.resume) = (size.configuration, true)
    let before = steps - run.recipe.steps
    let file = PointsFile<Point>(folder)
    let examiner = try Examiner(world, dvae, seed)
    run.hook = DALLETrainingHook(every: run.recipe.steps / Self.measurements) { done, transformer in
      let point = try examiner.point(before + done, transformer)
      try file.write(file.read().filter { $0.steps < point.steps } + [point])
    }
    let transformer = try run.run(in: world)
    let some = (0..<4000).map { world.sample(.train, seed: seed, index: $0).scene }
    finish(
      parameters: transformer.parameterCount,
      thingsOfPair: some.map { Double(Set($0.things).count) }.reduce(0, +) / Double(some.count),
      limit: examiner.limit, try file.read())
  }

  /// Measurements of a run.
  private static let measurements = 6

  /// The recipe for some steps, in which each picture is seen once.
  private func recipe(_ steps: Int, _ seed: UInt64) -> DALLERecipe {
    var recipe = DALLERecipe.emoji
    (recipe.steps, recipe.pictures, recipe.seed) = (steps, steps * recipe.batch, seed)
    switch change {
    case .none, .singlesFirst, .fine: break
    case .clean: recipe.codeNoise = 0
    case .readApart: recipe.textDropout = DALLERecipe().textDropout
    case .adamW: (recipe.optimizer, recipe.rate) = (.adamW, DALLERecipe().rate)
    }
    return recipe
  }

  /// A transformer that has learnt single things only, with a schedule of its own.
  private func singles(
    _ world: EmojiWorld, _ dvae: DiscreteVAE, _ folder: String, _ seed: UInt64
  ) throws -> Checkpoint {
    var run = DALLERun(recipe(steps / 3, seed &+ 1), dvae, folder: folder)
    (run.configuration, run.resume) = (size.configuration, true)
    let scenes = ChosenScenes(world, .train, count: run.recipe.pictures) {
      if case .single = $0.arrangement { true } else { false }
    }
    _ = try run.run(on: scenes, called: "single emoji", .streams(of: world))
    return try Checkpoint(run.checkpoint)
  }

  /// A dVAE with four times as many codes of a picture, for 4×4 pixels each.
  private func fine(_ folder: String, _ seed: UInt64) throws -> DiscreteVAE {
    let world = try EmojiWorld(things: Pretrained.emojiThings)
    var sizes = DVAEConfiguration.stickers
    sizes.encoderKernel = 1
    var recipe = DVAERecipe()
    (recipe.optimizer, recipe.seed, recipe.warmUpSteps) = (.muon, seed, 2400)
    (recipe.steps, recipe.decoderSteps) = (300, 1200)
    var training = DVAETraining(sizes, recipe, data: world.name)
    (training.folder, training.resume) = (folder, true)
    return try training.run(
      on: world.pairs(.training, size: 64, seed: seed, count: nil))
  }
}

/// Measures transformers on scenes that training does not have.
private struct Examiner {
  private let dvae: DiscreteVAE
  private let judge: EmojiJudge
  private let samples: [EmojiScenes.Sample]
  private let seed: UInt64
  /// The scenes' pictures as codes, [B, N], and √N.
  private let codes: IndexTensor
  private let side: Int

  init(_ world: EmojiWorld, _ dvae: DiscreteVAE, _ seed: UInt64) throws {
    (self.dvae, judge, self.seed) = (dvae, EmojiJudge(world), seed)
    samples = (0..<Lesson.captions).map {
      world.sample(.validation, seed: 1_000_003, index: $0)
    }
    let pictures = Tensor(samples.map { world.render($0.scene, $0.layout) })  // [B, C, H, W]
    let grids = dvae.encode(pictures)  // [B, h, w]
    side = grids.shape[1]
    codes = IndexTensor(shape: [samples.count, side * side], grids.values)
  }

  /// The share of real pictures that are found right after the dVAE.
  var limit: Double {
    let grids = IndexTensor(shape: [samples.count, side, side], codes.values)
    return Double(verdicts(dvae.decode(grids)).count(where: \.isRight)) / Double(samples.count)
  }

  /// What a transformer can do after some steps.
  func point(_ steps: Int, _ transformer: CaptionedDALLE) throws -> Lesson.Point {
    let dalle = TextToImage(transformer, dvae)
    let pictures = try dalle.draw(oneForEach: samples.map(\.caption), seed: seed, .cautious)
    let verdicts = verdicts(pictures)
    var aspects: [String: [Int]] = [:]
    for (aspect, isRight) in verdicts.flatMap({ $0.claims }) {
      let before = aspects[aspect.rawValue] ?? [0, 0]
      aspects[aspect.rawValue] = [before[0] + 1, before[1] + (isRight ? 1 : 0)]
    }
    let (ground, others) = try losses(transformer)
    return Lesson.Point(
      steps: steps, right: verdicts.map(\.isRight), aspects: aspects, ground: ground,
      others: others)
  }

  private func verdicts(_ pictures: Tensor) -> [EmojiVerdict] {
    zip(judge.read(Image.pictures(of: pictures)), samples).map { $0.shows($1.scene) }
  }

  /// The image loss of the first 64 pictures: of each one's most frequent code, which is the ground, and of all
  /// others.
  private func losses(
    _ transformer: CaptionedDALLE
  ) throws -> (ground: Double, others: Double) {
    var sums = [0.0, 0.0]
    for rows in (0..<64).parts(of: 16) {
      let ids = try rows.flatMap { try transformer.ids(samples[$0].caption) }
      let text = IndexTensor(shape: [rows.count, ids.count / rows.count], ids)  // [b, T]
      let image = codes.rows(rows)  // [b, N]
      let isGround = rows.flatMap { row -> [Bool] in
        let own = codes.rows([row]).values
        let counts = own.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        let ground = own.max { (counts[$0] ?? 0, $0) < (counts[$1] ?? 0, $1) }
        return own.map { $0 == ground }
      }
      withoutGradient {
        let hidden = transformer.model.hidden(text: text, image: image)  // [b, S, D]
        for (i, part) in [true, false].enumerated() {
          // What has no code counts for nothing.
          let targets = zip(image.values, isGround).map { $1 == part ? $0 : -1 }
          let loss = transformer.model.loss(
            of: hidden, text: text, image: IndexTensor(shape: image.shape, targets))
          sums[i] += Double(loss.image.item) / 4
        }
      }
    }
    return (sums[0], sums[1])
  }
}
