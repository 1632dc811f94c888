// A run on weights and inputs from a file, to compare with other implementations.

import Checkpoints
import DiscreteVAE
import NeuralNetwork
import TensorCore

extension DiscreteVAE {
  private struct Settings: Decodable {
    let beta, tau: Float
  }

  /// Every tensor of a run on the weights and pictures in `file`, by name.
  ///
  /// The file holds weights (`encoder.blocks.…` and `decoder.blocks.…`), `image` [B, 3, H, W] in
  /// 0 … 1, uniform numbers `gumbel.u`, an upstream gradient `gumbel.gout`, numbers `laplace.x`,
  /// `.mu`, `.lnb`, `.gout`, and `unmap.in`; in its metadata `config` the architecture, `beta`
  /// and `tau`. The result has all activations as [B, C, H, W], `codes` as numbers, the parts of
  /// the bound, and all gradients.
  ///
  /// Throws a `CheckpointError` when something is missing or does not fit.
  public static func referenceTrace(
    of file: SafetensorsFile
  ) throws(CheckpointError) -> [(name: String, tensor: Tensor)] {
    var random = Random(seed: 0)
    let settings = try file.config(Settings.self)
    let configuration = try file.config(DVAEConfiguration.self)
    try file.check(parameters: configuration.parameterCount)
    let model = DiscreteVAE(configuration, &random)
    try file.load(into: model.encoder.tensors, prefix: "encoder.")
    try file.load(into: model.decoder.tensors, prefix: "decoder.")
    let image = try file.tensor("image")  // [B, C, H, W]
    let mapped = mapPixels(image).channelsLast  // [B, H, W, C]
    let noise = gumbel(try file.tensor("gumbel.u")).channelsLast  // [B, h, w, K]

    let trace = Trace()
    let logits = model.encoder(mapped, trace: trace)  // [B, h, w, K]
    let codes = logits.detached.argmax(axis: 3)  // [B, h, w]
    let statistics = withoutGradient { model.decoder(codes, trace: trace) }  // [B, H, W, 2·C]
    trace.note("image_mapped", mapped.channelsFirst)
    trace.note("logits", logits.channelsFirst)
    trace.note("codes", Tensor(shape: codes.shape, codes.values.map(Float.init)))
    trace.note("stats", statistics.channelsFirst)
    trace.note("reconstruction", picture(statistics).channelsFirst)
    trace.note("unmap.out", unmapPixels(try file.tensor("unmap.in")))
    try traceLaplace(file, trace)
    try traceGumbel(file, logits.detached, noise, settings.tau, trace)

    // The chain is cut at logits and statistics, so that gradients can be seen there.
    let cutLogits = logits.detached.requiringGradient()
    let z = gumbelSoftmax(cutLogits, noise: noise, temperature: settings.tau)  // [B, h, w, K]
    let soft = model.decoder(z)  // [B, H, W, 2·C]
    let cutStatistics = soft.detached.requiringGradient()
    let bound = EvidenceBound(mapped, cutStatistics, logits: cutLogits)
    let loss = bound.loss(beta: settings.beta)
    loss.backward()
    soft.backward(upstream: cutStatistics.gradient)
    logits.backward(upstream: cutLogits.gradient)

    let c = mapped.shape[3]
    let density = logitLaplace(
      mapped, mean: soft.detached.sliced(axis: 3, 0..<c),
      logScale: soft.detached.sliced(axis: 3, c..<2 * c))
    for (name, tensor) in [
      ("z", z.channelsFirst), ("stats", soft.channelsFirst), ("logp", density.channelsFirst),
      ("kl", bound.divergence), ("kl_image", bound.divergences), ("nll", bound.reconstruction),
      ("loss", loss), ("grad_logits", (cutLogits.gradient ?? cutLogits).channelsFirst),
      ("grad_stats", (cutStatistics.gradient ?? cutStatistics).channelsFirst),
    ] { trace.note("elbo.\(name)", tensor) }
    for (name, parameter) in model.parameters {
      trace.note("grad.\(name)", parameter.gradient ?? .zeros(parameter.shape))
    }
    return trace.entries
  }

  private static func gumbel(_ u: Tensor) -> Tensor { ((u.log() * -1).log()) * -1 }

  private static func traceLaplace(
    _ file: SafetensorsFile, _ trace: Trace
  ) throws(CheckpointError) {
    let x = try file.tensor("laplace.x").requiringGradient()
    let mean = try file.tensor("laplace.mu").requiringGradient()
    let logScale = try file.tensor("laplace.lnb").requiringGradient()
    let density = logitLaplace(x, mean: mean, logScale: logScale)
    density.backward(upstream: try file.tensor("laplace.gout"))
    trace.note("laplace.logp", density)
    for (name, tensor) in [("x", x), ("mu", mean), ("lnb", logScale)] {
      trace.note("laplace.grad.\(name)", tensor.gradient ?? .zeros(tensor.shape))
    }
  }

  private static func traceGumbel(
    _ file: SafetensorsFile, _ logits: Tensor, _ noise: Tensor, _ temperature: Float, _ trace: Trace
  ) throws(CheckpointError) {
    let upstream = try file.tensor("gumbel.gout").channelsLast  // [B, h, w, K]
    for (name, isHard) in [("soft", false), ("hard", true)] {
      let leaf = logits.detached.requiringGradient()
      let sample = gumbelSoftmax(leaf, noise: noise, temperature: temperature, isHard: isHard)
      sample.backward(upstream: upstream)
      trace.note("gumbel.\(name)", sample.channelsFirst)
      trace.note("gumbel.\(name).grad_logits", (leaf.gradient ?? leaf).channelsFirst)
    }
  }
}
