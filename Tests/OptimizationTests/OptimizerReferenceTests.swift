// Adam, clipping, averages and schedules against the values of public packages in
// Tests/Reference/optim.safetensors.

import NeuralNetwork
import Optimization
import TensorCore
import TestSupport
import Testing

@Suite("Reference: optimisers") struct OptimizerReferenceTests {
  let file: ReferenceFile
  let config: [String: Any]

  init() throws {
    file = try ReferenceFile("optim")
    config = try file.config
  }

  private func number(_ key: String) throws -> Float {
    Float(try #require(config[key] as? Double, "config has no \(key)"))
  }

  private func pair(_ key: String) throws -> (Float, Float) {
    let values = try #require(config[key] as? [Double])
    return (Float(values[0]), Float(values[1]))
  }

  private func tensor(_ name: String) throws -> Tensor {
    let (shape, values) = try file.floats(name)
    return Tensor(shape: shape, values)
  }

  /// Step `index` of a tensor [steps, ...].
  private func compare(_ got: Tensor, _ name: String, step: Int) throws {
    let want = try tensor(name).at(step, axis: 0)
    #expect(got.shape == want.shape, "\(name)")
    let problem = difference(got.scalars, want.scalars, atol: 2e-6, rtol: 1e-5)
    #expect(problem == nil, "\(name) after step \(step): \(problem ?? "")")
  }

  private func optimizer(_ name: String, _ groups: [ParameterGroup]) throws -> Adam {
    let (rate, eps) = (try number("lr"), try number("eps"))
    switch name {
    case "adamw":
      return Adam(
        groups, rate: rate, betas: try pair("adamw_betas"), epsilon: eps,
        decay: .decoupled(try number("adamw_wd")))
    case "adam":
      return Adam(groups, rate: rate, betas: try pair("adam_betas"), epsilon: eps)
    default:
      return Adam(
        groups, rate: rate, betas: try pair("adam_betas"), epsilon: eps, decay: .gradient(0.01))
    }
  }

  @Test(arguments: ["adamw", "adam", "adam_l2"])
  func `given gradients lead to the same weights and averages`(_ name: String) throws {
    let shapes = try #require(config["shapes"] as? [[Int]])
    let weights = try shapes.indices.map { try tensor("given.w0.\($0)").requiringGradient() }
    let gradients = try shapes.indices.map { try tensor("given.grads.\($0)") }
    let parameters = weights.enumerated().map { (name: "\($0)", tensor: $1) }
    let optimizer = try optimizer(name, [ParameterGroup(parameters)])
    for step in 0..<(try #require(config["steps"] as? Int)) {
      for (weight, gradient) in zip(weights, gradients) {
        weight.gradient = gradient.at(step, axis: 0)
      }
      optimizer.step()
      for (i, weight) in weights.enumerated() {
        try compare(weight, "\(name).w.\(i)", step: step)
      }
      for (key, tensor) in optimizer.state { try compare(tensor, "\(name).\(key)", step: step) }
    }
  }

  @Test(arguments: ["adamw", "adam", "adam_l2"])
  func `a quadratic is descended the same way`(_ name: String) throws {
    let (a, c) = (try tensor("quad.A"), try tensor("quad.c"))
    let w = try tensor("quad.w0").requiringGradient()
    let optimizer = try optimizer(name, [ParameterGroup([(name: "w", tensor: w)])])
    for step in 0..<(try tensor("\(name).quad.f").count) {
      optimizer.clearGradients()
      let d = (w - c).reshaped(1, w.count)  // [1, n]
      let f = matmul(matmul(d, a), d, transposeB: true).reshaped([]) * 0.5
      try compare(f, "\(name).quad.f", step: step)
      f.backward()
      optimizer.step()
      try compare(w, "\(name).quad.w", step: step)
    }
  }

  @Test(arguments: ["clip_active", "clip_inactive"])
  func `clipping by global norm agrees`(_ name: String) throws {
    let shapes = try #require(config["shapes"] as? [[Int]])
    let parameters = try shapes.indices.map { index in
      let parameter = Tensor.zeros(shapes[index]).requiringGradient()
      parameter.gradient = try tensor("\(name).in.\(index)")
      return (name: "\(index)", tensor: parameter)
    }
    let norm = gradientNorm(parameters)
    let want = try tensor("\(name).total_norm").item
    #expect(difference([norm], [want], atol: 2e-6, rtol: 1e-5) == nil)
    let scale = clipScale(norm: norm, limit: try number("clip"))
    for (index, parameter) in parameters.enumerated() {
      let clipped = try #require(parameter.tensor.gradient) * scale
      let want = try tensor("\(name).out.\(index)")
      let problem = difference(clipped.scalars, want.scalars, atol: 2e-6, rtol: 1e-5)
      #expect(problem == nil, "\(problem ?? "")")
    }
  }

  @Test func `the moving average of weights agrees`() throws {
    let inputs = try tensor("ema.in")
    let weight = Tensor.zeros(Array(inputs.shape.dropFirst())).requiringGradient()
    let average = MovingAverage(Holder(weight: weight), decay: try number("ema_decay"))
    for step in 0..<inputs.shape[0] {
      weight.assign(inputs.at(step, axis: 0))
      average.update()
      try compare(average.tensors[0].tensor, "ema.out", step: step)
    }
  }

  private struct Holder: Module {
    let weight: Tensor
    var members: Members { ("weight", weight) }
  }

  @Test func `schedules agree at every step`() throws {
    let rate = Double(try number("base_lr"))
    let lowest = Double(try number("eta_min"))
    let steps = try #require(config["sched_steps"] as? Int)
    let warmUp = try #require(config["warmup"] as? Int)
    let annealing = try tensor("schedule.half_cosine_anneal").count
    let schedules: [(String, Schedule)] = [
      ("constant_warmup", .warmUp(steps: warmUp, then: .constant(rate))),
      (
        "linear_warmup",
        .warmUp(steps: warmUp, then: .linear(from: rate, to: 0, steps: steps - warmUp))
      ),
      (
        "cosine_warmup",
        .warmUp(steps: warmUp, then: .cosine(from: rate, to: 0, steps: steps - warmUp))
      ),
      ("cosine_annealing", .cosine(from: rate, to: lowest, steps: steps)),
      ("exponential", .exponential(from: rate, factor: 0.9)),
      ("half_cosine_anneal", .cosine(from: 1, to: 1.0 / 16, steps: annealing - 1)),
    ]
    for (name, schedule) in schedules {
      // PyTorch's cosine swings back after its last step, ours stays where it is.
      let compared = name.hasPrefix("cosine") ? steps + 1 : .max
      let want = try tensor("schedule.\(name)").scalars.prefix(compared)
      let got = want.indices.map { Float(schedule($0)) }
      let problem = difference(got, Array(want), atol: 2e-6, rtol: 1e-5)
      #expect(problem == nil, "\(name): \(problem ?? "") \(got) \(want)")
    }
    #expect(Schedule.cosine(from: 2, to: 1, steps: 5)(9) == 1)
    #expect(
      Set(file.names.filter { $0.hasPrefix("schedule.") })
        == Set(schedules.map { "schedule.\($0.0)" }))
  }
}
