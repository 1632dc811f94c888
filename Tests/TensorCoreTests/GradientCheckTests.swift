// Every operation's gradient against a directional finite difference of its own forward pass,
// at sizes that exercise whole vectors, their rests, and the edges.

import TensorCore
import Testing

@Suite("Gradients by finite differences") struct GradientCheckTests {
  /// An operation, the shapes of its inputs, and how its inputs are drawn.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let shapes: [[Int]]
    var low: Float = -1
    var high: Float = 1
    let operation: @Sendable ([Tensor]) -> Tensor
    var testDescription: String { "\(name) \(shapes)" }
  }

  static func each(
    _ name: String, _ shapes: [Int]..., low: Float = -1, high: Float = 1,
    _ operation: @escaping @Sendable (Tensor) -> Tensor
  ) -> [Case] {
    shapes.map { shape in
      Case(name: name, shapes: [shape], low: low, high: high) { operation($0[0]) }
    }
  }

  static func of(
    _ name: String, _ shapes: [Int]..., low: Float = -1, high: Float = 1,
    _ operation: @escaping @Sendable ([Tensor]) -> Tensor
  ) -> Case {
    Case(name: name, shapes: shapes, low: low, high: high, operation: operation)
  }

  static let functions: [Case] =
    each("exp", [3, 7], [1], [16]) { $0.exp() }
    + each("log", [3, 7], low: 0.5, high: 2) { $0.log() }
    + each("squareRoot", [3, 7], low: 0.5, high: 2) { $0.squareRoot() }
    + each("reciprocalSquareRoot", [3, 7], low: 0.5, high: 2) { $0.reciprocalSquareRoot() }
    + each("square", [5, 9]) { $0.square() }
    + each("sigmoid", [5, 9]) { $0.sigmoid() }
    + each("tanh", [5, 9]) { $0.tanh() }
    + each("gelu", [5, 9]) { ($0 * 3).gelu() }
    + each("geluTanh", [5, 9]) { ($0 * 3).geluTanh() }
    + each("quickGelu", [5, 9]) { ($0 * 3).quickGelu() }
    + each("softplus", [5, 9]) { ($0 * 4).softplus() }
    + each("logit", [5, 9], low: 0.1, high: 0.9) { $0.logit() }
    + each("relu away from 0", [5, 9], low: 0.1, high: 1) { ($0 - 0.05).relu() }
    + each("leakyRelu below 0", [5, 9], low: -1, high: -0.1) { $0.leakyRelu(0.2) }
    + each("affine", [5, 9]) { 2 - $0 * 3 }
    + each("negative", [5, 9]) { -$0 }

  static let reductions: [Case] =
    each("sum", [4, 5], [1, 1]) { $0.sum().square() }
    + each("sum axis 0", [4, 5], [1, 5], [130, 3]) { $0.sum(axis: 0) }
    + each("mean axis 1", [4, 1, 3], [2, 7, 9]) { $0.mean(axis: 1, keepingAxis: true) }
    + each("mean axes", [2, 3, 4]) { $0.mean(axes: [0, 2]) }
    + each("variance", [4, 9], [3, 2]) { $0.variance(axis: -1, unbiased: true) }
    + each("logSumExp", [4, 9], [2, 1]) { $0.logSumExp() }
    + each("softmax", [4, 9], [3, 1], [2, 33]) { $0.softmax() }
    + each("softmax axis 0", [4, 9]) { $0.softmax(axis: 0) }
    + each("softmax of huge logits", [4, 9]) { ($0 + 1000).softmax() }
    + each("logSoftmax", [4, 9], [2, 17]) { $0.logSoftmax() }
    + each("normalized", [3, 10]) { $0.normalized() }

  static let movements: [Case] =
    each("permuted", [2, 3, 4, 5], [1, 9, 8, 1]) { $0.permuted(3, 1, 0, 2) }
    + each("transposed", [17, 9]) { $0.transposed(0, 1) }
    + each("sliced", [4, 7, 3]) { $0.sliced(axis: 1, 1..<6, step: 2) }
    + each("at", [4, 7, 3]) { $0.at(-2, axis: 1) }
    + each("reversed", [4, 7]) { $0.reversed(axis: 0) }
    + each("expanded", [1, 3, 1]) { $0.expanded([2, 4, 3, 5]) }
    + [
      of("concatenate", [2, 3], [2, 1], [2, 4]) { concatenate($0, axis: 1) },
      of("stack", [2, 3], [2, 3]) { stack($0, axis: 2) },
      of("select", [2, 3], [1, 3]) {
        select(Mask(shape: [2, 1], [1, 0]), $0[0], $0[1])
      },
      of("embedding", [6, 5]) {
        embedding($0[0], IndexTensor(shape: [2, 3], [5, 0, 5, 1, 1, 5]))
      },
    ]

  static let arithmetic: [Case] = [
    of("add", [2, 5, 8], [5, 1]) { $0[0] + $0[1] },
    of("subtract", [8], [2, 5, 8]) { $0[0] - $0[1] },
    of("multiply", [2, 1, 8], [5, 1]) { $0[0] * $0[1] },
    of("divide", [3, 1], [3, 9], low: 0.5, high: 2) { $0[0] / $0[1] },
    of("a tensor with itself", [3, 9]) { $0[0] * $0[0] + $0[0] },
    of("rank 0", [], [4, 3]) { $0[0] * $0[1] },
  ]

  static let products: [Case] =
    [(false, false), (false, true), (true, false), (true, true)].map { ta, tb in
      of("matmul \(ta) \(tb)", ta ? [3, 7, 5] : [3, 5, 7], tb ? [17, 7] : [7, 17]) {
        matmul($0[0], $0[1], transposeA: ta, transposeB: tb)
      }
    } + [
      of("matmul of a transposed input", [7, 5], [7, 4]) { matmul($0[0].transposed(0, 1), $0[1]) },
      of("matmul with sizes 1", [1, 1], [1, 1]) { matmul($0[0], $0[1]) },
      of("matmul repeated both ways", [2, 1, 3, 4], [1, 3, 4, 2]) { matmul($0[0], $0[1]) },
      of("linear", [2, 3, 5], [7, 5], [7]) { linear($0[0], $0[1], $0[2]) },
      of("linear with residual", [2, 3, 5], [7, 5], [7], [2, 3, 7]) {
        linear($0[0], $0[1], $0[2], adding: $0[3])
      },
      of("layerNorm", [3, 19], [19], [19]) { layerNorm($0[0], $0[1], $0[2]) },
      of("groupNorm", [2, 3, 3, 12], [12], [12]) { groupNorm($0[0], groups: 3, $0[1], $0[2]) },
      of("crossEntropy", [5, 9]) {
        crossEntropy($0[0] * 3, IndexTensor([0, 8, 3, -1, 3]))
      },
    ]

  static let pictures: [Case] =
    [(1, 1, 0), (3, 1, 1), (3, 2, 1), (4, 2, 1), (2, 2, 0), (3, 3, 2), (5, 1, 2), (3, 1, 2)].map {
      kernel, stride, padding in
      of("convolution \(kernel) \(stride) \(padding)", [2, 7, 6, 3], [5, 3, kernel, kernel], [5]) {
        convolution2D($0[0], $0[1], $0[2], stride: stride, padding: padding)
      }
    }
    + [(4, 2, 1), (3, 1, 1), (2, 2, 0), (3, 3, 0), (2, 3, 0)].map { kernel, stride, padding in
      of(
        "transposed convolution \(kernel) \(stride) \(padding)", [2, 4, 3, 3],
        [3, 5, kernel, kernel], [5]
      ) {
        transposedConvolution2D($0[0], $0[1], $0[2], stride: stride, padding: padding)
      }
    }
    + [
      of("convolution with a flat kernel", [1, 5, 9, 17], [18, 17, 1, 3]) {
        convolution2D($0[0], $0[1], padding: 0)
      },
      of("wide convolution", [2, 5, 14, 16], [32, 16, 3, 3], [32]) {
        convolution2D($0[0], $0[1], $0[2], padding: 1)
      },
      of("upsampledNearest", [2, 3, 4, 2]) { $0[0].upsampledNearest(2) },
      of("bilinear", [1, 5, 6, 2]) { $0[0].resized(height: 8, width: 3, .bilinear) },
      of("bicubic", [1, 5, 3, 2]) { $0[0].resized(height: 8, width: 7, .bicubic) },
    ]

  static let attentions: [Case] = [
    of("attention", [2, 5, 8], [2, 7, 8], [2, 7, 6]) { attention($0[0], $0[1], $0[2], heads: 2) },
    of("causal attention", [2, 19, 8], [2, 19, 8], [2, 19, 8]) {
      attention($0[0], $0[1], $0[2], heads: 2, mask: .causal)
    },
    of("causal attention with older keys", [1, 3, 4], [1, 9, 4], [1, 9, 4]) {
      attention($0[0], $0[1], $0[2], heads: 1, mask: .causal)
    },
    of("long causal attention", [1, 130, 4], [1, 130, 4], [1, 130, 4]) {
      attention($0[0], $0[1], $0[2], heads: 1, mask: .causal)
    },
    of("masked attention", [2, 3, 4], [2, 5, 4], [2, 5, 4]) {
      let bytes: [UInt8] = [1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
      return attention(
        $0[0], $0[1], $0[2], heads: 2, mask: .allowed(Mask(shape: [3, 5], bytes)))
    },
    of("attention with one key", [2, 3, 4], [2, 1, 4], [2, 1, 4]) {
      attention($0[0], $0[1], $0[2], heads: 2)
    },
  ]

  static let all =
    functions + reductions + movements + arithmetic + products + pictures + attentions

  @Test(arguments: all) func `the gradient is the slope of the result`(_ check: Case) {
    var random = Random(seed: 11).split(check.testDescription)
    let inputs = check.shapes.map {
      Tensor.uniform($0, check.low, check.high, &random).requiringGradient()
    }
    let result = check.operation(inputs)
    let upstream = Tensor.uniform(result.shape, -1, 1, &random)
    result.backward(upstream: upstream)
    // Along a random direction d: (f(x + εd) - f(x - εd)) / 2ε against Σ gradient · d.
    let directions = inputs.map { Tensor.uniform($0.shape, -1, 1, &random) }
    var slope = 0.0
    for (input, direction) in zip(inputs, directions) {
      guard let gradient = input.gradient else {
        Issue.record("\(check.name): an input received no gradient")
        return
      }
      #expect(gradient.shape == input.shape)
      slope += dot(gradient, direction)
    }
    let epsilon: Float = 4e-3
    let ahead = check.operation(zip(inputs, directions).map { $0.detached + $1 * epsilon })
    let behind = check.operation(zip(inputs, directions).map { $0.detached - $1 * epsilon })
    let difference = (dot(ahead, upstream) - dot(behind, upstream)) / Double(2 * epsilon)
    // The truncation error is O(ε²), the rounding error of a sum of n results about n·10⁻⁷/ε.
    let scale = max(1, abs(slope), Double(result.count).squareRoot())
    #expect(abs(difference - slope) < 4e-3 * scale, "slope \(slope), difference \(difference)")
  }

  private func dot(_ a: Tensor, _ b: Tensor) -> Double {
    zip(a.scalars, b.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
