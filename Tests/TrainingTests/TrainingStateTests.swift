import Checkpoints
import Foundation
import NeuralNetwork
import Optimization
import TensorCore
import TestSupport
import Testing
import Training

/// A layer, and statistics that are kept but not trained.
private struct Sample: Module {
  struct Configuration: Codable, Equatable {
    var width: Int
    var depth: Int
    var rate: Float
  }

  let blocks: [Linear]
  let mean: Tensor

  var members: Members {
    ("blocks", blocks)
    ("running_mean", mean)
  }

  init(_ configuration: Configuration, seed: UInt64) {
    var random = Random(seed: seed)
    let width = configuration.width
    blocks = (0..<configuration.depth).map { _ in Linear(width, width, &random) }
    mean = .normal([width], &random)
  }

  /// Every number there is.
  var numbers: [Float] { tensors.flatMap(\.tensor.scalars) }
}

@Suite struct TrainingStateTests {
  private let configuration = Sample.Configuration(width: 3, depth: 1, rate: 0.1)
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("training.safetensors")
  }

  /// Another optimiser than Adam, which keeps other averages.
  private final class Momentum: Optimizer {
    let groups: [ParameterGroup]
    var rate: Float = 0.1
    var steps = 0
    let state: [(name: String, tensor: Tensor)]

    init(_ model: Sample) {
      groups = [ParameterGroup(model.parameters)]
      state = model.parameters.map { ("momentum.\($0)", .zeros($1.shape)) }
    }

    func step(gradientScale: Float) { steps += 1 }
    func forOthers(_ groups: [ParameterGroup]) -> any Optimizer { self }
  }

  /// What a run carries from step to step. JSON has no word for infinity.
  private struct Best: Codable, Equatable {
    var loss = Double.infinity
  }

  private final class Run {
    let model: Sample
    let optimizer: any Optimizer
    let average: MovingAverage?
    var state: TrainingState

    init(
      _ configuration: Sample.Configuration, seed: UInt64, average: Bool = true, adam: Bool = true,
      settings: [String: String] = ["data": "stickers"]
    ) {
      model = Sample(configuration, seed: seed)
      optimizer = adam ? Adam(model, rate: 0.1) : Momentum(model)
      self.average = average ? MovingAverage(model, decay: 0.5) : nil
      state = TrainingState(
        ModelCard(kind: "sample", config: configuration), settings: settings, model: model,
        optimizer: optimizer, average: self.average)
    }

    func step() {
      for (_, parameter) in model.parameters { parameter.gradient = parameter.detached }
      optimizer.step()
      average?.update()
    }

    var numbers: [Float] {
      model.numbers + optimizer.state.flatMap(\.tensor.scalars)
        + (average?.tensors ?? []).flatMap(\.tensor.scalars)
    }
  }

  @Test func `a restored run continues with the same numbers`() throws {
    let run = Run(configuration, seed: 1)
    for _ in 0..<3 { run.step() }
    var best = Best()
    try run.state.save(step: 3, carrying: best, to: path)

    let copy = Run(configuration, seed: 2)
    best.loss = 1
    #expect(try copy.state.load(carrying: &best, from: path) == 3)
    #expect(best == Best())
    #expect(copy.optimizer.steps == 3 && copy.average?.updates == 3)
    #expect(copy.numbers == run.numbers)
    run.step()
    copy.step()
    #expect(copy.numbers == run.numbers)
  }

  @Test func `the state of a run serves as a checkpoint, with averaged weights if there are some`()
    throws
  {
    let run = Run(configuration, seed: 1)
    try run.state.save(step: 0, carrying: 0, to: path)
    let copy = Sample(configuration, seed: 2)
    try Checkpoint(path, kind: "sample").load(into: copy)
    #expect(copy.numbers == run.model.numbers)
    for _ in 0..<3 { run.step() }
    try run.state.save(step: 3, carrying: 0, to: path)
    try Checkpoint(path, kind: "sample").load(into: copy)
    #expect(copy.numbers == run.average!.tensors.flatMap(\.tensor.scalars))
    #expect(copy.numbers != run.model.numbers)
  }

  @Test func `the state of another run is refused and changes nothing`() throws {
    let run = Run(configuration, seed: 1)
    run.step()
    try run.state.save(step: 1, carrying: [1], to: path)
    var wide = configuration
    wide.width = 4
    let cases: [(Run, String)] = [
      (
        Run(configuration, seed: 2, settings: ["data": "birds"]),
        "this run began with data \"stickers\", now it is \"birds\"; continue with the same"
      ),
      (
        Run(configuration, seed: 2, settings: ["data": "stickers", "batch": "8"]),
        "this run began with batch \"unset\", now it is \"8\""
      ),
      (
        Run(configuration, seed: 2, settings: [:]),
        "this run began with data \"stickers\", now it is \"unset\""
      ),
      (
        Run(wide, seed: 2),
        "its config.width is \"3\", this run's is \"4\""
      ),
      (
        Run(configuration, seed: 2, settings: ["data": "{\"a\":1,\"b\":2}"]),
        "this run began with data \"stickers\", now it is \"{\"a\":1,"
      ),
      (
        Run(configuration, seed: 2, average: false),
        "3 tensors are unknown (\"average.blocks.0.weight\""
      ),
      (
        Run(configuration, seed: 2, adam: false), "2 tensors are missing (\"optimizer.momentum."
      ),
    ]
    for (other, sentence) in cases {
      let before = other.numbers
      var carried = [0]
      let error = #expect(throws: CheckpointError.self) {
        try other.state.load(carrying: &carried, from: path)
      }
      guard case .mismatch(path, let reason) = error else {
        Issue.record("expected a mismatch, got \(String(describing: error))")
        continue
      }
      #expect(reason.contains(sentence), "got: \(reason)")
      #expect(other.numbers == before && carried == [0] && other.optimizer.steps == 0)
    }
  }

  @Test func `in settings that are JSON the differing entry is named`() throws {
    func run(_ recipe: String) -> Run { Run(configuration, seed: 1, settings: ["recipe": recipe]) }
    let long = String(repeating: "x", count: 200)
    let first = "{\"a\":\"\(long)\",\"in\":{\"list\":[1,2]},\"rate\":0.5,\"steps\":2}"
    try run(first).state.save(step: 1, carrying: [1], to: path)
    for (recipe, sentence) in [
      (
        first.replacing("\"steps\":2", with: "\"steps\":3"),
        "began with recipe.steps \"2\", now it is \"3\""
      ),
      (
        first.replacing(",\"steps\":2", with: ""),
        "began with recipe.steps \"2\", now it is \"unset\""
      ),
      (
        first.replacing("[1,2]", with: "[2,1]"),
        "began with recipe.in.list \"[1,2]\", now it is \"[2,1]\""
      ),
      (first.replacing("0.5", with: "0.25"), "began with recipe.rate \"0.5\", now it is \"0.25\""),
    ] {
      var carried = [0]
      let error = #expect(throws: CheckpointError.self) {
        try run(recipe).state.load(carrying: &carried, from: path)
      }
      #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
    }
  }

  @Test func `a checkpoint is no state, and a position must make sense`() throws {
    let run = Run(configuration, seed: 1)
    var carried = 0
    func reason(_ other: Run) -> String {
      do throws(CheckpointError) { _ = try other.state.load(carrying: &carried, from: path) } catch
      {
        return error.description
      }
      return ""
    }
    try Checkpoint.save(run.model, ModelCard(kind: "sample", config: configuration), to: path)
    #expect(reason(run).contains("its format is \"dalle-checkpoint-1\", this run's is"))

    try run.state.save(step: 1, carrying: "text", to: path)
    #expect(
      reason(run).contains("its position is unusable (expected a whole number at \"carried\")"))

    try run.state.save(step: -1, carrying: 1, to: path)
    #expect(reason(run).contains("its position counts below zero"))

    let whole = try folder.read("training.safetensors")
    _ = try folder.write(Array(whole.dropLast()), to: "training.safetensors")
    #expect(reason(run).contains("the training state is broken (it is incomplete: "))
  }
}
