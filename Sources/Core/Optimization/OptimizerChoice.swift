import NeuralNetwork

/// The optimisers that trainings offer.
public enum OptimizerChoice: String, Codable, CaseIterable, Sendable {
  /// AdamW for all parameters.
  case adamW = "adamw"
  /// Muon for the matrices inside of blocks, AdamW for all else.
  case muon

  /// An optimiser of a model's parameters, of which matrices decay. `blocks` is what the names of parameters
  /// inside of residual blocks have in them, `joined` those of queries, keys and values in one matrix.
  public func make(
    for model: some Module, blocks: String, joined: String? = nil, decay: Float,
    betas: (Float, Float) = (0.9, 0.999),
    secondMomentLimit: Float = .infinity
  ) -> any Optimizer {
    switch self {
    case .adamW:
      Adam(
        decay == 0
          ? [ParameterGroup(model.parameters)]
          : ParameterGroup.decayingMatrices(model, decay: decay),
        rate: 0, betas: betas, secondMomentLimit: secondMomentLimit)
    case .muon:
      Muon(
        model, blocks: blocks, joined: joined, decay: decay, betas: betas,
        secondMomentLimit: secondMomentLimit)
    }
  }
}
