// Every operation against the values of public packages, forward and backward: each case of
// Tests/Reference/ops.safetensors whose operation the core has is run, and all of its tensors
// are compared.

import TensorCore
import TestSupport
import Testing

@Suite("Reference: operations") struct OperationReferenceTests {
  static let cases: [String] = {
    let config = try? ReferenceFile("ops").config
    let names = (config?["cases"] as? [String: Any])?.keys.sorted() ?? []
    return names.filter { !unsupported.contains($0) }
  }()

  /// Cases of operations that the core does not have. Those of gradients of gradients, `gradpen` and
  /// `magp`, are in GANTrainingTests.
  private static let unsupported: Set<String> = [
    "avg_pool3_s2_p1", "batch_norm_eval", "batch_norm_train", "cross_entropy_smooth",
    "cumsum", "gather_last", "global_avg_pool", "gradpen", "l1", "logsigmoid", "magp", "pad_zero",
    "pow3", "silu", "smooth_l1",
  ]

  @Test func `there are cases to compare`() {
    #expect(Self.cases.count > 100)
  }

  @Test(arguments: cases) func `values and gradients agree`(_ name: String) throws {
    var run = try CaseRun(name)
    try run.run()
    #expect(run.untouched == [], "tensors of the file that nothing was compared with")
  }
}

/// One case: its inputs as parameters, the operation, and what is compared.
private struct CaseRun {
  let name: String
  let file: ReferenceFile
  let attributes: [String: Any]
  private(set) var untouched: Set<String>
  private var parameters: [(name: String, tensor: Tensor)] = []

  init(_ name: String) throws {
    self.name = name
    file = try ReferenceFile("ops")
    let cases = try file.config["cases"] as? [String: [String: Any]]
    attributes = cases?[name] ?? [:]
    untouched = Set(
      file.names.filter { $0.hasPrefix(name + ".") }.map { String($0.dropFirst(name.count + 1)) })
  }

  mutating func run() throws {
    let result = try operation()
    try compare("out", result)
    let (shape, upstream) = try file.floats("\(name).gout")
    untouched.remove("gout")
    result.backward(upstream: Tensor(shape: shape, upstream))
    for (input, tensor) in parameters {
      try compare("grad.\(input)", #require(tensor.gradient, "no gradient for \(input)"))
    }
  }

  mutating func compare(_ key: String, _ got: Tensor) throws {
    let (shape, want) = try file.floats("\(name).\(key)")
    untouched.remove(key)
    #expect(got.shape == shape, "\(name).\(key)")
    let problem = difference(got.scalars, want, atol: atol(key), rtol: 1e-5)
    #expect(problem == nil, "\(name).\(key): \(problem ?? "")")
  }

  /// The tolerances of Tests/Reference/README.md.
  private func atol(_ key: String) -> Float {
    if name.hasSuffix("_large") { return 1e-4 }
    return name.hasPrefix("conv") || name.hasPrefix("matmul") ? 1e-5 : 2e-6
  }

  // MARK: Inputs

  private mutating func input(_ key: String) throws -> Tensor {
    let (shape, values) = try file.floats("\(name).in.\(key)")
    untouched.remove("in.\(key)")
    let tensor = Tensor(shape: shape, values).requiringGradient()
    parameters.append((key, tensor))
    return tensor
  }

  private mutating func constant(_ key: String) throws -> Tensor {
    let (shape, values) = try file.floats("\(name).const.\(key)")
    untouched.remove("const.\(key)")
    return Tensor(shape: shape, values)
  }

  private mutating func indices(_ key: String) throws -> IndexTensor {
    let (shape, values) = try file.integers("\(name).const.\(key)")
    untouched.remove("const.\(key)")
    return IndexTensor(shape: shape, values.map { Int32($0) })
  }

  private mutating func mask(_ key: String) throws -> Mask {
    let (shape, values) = try file.integers("\(name).const.\(key)")
    untouched.remove("const.\(key)")
    return Mask(shape: shape, values.map { UInt8($0) })
  }

  private func integer(_ key: String, _ fallback: Int? = nil) throws -> Int {
    try #require(attributes[key] as? Int ?? fallback, "\(name) has no attribute \(key)")
  }

  private func float(_ key: String, _ fallback: Float? = nil) throws -> Float {
    try #require((attributes[key] as? Double).map { Float($0) } ?? fallback)
  }

  private var outputShape: [Int] { get throws { try file.floats("\(name).out").shape } }

  // MARK: Operations

  private mutating func operation() throws -> Tensor {
    if let pair = try arithmetic() ?? reduction() ?? activation() { return pair }
    switch name.split(separator: "_").first.map(String.init) {
    case "matmul":
      let (tn, nt) = (name.hasSuffix("_tn"), name.hasSuffix("_nt"))
      let both = name.hasSuffix("_tt")
      return matmul(try input("a"), try input("b"), transposeA: tn || both, transposeB: nt || both)
    case "linear": return linear(try input("x"), try input("w"), try input("b"))
    case "conv1x1", "conv3x3", "conv4x4", "conv7x7":
      let (x, w) = (try input("x"), try input("w"))
      let b = attributes.inputs.contains("b") ? try input("b") : nil
      return convolution2D(
        x.channelsLast, w, b, stride: try integer("stride"), padding: try integer("padding")
      ).channelsFirst
    case "convT4x4", "convT3x3":
      return transposedConvolution2D(
        try input("x").channelsLast, try input("w"), try input("b"),
        stride: try integer("stride"), padding: try integer("padding")
      ).channelsFirst
    case "concat":
      return concatenate(try attributes.inputs.map { try input($0) }, axis: try integer("dim"))
    case "sdpa": return try scaledAttention()
    case "layer":
      let x = try input("x")
      let affine = attributes.inputs.contains("w")
      return layerNorm(
        x, affine ? try input("w") : nil, affine ? try input("b") : nil,
        epsilon: try float("eps"))
    case "softmax": return try input("x").softmax(axis: try integer("dim", -1))
    case "cross":
      return crossEntropy(
        try input("x"), try indices("label"),
        reduction: name.hasSuffix("_none") ? .none : .mean)
    case "avg":
      return try input("x").channelsLast.averagePooled(try integer("kernel")).channelsFirst
    case "max":
      return try input("x").channelsLast.maxPooled(
        kernel: try integer("kernel"), stride: try integer("stride")
      ).channelsFirst
    case "resize":
      let target = try outputShape
      return try input("x").channelsLast.resized(
        height: target[2], width: target[3],
        name.hasSuffix("bicubic") ? .bicubic : .bilinear
      ).channelsFirst
    default: return try single()
    }
  }

  private mutating func single() throws -> Tensor {
    switch name {
    case "log_softmax_a1", "log_softmax_last", "log_softmax_large":
      return try input("x").logSoftmax(axis: try integer("dim", -1))
    case "logsumexp": return try input("x").logSumExp()
    case "l2_normalize": return try input("x").normalized(epsilon: try float("eps"))
    case "embedding": return embedding(try input("w"), try indices("ids"))
    case "bce_logits": return binaryCrossEntropy(logits: try input("x"), try constant("y"))
    case "mse": return meanSquaredError(try input("x"), try input("y"))
    case "upsample_nearest2": return try input("x").channelsLast.upsampledNearest(2).channelsFirst
    case "slice":
      let x = try input("x")
      return x.sliced(axis: 1, 1..<x.shape[1] - 1).sliced(axis: 2, 0..<x.shape[2], step: 2)
    case "slice_int": return try input("x").at(-1, axis: 1)
    case "transpose12": return try input("x").transposed(1, 2)
    case "permute0213":
      let target = try outputShape  // [B, h, T, Dh]
      return try input("x").reshaped(target[0], target[2], target[1], target[3])
        .permuted(0, 2, 1, 3)
    case "permute0312": return try input("x").permuted(0, 3, 1, 2)
    case "expand": return try input("x").expanded(try outputShape)
    case "stack": return stack([try input("a"), try input("b")], axis: 1)
    case "where": return select(try mask("cond"), try input("a"), try input("b"))
    case "masked_fill":
      return try input("x").filled(where: try mask("mask"), with: try float("value"))
    case "flip_w": return try input("x").reversed(axis: -1)
    case "fanout":  // x and w are used several times
      let (x, w) = (try input("x"), try input("w"))
      let h = matmul(x, w)
      return (x * h.tanh()).sum(axis: -1) + h.at(0, axis: 1) * x.mean(axis: -1)
    default:
      Issue.record("case \(name) is not known")
      return Tensor(0)
    }
  }

  private mutating func arithmetic() throws -> Tensor? {
    let kinds = ["same", "row", "mid", "outer", "scalar"]
    let parts = name.split(separator: "_").map(String.init)
    guard parts.count == 2, kinds.contains(parts[1]) else { return nil }
    let (a, b) = (try input("a"), try input("b"))
    switch parts[0] {
    case "add": return a + b
    case "sub": return a - b
    case "mul": return a * b
    case "div": return a / b
    default: return nil
    }
  }

  private mutating func reduction() throws -> Tensor? {
    if name.hasPrefix("var") {
      return try input("x").variance(axis: -1, unbiased: name.contains("unbiased"))
    }
    if name == "max_all" { return try input("x").maximum() }
    if name.hasPrefix("max_a") {
      let (x, dim) = (try input("x"), try integer("dim"))
      let places = x.argmax(axis: dim)
      try compare("aux.argmax", Tensor(shape: places.shape, places.values.map { Float($0) }))
      return x.maximum(axis: dim)
    }
    guard name.hasPrefix("sum_") || name.hasPrefix("mean_") else { return nil }
    let x = try input("x")
    let isMean = name.hasPrefix("mean")
    let keeping = attributes["keepdim"] as? Bool ?? false
    if let axes = attributes["dim"] as? [Int] {
      return isMean ? x.mean(axes: axes) : x.sum(axes: axes)
    }
    if let axis = attributes["dim"] as? Int {
      return isMean
        ? x.mean(axis: axis, keepingAxis: keeping) : x.sum(axis: axis, keepingAxis: keeping)
    }
    return isMean ? x.mean() : x.sum()
  }

  private mutating func activation() throws -> Tensor? {
    let functions: [String: ElementwiseFunction] = [
      "exp": .exp, "log": .log, "sqrt": .squareRoot, "rsqrt": .reciprocalSquareRoot,
      "square": .square, "abs": .absolute, "neg": .negative, "relu": .relu,
      "sigmoid": .sigmoid, "tanh": .tanh, "gelu_erf": .gelu, "gelu_tanh": .geluTanh,
      "quick_gelu": .quickGelu, "softplus": .softplus, "logit": .logit,
    ]
    if let function = functions[name] { return try input("x").map(function) }
    if name == "leaky_relu" { return try input("x").leakyRelu(try float("negative_slope")) }
    if name == "clamp" { return try input("x").clamped(try float("min"), try float("max")) }
    return nil
  }

  /// [B, h, T, Dh] → [B, T, h · Dh], where attention expects the heads.
  private func merged(_ x: Tensor) -> Tensor {
    x.permuted(0, 2, 1, 3).reshaped(x.shape[0], x.shape[2], x.shape[1] * x.shape[3])
  }

  private mutating func scaledAttention() throws -> Tensor {
    let (q, k, v) = (try input("q"), try input("k"), try input("v"))
    var rule = AttentionMask.none
    if name == "sdpa_causal" { rule = .causal }
    if name == "sdpa_boolmask" { rule = .allowed(try mask("mask")) }
    let (result, probabilities) = attentionWithProbabilities(
      merged(q), merged(k), merged(v), heads: q.shape[1], mask: rule)
    if untouched.contains("aux.probs") { try compare("aux.probs", probabilities) }
    return result.reshaped(q.shape[0], q.shape[2], q.shape[1], v.shape[3]).permuted(0, 2, 1, 3)
  }
}

extension [String: Any] {
  fileprivate var inputs: [String] { self["inputs"] as? [String] ?? [] }
}
