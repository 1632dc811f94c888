import DALLE
import Kernels
import NumberFormats
import Optimization
import TensorCore
import Testing

@testable import MixedPrecision

@Suite("Training in mixed precision", .serialized) struct MixedTrainingTests {
  private func settings(_ scaling: GradientScaling = .paper) -> MixedSettings {
    var settings = MixedSettings()
    settings.scaling = scaling
    settings.rate = 5e-3
    return settings
  }

  @Test func `a skipped update leaves weights, moments and the count of steps as they are`() {
    // A scale that doubles in each step must overflow at last.
    let training = MixedTraining(
      smallExperiment.untrained(), settings(.loss(initial: 0x1p10, interval: 1)))
    func state() -> [[UInt32]] {
      bits(training.model) + training.optimizer.state.map { bits($0.tensor) }
        + [[UInt32(training.optimizer.steps)]]
    }
    var skipped = 0
    for step in 0..<30 {
      let before = state()
      let result = training.step(text: somePairs.text, image: somePairs.image)
      #expect(result.isSkipped == (state() == before), "step \(step)")
      if result.isSkipped { skipped += 1 }
    }
    #expect(skipped > 1 && skipped < 15)
    #expect(training.optimizer.steps == 30 - skipped)
  }

  @Test func `weights and moments of resblocks are kept in their formats, all others in 32 bits`() {
    let training = MixedTraining(smallExperiment.untrained(), settings())
    for _ in 0..<3 { _ = training.step(text: somePairs.text, image: somePairs.image) }
    func isRounded(_ x: Tensor, _ format: FloatFormat) -> Bool {
      bits(x.rounded(to: format)) == bits(x)
    }
    for (name, tensor) in training.model.parameters {
      let isHalf = name.contains("transformer.layers") && tensor.rank == 2
      #expect(isRounded(tensor, .half) == isHalf, "\(name)")
    }
    for (name, tensor) in training.optimizer.state {
      let isSmall = name.contains("transformer.layers") && tensor.rank == 2
      let isFirst = name.hasPrefix("exp_avg.")
      #expect(isRounded(tensor, isFirst ? .adamMean : .adamVariance) == isSmall, "\(name)")
    }
  }

  @Test func `with master weights the weights keep 32 bits`() {
    var with = settings()
    with.hasMasterWeights = true
    let training = MixedTraining(smallExperiment.untrained(), with)
    _ = training.step(text: somePairs.text, image: somePairs.image)
    let weight = training.model.blocks[0].feedForward.first.weight
    #expect(bits(weight.rounded(to: .half)) != bits(weight))
  }

  @Test func `replicas change no bit in 32 bits, and lose small gradients in 16`() {
    func run(_ settings: MixedSettings, replicas: Int) -> [[UInt32]] {
      var settings = settings
      settings.replicas = replicas
      return bits(smallExperiment.run(settings).model)
    }
    #expect(run(.float, replicas: 1) == run(.float, replicas: 1 << 12))
    let plain = settings(.none)
    #expect(run(plain, replicas: 1) != run(plain, replicas: 1 << 12))
  }

  @Test(arguments: [GradientScaling.none, .usualLoss, .paper])
  func `the same seed gives the same bits on one thread and on two`(scaling: GradientScaling) {
    func run(threads: Int) -> ([[UInt32]], [Float]) {
      let before = Threads.count
      Threads.count = threads
      defer { Threads.count = before }
      // Wide enough for loops to be shared.
      var experiment = smallExperiment
      (experiment.configuration.width, experiment.batch, experiment.steps) = (64, 8, 3)
      let (model, steps) = experiment.run(settings(scaling))
      return (bits(model), steps.flatMap { [$0.loss] + $0.logScales })
    }
    let (one, two) = (run(threads: 1), run(threads: 2))
    #expect(one.0 == two.0 && one.1 == two.1)
  }

  @Test func `a run reports losses that fall, scales that rise, and gradients when asked`() {
    var experiment = smallExperiment
    experiment.steps = 40
    experiment.batch = 8
    experiment.interval = 20
    let (_, steps) = experiment.run(settings())
    #expect(steps[39].loss < steps[0].loss - 0.3)
    #expect(steps[0].logScales == [Float](repeating: 13, count: 6))
    #expect(abs(steps[39].logScales[3] - 13.039) < 1e-3)
    #expect(steps.allSatisfy { !$0.isSkipped })
    #expect(steps.indices.filter { !steps[$0].gradients.isEmpty } == [0, 20])
  }

  @Test func `four ways are compared from the same weights`() {
    let runs = smallExperiment.compared(replicas: 1 << 16, rate: 5e-3, hurry: 125)
    #expect(runs.map(\.name) == ["f32", "no scaling", "one loss scale", "a scale per resblock"])
    let scales = runs.map { $0.steps.map { $0.logScales[5] } }
    #expect(scales[0] == scales[1] && scales[1] == [Float](repeating: 0, count: 6))
    #expect(scales[2] == [Float](repeating: 32, count: 6))
    // 1,000 / 125 = 8 updates double a scale.
    #expect(abs(scales[3][0] - 29) < 1e-5 && abs(scales[3][5] - 29.625) < 1e-4)
    let losses = runs.map { $0.steps.map(\.loss) }
    func distance(_ i: Int) -> Float {
      zip(losses[i], losses[0]).map { abs($0 - $1) }.max() ?? 0
    }
    // Without scales the small gradients of this loss are lost.
    #expect(distance(1) > 10 * distance(2) && distance(1) > 10 * distance(3))
    #expect(losses[0] == smallExperiment.compared(replicas: 1, rate: 5e-3)[0].steps.map(\.loss))
  }

  @Test func `captions and pictures are cropped to their beginning and their middle`() {
    let pairs = TokenPairs(
      text: IndexTensor(shape: [2, 3], [1, 2, 3, 4, 5, 6]),
      image: IndexTensor(shape: [2, 16], (0..<32).map { Int32($0) }))
    let cropped = pairs.cropped(length: 2, columns: 4, side: 2)
    #expect(cropped.text == IndexTensor(shape: [2, 2], [1, 2, 4, 5]))
    #expect(cropped.image == IndexTensor(shape: [2, 4], [5, 6, 9, 10, 21, 22, 25, 26]))
  }
}
