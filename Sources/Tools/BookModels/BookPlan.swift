// How long the training of everything will take, from a few steps of each part.

import CLIP
import CLIPTraining
import Checkpoints
import DALLE
import DVAETraining
import DiscreteVAE
import Foundation
import StickerTraining
import TensorCore
import Training

/// The parts of a training of everything, with their times on this machine.
public struct BookPlan: Sendable {
  /// A training, or the making of what one needs.
  public struct Part: Sendable {
    /// The stage that it belongs to.
    public let stage: BookStage
    /// What is trained or made, for people.
    public let title: String
    /// What is counted, "steps" or "pictures".
    public let unit: String
    /// How many there are.
    public let count: Int
    /// The time of all of them, in seconds.
    public let seconds: Double
  }

  /// In the order of the run.
  public let parts: [Part]

  /// The seconds of a stage.
  public func seconds(_ stage: BookStage) -> Double {
    parts.filter { $0.stage == stage }.reduce(0) { $0 + $1.seconds }
  }

  /// Takes three steps of each training, in a temporary folder.
  ///
  /// Throws what `BookTraining.run` throws.
  public init(_ recipes: BookRecipes, options: RunOptions = RunOptions([:])) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var trial = BookTraining(recipes.trial, folder: folder)
    trial.options = options
    trial.terminal = Terminal(redraws: false, colours: false, columns: { 80 }, write: { _ in })
    var parts: [Part] = []
    for stage in BookStage.allCases {
      let made = try trial.making(for: stage, recipes)
      if let made { parts.append(made) }
      try trial.run(stage)
      for (place, steps) in zip(stage.folders, recipes.steps(of: stage)) {
        let times = try trial.logged("seconds", in: place).map(\.value)
        // The first step allocates memory.
        let step = Double(times.dropFirst().min() ?? times.first ?? 0)
        let name = place.split(separator: "/").dropFirst().last
        parts.append(
          Part(
            stage: stage, title: stage.title + (name.map { ", \($0)" } ?? ""), unit: "steps",
            count: steps, seconds: step * Double(steps)))
      }
    }
    self.parts = parts
  }
}

extension BookRecipes {
  /// The steps of each part of a stage, in the order of `BookStage.folders`.
  func steps(of stage: BookStage) -> [Int] {
    switch stage {
    case .classifier: [classifier.steps]
    case .clip: [clip.steps]
    case .dvae: [dvae.warmUpSteps, dvae.steps, dvae.decoderSteps]
    case .transformer: [transformer.steps]
    case .reranker: [reranker.steps]
    case .judge: [judge.steps]
    }
  }

  /// The same with three steps of everything.
  fileprivate var trial: BookRecipes {
    var trial = self
    (trial.classifier.steps, trial.clip.steps, trial.reranker.steps) = (3, 3, 3)
    (trial.dvae.warmUpSteps, trial.dvae.steps, trial.dvae.decoderSteps) = (3, 3, 3)
    trial.dvae.clusterPictures = 2 * trial.dvae.batch
    trial.dvae.clusterRounds = 1
    (trial.transformer.steps, trial.judge.steps) = (3, 3)
    trial.transformer.pictures = 2 * transformer.batch
    trial.drawings = 8
    return trial
  }
}

extension BookTraining {
  /// What a part of the run has logged under a name.
  func logged(_ name: String, in place: String) throws -> [(step: Int, value: Float)] {
    let card = ModelCard(kind: "", config: [String: String]())
    return try TrainingFolder("\(folder)/\(place)", card, every: 1, resume: true).logged(name)
  }

  /// The pictures that a stage makes before its steps, timed with a few of them.
  fileprivate func making(
    for stage: BookStage, _ recipes: BookRecipes
  ) throws -> BookPlan.Part? {
    let dvae = { try DiscreteVAE(Checkpoint(path(.dvae), kind: DiscreteVAE.kind)) }
    switch stage {
    case .transformer:
      let (dvae, pictures) = (try dvae(), DVAETraining.stickers(.train, count: 64))
      return part(stage, "its tokens", recipes.transformer.pictures, of: 64) {
        _ = dvae.encode(pictures)
      }
    case .reranker:
      let dvae = try dvae()
      let transformer = try CaptionedDALLE(
        Checkpoint(path(.transformer), kind: DALLE.kind), forCodesOf: dvae.encoderHash)
      let drawn = "\(folder)/timed.safetensors"
      return try part(stage, "its drawings", recipes.drawings, of: 16) {
        try Drawings.make(16, transformer, dvae, seed: 1, to: drawn)
      }
    case .classifier, .clip, .dvae, .judge: return nil
    }
  }

  private func part(
    _ stage: BookStage, _ title: String, _ count: Int, of some: Int, _ body: () throws -> Void
  ) rethrows -> BookPlan.Part {
    let start = ContinuousClock.now
    try body()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return BookPlan.Part(
      stage: stage, title: "\(stage.title), \(title)", unit: "pictures", count: count,
      seconds: seconds * Double(count) / Double(some))
  }
}
