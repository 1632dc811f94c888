// How all bundled models are trained, in one place.

import CLIPTraining
import ClassifierTraining
import DALLETraining
import DVAETraining
import Optimization

/// The settings of every bundled model.
public struct BookRecipes: Sendable {
  /// Chapter 1's vision transformer.
  public var classifier: ClassifierRecipe
  /// Chapter 2's CLIP, whose image tower starts from chapter 1's encoder.
  public var clip: CLIPRecipe
  /// Chapter 3's discrete VAE.
  public var dvae: DVAERecipe
  /// Chapter 4's transformer, which draws the dVAE's tokens.
  public var transformer: DALLERecipe
  /// Chapter 5's reranker, which starts from CLIP.
  public var reranker: CLIPRecipe
  /// The number of pictures that the transformer draws for the reranker to reject.
  public var drawings: Int
  /// Chapter 5's judge.
  public var judge: JudgeRecipe

  /// The settings of the judge.
  public struct JudgeRecipe: Equatable, Sendable {
    /// The number of optimiser steps.
    public var steps: Int
    /// B, pictures per step.
    public var batch: Int
    /// The random seed of weights and pictures.
    public var seed: UInt64
  }

  /// The recipes, with `scale` times their numbers of steps and pictures, at least 2 of each. A scale below
  /// 1 is for a rehearsal: everything happens, in less time, and models are as poor as that.
  public init(scale: Double = 1, seed: UInt64 = 1) {
    precondition(
      scale > 0 && scale <= 100, "recipes are scaled by more than 0, up to 100: \(scale)")
    func scaled(_ count: Int) -> Int { max(2, Int((Double(count) * scale).rounded())) }
    classifier = ClassifierRecipe(steps: scaled(3000), optimizer: .muon, seed: seed)
    clip = CLIPRecipe(steps: scaled(3000), prefersPairs: true, optimizer: .muon, seed: seed)
    dvae = DVAERecipe()
    dvae.optimizer = .muon
    dvae.warmUpSteps = scaled(5000)
    dvae.steps = scaled(800)
    dvae.decoderSteps = scaled(6000)
    // Clusters are of places, 256 in each picture, and there must be more places than codes.
    dvae.clusterPictures = max(32, scaled(1024))
    dvae.seed = seed
    transformer = DALLERecipe()
    transformer.steps = scaled(5000)
    transformer.optimizer = .muon
    transformer.pictures = max(transformer.batch, scaled(80_000))
    transformer.seed = seed
    reranker = CLIPRecipe(
      steps: scaled(1500), rate: 4e-4, prefersPairs: true, optimizer: .muon, seed: seed)
    drawings = max(64, scaled(8000))
    judge = JudgeRecipe(steps: scaled(6000), batch: 32, seed: seed)
  }

  /// The optimisers of all models but the judge.
  public var optimizers: Set<OptimizerChoice> {
    [
      classifier.optimizer, clip.optimizer, dvae.optimizer, transformer.optimizer,
      reranker.optimizer,
    ]
  }

  /// Trains all models but the judge with one optimiser.
  public mutating func use(_ optimizer: OptimizerChoice) {
    (classifier.optimizer, clip.optimizer, dvae.optimizer) = (optimizer, optimizer, optimizer)
    (transformer.optimizer, reranker.optimizer) = (optimizer, optimizer)
  }
}
