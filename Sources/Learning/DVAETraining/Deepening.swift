// The fourth stage: a deeper decoder, trained alone.

import DiscreteVAE
import NeuralNetwork
import Optimization
import TensorCore
import Training

extension DiscreteVAE {
  /// A dVAE of these sizes, which may have more blocks in the decoder, with the same outputs as
  /// this one: the new blocks add nothing yet.
  func deepened(to configuration: DVAEConfiguration, _ random: inout Random) -> DiscreteVAE {
    let deep = DiscreteVAE(configuration, &random)
    let known = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) })
    for (name, tensor) in deep.tensors {
      if let old = known[name] {
        tensor.assign(old)
      } else if name.contains(".conv_4.") {
        tensor.assign(.zeros(tensor.shape))
      }
    }
    return deep
  }
}

extension DVAETraining {
  /// The fourth stage: codes stay the same, and the decoder learns to infer from the neighbouring
  /// codes what a code leaves open. Returns the dVAE with the deeper decoder.
  ///
  /// The decoder's part of the bound needs no relaxation, so codes are hard. Its mean minimises the
  /// squared error (Laplace's density would lead to the median); ln b is fitted to the remaining
  /// error.
  ///
  /// Throws a `TrainingError`, a `CheckpointError` if the folder cannot be used, or what `pictures`
  /// throws.
  public func trainDecoder(_ pictures: PictureBatches) throws -> DiscreteVAE {
    var random = Random(seed: recipe.seed).split("deepening")
    let deep = dvae.deepened(to: configuration, &random)
    let decoder = deep.decoder
    let trainer = Trainer(
      "decoder", decoder, recipe.makeOptimizer(for: decoder, betas: (0.9, 0.99)),
      steps: recipe.decoderSteps,
      seed: recipe.seed,
      rate: DVAERecipe.schedule(recipe.decoderRate, steps: recipe.decoderSteps))
    configure(trainer, "decoder")
    let first = recipe.warmUpSteps + recipe.clusterSteps + recipe.steps
    try trainer.run { step, _ in
      let batch = trainer.share(of: try pictures(first + step))  // [b, C, H, W]
      let images = mapPixels(batch).channelsLast  // [b, H, W, C]
      let statistics = decoder(deep.encode(batch))  // [b, H, W, 2·C]
      let c = images.shape[3]
      let mean = statistics.sliced(axis: 3, 0..<c)  // [b, H, W, C]
      let density = logitLaplace(
        images, mean: mean.detached, logScale: statistics.sliced(axis: 3, c..<2 * c),
        floor: configuration.logScaleFloor)  // [b, H, W, C]
      // Only the last layer's weights of ln b learn from the density; a small weight suffices.
      let loss = meanSquaredError(mean.sigmoid(), images) * 15 - density.mean() * 0.003
      loss.backward()
      var metrics = Metrics(loss: loss.item)
      if let evaluation, (step + 1) % evaluation.every == 0 {
        var chance = Random(seed: recipe.seed).split("evaluation")
        deep.report(evaluation.pictures, using: &chance).add(to: &metrics)
      }
      return metrics
    }
    return deep
  }
}
