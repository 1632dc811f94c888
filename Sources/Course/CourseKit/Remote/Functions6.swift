// The functions of chapter 6 on both sides.

import TensorCore

enum Remote6: Chapter6Exercises {
  static func rounded(
    _ x: Double, exponentBits: Int, significandBits: Int, bias: Int
  ) throws -> Double {
    try Remote.call("rounded", x, exponentBits, significandBits, bias)
  }
  static func scales(_ overflows: [[Bool]], machines: Int) throws -> [[Double]] {
    try Remote.call("scales", overflows, machines)
  }
  static func powerSGD(
    _ gradients: [Tensor], query: Tensor
  ) throws -> (mean: Tensor, query: Tensor) {
    let result: [Tensor] = try Remote.call("powerSGD", gradients, query)
    guard result.count == 2 else { throw CheckError("your process sent no two matrices") }
    return (result[0], result[1])
  }
  static func sent(_ gradients: Tensor, keeping k: Int) throws -> Tensor {
    try Remote.call("sent", gradients, k)
  }
  static func isKept(_ caption: String, width: Int, height: Int) throws -> Bool {
    try Remote.call("isKept", caption, width, height)
  }
  static func memory(parameters: Int, bytes: [Int], blocks: Int, gpus: Int) throws -> Int {
    try Remote.call("memory", parameters, bytes, blocks, gpus)
  }
}

/// The functions of chapter 6 by name.
public func functions(of c: any Chapter6Exercises.Type) -> [String: Answering.Function] {
  [
    "rounded": .init {
      try c.rounded($0, exponentBits: $1, significandBits: $2, bias: $3)
    },
    "scales": .init { try c.scales($0, machines: $1) },
    "powerSGD": .init { (gradients: [Tensor], query: Tensor) in
      let result = try c.powerSGD(gradients, query: query)
      return [result.mean, result.query]
    },
    "sent": .init { try c.sent($0, keeping: $1) },
    "isKept": .init { try c.isKept($0, width: $1, height: $2) },
    "memory": .init { try c.memory(parameters: $0, bytes: $1, blocks: $2, gpus: $3) },
  ]
}
