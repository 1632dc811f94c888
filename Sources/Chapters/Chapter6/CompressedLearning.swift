// Training a small transformer with gradients that were compressed in one way or another.

import Chapter4
import Collectives
import DALLE
import GradientCompression
import NeuralNetwork
import Optimization
import TensorCore
import Training

/// What a training with compressed gradients came to.
struct LearningRun: Codable {
  let name: String
  /// The steps after which the losses were measured.
  var steps: [Int] = []
  /// On validation pairs, nats per token.
  var losses: [Float] = []
  /// The share of the gradients' bytes that were sent.
  var sent = 1.0

  /// The last loss.
  var loss: Double { Double(losses.last ?? .nan) }
}

/// Trainings of one width.
struct WidthRuns: Codable {
  static let ranks = [2, 4, 8, 16, 32]

  let width: Int
  let exact, other: LearningRun
  /// One for each of `ranks`.
  let compressed: [LearningRun]
}

extension Chapter6 {
  /// Pairs to learn from and to measure on.
  private struct LearningData {
    let training, validation: Pairs
    let configuration: DALLEConfiguration

    init(_ painter: Painter, seed: UInt64) throws {
      training = try Pairs(.train, count: 4096, seed: seed, painter)
      validation = try Pairs(.validation, count: 128, seed: seed, painter)
      configuration = painter.transformer.model.configuration
    }
  }

  static func feedbackRuns(_ painter: Painter, seed: UInt64) throws -> [LearningRun] {
    let data = try LearningData(painter, seed: seed)
    let ways: KeyValuePairs<String, Way?> = [
      "exact": nil, "rank 4": Way(), "no feedback": Way(keepsErrors: false),
      "fixed Q": Way(variant: .fixed), "Q drawn anew": Way(variant: .fixed, isRedrawn: true),
      "Q anew, no feedback": Way(variant: .fixed, keepsErrors: false, isRedrawn: true),
    ]
    return try ways.map { name, way in
      try learn(name, width: 64, way, rank: 4, steps: 1000, data, seed: seed)
    }
  }

  static func rankRuns(_ painter: Painter, seed: UInt64) throws -> [WidthRuns] {
    let data = try LearningData(painter, seed: seed)
    return try [32, 64, 128].map { width in
      func run(_ name: String, rank: Int?, seed: UInt64) throws -> LearningRun {
        try learn(
          name, width: width, rank.map { _ in Way() }, rank: rank ?? 1, steps: 500, data, seed: seed
        )
      }
      return WidthRuns(
        width: width, exact: try run("exact", rank: nil, seed: seed),
        other: try run("another seed", rank: nil, seed: seed + 1),
        compressed: try WidthRuns.ranks.map { try run("rank \($0)", rank: $0, seed: seed) })
    }
  }

  /// A way to compress.
  private struct Way {
    var variant = GradientCompressor.Variant.warmStarted
    var keepsErrors = true
    /// Whether Q is drawn again for every step.
    var isRedrawn = false

    func compressor(
      _ parameters: [(name: String, tensor: Tensor)], rank: Int, seed: UInt64
    ) -> GradientCompressor {
      GradientCompressor(
        parameters, rank: rank, variant: variant, seed: seed, keepsErrors: keepsErrors,
        keepingWhole: { $0.contains("embedding") || $0.contains("logits") })
    }
  }

  private static func learn(
    _ name: String, width: Int, _ way: Way?, rank: Int, steps: Int, _ data: LearningData,
    seed: UInt64
  ) throws -> LearningRun {
    var c = data.configuration
    (c.width, c.layers, c.heads) = (width, 4, width / 16)
    var random = Random(seed: seed).split("model")
    let model = DALLE(c, &random)
    let trainer = Trainer(
      name, model,
      Adam(ParameterGroup.decayingMatrices(model, decay: 0.045), rate: 0, betas: (0.9, 0.96)),
      steps: steps, seed: seed,
      rate: .riseAndFall(to: 0.25 / Float(width), steps: steps, rise: steps / 10))
    trainer.gradientLimit = 4
    let parameters = model.parameters
    var compressor = way?.compressor(parameters, rank: rank, seed: seed)
    var run = LearningRun(name: name)
    var (sent, whole) = (0, 0)
    try trainer.run { step, random in
      let some = (0..<8).map { _ in random.integer(below: data.training.samples.count) }
      let loss = model(text: data.training.text.rows(some), image: data.training.codes.rows(some))
      loss.total.backward()
      if let current = compressor, let way {
        let gradients = parameters.map { $0.tensor.gradient ?? .zeros($0.tensor.shape) }
        if let means = current.average(gradients, over: OneProcess()) {
          for (parameter, mean) in zip(parameters, means) { parameter.tensor.gradient = mean }
        }
        sent += current.bytesSent
        whole += current.bytesUncompressed
        if way.isRedrawn {
          // The errors stay, Q does not.
          let next = way.compressor(parameters, rank: rank, seed: seed + UInt64(step) + 1)
          next.restore(current.state(over: OneProcess()), over: OneProcess())
          compressor = next
        } else {
          (sent, whole) = (current.bytesSent, current.bytesUncompressed)
        }
      }
      if (step + 1) % 50 == 0 {
        run.steps.append(step + 1)
        run.losses.append(
          withoutGradient {
            model(text: data.validation.text, image: data.validation.codes).total.item
          })
      }
      return Metrics(loss: loss.total.item)
    }
    if whole > 0 { run.sent = Double(sent) / Double(whole) }
    return run
  }
}
