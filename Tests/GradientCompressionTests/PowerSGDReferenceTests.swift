// PowerSGD's warm-started form against the values in Tests/Reference/powersgd.safetensors, which a
// float64 derivation and PyTorch's communication hook on two processes agree on.

import Collectives
import GradientCompression
import TensorCore
import TestSupport
import Testing

@Suite("Reference: PowerSGD") struct PowerSGDReferenceTests {
  let file: ReferenceFile

  init() throws { file = try ReferenceFile("powersgd") }

  private func tensor(_ name: String) throws -> Tensor {
    let (shape, values) = try file.floats(name)
    return Tensor(shape: shape, values)
  }

  private func config<Value>(_ key: String, _ type: Value.Type) throws -> Value {
    try #require(try file.config[key] as? Value, "config has no \(key)")
  }

  /// What each worker has after each step.
  private struct Step: Sendable {
    let mean: Tensor
    let error: Tensor
    let query: Tensor
  }

  @Test func `means, errors and Q agree after every step, on every worker`() throws {
    let matrices = try config("matrices", [String: [String: Any]].self)
    let workers = try config("workers", Int.self)
    #expect(try config("min_compression_rate", Int.self) == 1)
    for (name, matrix) in matrices {
      let rank = try #require(matrix["rank"] as? Int)
      let gradients = try tensor("\(name).grads")  // [worker, step, ...]
      let query = try tensor("\(name).q0")  // [n, r]
      let steps = gradients.shape[1]
      let shape = Array(gradients.shape.dropFirst(2))
      let results = Lockstep.run(workers) { ranks -> [Step?] in
        let compressor = GradientCompressor(
          [("w", .zeros(shape))], rank: rank, seed: 0, leastSaving: 0)
        let rows = shape[0]
        let none = Tensor.zeros([rows, shape.reduce(1, *) / rows])
        compressor.restore([("error.w", none), ("query.w", query)], over: ranks)
        return (0..<steps).map { step in
          let gradient = gradients.at(ranks.rank, axis: 0).at(step, axis: 0)
          guard let means = compressor.average([gradient], over: ranks) else { return nil }
          return Step(mean: means[0], error: compressor.errors[0], query: compressor.queries[0])
        }
      }
      for (worker, steps) in results.enumerated() {
        for (step, result) in steps.enumerated() {
          let result = try #require(result)
          try compare(result.mean, "\(name).avg", at: step)
          try compare(result.query, "\(name).q_avg", at: step)
          for kind in ["error", "hook.error"] {
            let want = try tensor("\(name).\(kind)").at(step, axis: 0).at(worker, axis: 0)
            #expect(problem(result.error, want) == nil, "\(name).\(kind), step \(step)")
          }
          try compare(result.mean, "\(name).hook.avg", at: step)
        }
      }
    }
  }

  @Test func `both bases are those of the reference`() throws {
    for name in try config("matrices", [String: [String: Any]].self).keys {
      let (q0, means) = (try tensor("\(name).q0"), try tensor("\(name).q_avg"))
      let sums = try tensor("\(name).p_sum")
      for step in 0..<sums.shape[0] {
        let query = step == 0 ? q0 : means.at(step - 1, axis: 0)
        for basis in [{ gramSchmidt($0) }, householder] as [(Tensor) -> Tensor] {
          try compare(basis(query), "\(name).q_orth", at: step)
          try compare(basis(sums.at(step, axis: 0)), "\(name).p_orth", at: step)
        }
      }
    }
  }

  private func compare(_ got: Tensor, _ name: String, at step: Int) throws {
    let want = try tensor(name).at(step, axis: 0)
    let problem = problem(got, want)
    #expect(problem == nil, "\(name), step \(step): \(problem ?? "")")
  }

  /// A mean has the shape of its parameter, the reference that of its matrix.
  private func problem(_ got: Tensor, _ want: Tensor) -> String? {
    difference(got.scalars, want.scalars, atol: 2e-5, rtol: 1e-4)
  }
}
