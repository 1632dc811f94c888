import Checkpoints
import Files
import Foundation
import NeuralNetwork
import Optimization
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct TrainerTests {
  @Test func `training takes the optimiser's steps, with clipped gradients and averages`() throws {
    let network = Network()
    let trainer = Trainer(
      "x", network, Descent(network), steps: 4, seed: 7,
      rate: .linear(from: 0.4, to: 0, steps: 4))
    trainer.gradientLimit = 0.01
    trainer.terminal = Screen().terminal()
    let average = MovingAverage(network, decay: 0.5)
    trainer.average = average
    trainer.averageInterval = 2
    try trainer.run { step, random in
      let loss = network.loss(&random)
      loss.backward()
      return Metrics(loss: loss.item)
    }

    // The same by hand: w -= rate · g · 0.01 / (|g| + 10⁻⁶).
    let expected = Network()
    var averages: [[Float]] = []
    for (step, rate) in [Float(0.4), 0.3, 0.2, 0.1].enumerated() {
      var random = Random(seed: 7).split("training").split(step)
      expected.clearGradients()
      expected.loss(&random).backward()
      let gradients = expected.parameters.map { $0.tensor.gradient!.scalars }
      let norm = gradients.joined().reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(norm > 0.01)
      for ((_, parameter), gradient) in zip(expected.parameters, gradients) {
        parameter.update { w in
          for i in w.indices { w[i] -= rate * gradient[i] * Float(0.01 / (norm + 1e-6)) }
        }
      }
      if step == 1 { averages = expected.tensors.map(\.tensor.scalars) }
    }
    for ((_, got), (_, want)) in zip(network.tensors, expected.tensors) {
      #expect(difference(got.scalars, want.scalars, atol: 1e-7, rtol: 1e-5) == nil)
    }
    for (i, (_, got)) in average.tensors.enumerated() {
      let now = expected.tensors[i].tensor.scalars
      let want = zip(averages[i], now).map { ($0 + $1) / 2 }
      #expect(difference(got.scalars, want, atol: 1e-7, rtol: 1e-5) == nil)
    }
    #expect(average.updates == 2)
  }

  @Test func `a loss that is NaN stops the run, with an error that names the step`() throws {
    let folder = try TemporaryFolder()
    let state = folder.file("run/training.safetensors")
    let run = Run(.adam, in: folder, steps: 30)
    var good: [UInt8] = []
    let error = #expect(throws: TrainingError.self) {
      try run.trainer.run { step, random in
        if step == 4 { good = try folder.state() }
        let loss = run.network.loss(&random)
        loss.backward()
        return Metrics(loss: step == 6 ? .nan : loss.item)
      }
    }
    #expect(
      error?.description == """
        training stopped in step 6: the loss is nan although all weights are finite. \(state) \
        still holds the last good state. Try a lower learning rate (--rate, where there is one), \
        --precision f32 if it was bf16, or another --seed
        """)
    #expect(error?.exitStatus == 1)
    #expect(try folder.state() == good)
    #expect(try folder.log().count == 6)
  }

  @Test func `a gradient that is not finite stops the run and names its tensor`() throws {
    let run = Run(.adam, in: nil, steps: 30)
    let before = run.network.second.weight.scalars
    #expect(
      throws: TrainingError.nonFinite(
        step: 0, what: "the gradient of second.weight holds -inf at place 5", state: nil)
    ) {
      try run.trainer.run { step, random in
        let loss = run.network.loss(&random)
        loss.backward()
        run.network.second.weight.gradient!.update { $0[5] = -.infinity }
        return Metrics(loss: loss.item)
      }
    }
    #expect(run.network.second.weight.scalars == before)
  }

  @Test func `weights that are not finite are not saved`() throws {
    let folder = try TemporaryFolder()
    let run = Run(.adam, in: folder, steps: 30)
    var good: [UInt8] = []
    #expect(
      throws: TrainingError.nonFinite(
        step: 7, what: "first.bias holds nan at place 2",
        state: folder.file("run/training.safetensors"))
    ) {
      try run.trainer.run { step, random in
        if step == 4 { good = try folder.state() }
        let loss = run.network.loss(&random)
        loss.backward()
        if step == 7 { run.network.first.bias!.update { $0[2] = -.nan } }
        return Metrics(loss: loss.item)
      }
    }
    #expect(try folder.state() == good)
  }

  @Test func `a step without gradients violates a precondition`() async {
    await #expect(processExitsWith: .failure) {
      try Run(.adam, in: nil, steps: 1).trainer.run { _, _ in Metrics(loss: 0) }
    }
  }

  @Test func `memory does not grow over a thousand steps`() async {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      var run = Run(.averaged, in: folder, steps: 1300, every: 100)
      var early = 0
      try run.run { step in if step == 300 { early = peakMemory() } }
      // A worker thread that first starts late on a busy machine adds some memory of its own for
      // small blocks: a megabyte or two, once.
      let growth = peakMemory() - early
      precondition(growth < 4 << 20, "1000 steps took \(growth) more bytes")
    }
  }

  @Test func `a metric cannot have the name of one of the loop's own`() async {
    _ = Metrics(loss: 1, ["clip/accuracy.top-5": 0.5])
    await #expect(processExitsWith: .failure) { _ = Metrics(loss: 1, ["rate": 1]) }
    await #expect(processExitsWith: .failure) { _ = Metrics(loss: 1, ["a\"b": 1]) }
  }

  @Test func `a metric that is NaN is null in the log`() throws {
    let folder = try TemporaryFolder()
    let run = Run(.adam, in: folder, steps: 1)
    try run.trainer.run { step, random in
      run.network.loss(&random).backward()
      return Metrics(loss: 1, ["a": .nan, "b": 2])
    }
    #expect(try folder.log()[0].hasSuffix("\"a\":null,\"b\":2.0}"))
  }
}
