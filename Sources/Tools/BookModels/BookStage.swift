import DVAETraining

/// The trainings of the bundled models, in the order in which each needs those before it.
public enum BookStage: String, CaseIterable, Sendable {
  case classifier, clip, dvae, transformer, reranker, judge

  /// The name of its file, without `.safetensors`.
  public var file: String { self == .classifier ? "vit" : rawValue }
  /// What the book calls the model.
  public var title: String {
    switch self {
    case .classifier: "vision transformer"
    case .clip: "CLIP"
    case .dvae: "discrete VAE"
    case .transformer: "transformer"
    case .reranker: "reranker"
    case .judge: "judge"
    }
  }

  /// The folders of its training states, inside of the run's: one for each part.
  public var folders: [String] {
    self == .dvae ? DVAETraining.stages.map { "dvae/\($0)" } : [rawValue]
  }
}
