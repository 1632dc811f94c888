import Checkpoints
import Foundation
import NeuralNetwork
import TensorCore
import TestSupport
import Testing

/// A model with layers, a list of them, and buffers that are not trained.
struct Sample: Module {
  struct Configuration: Codable, Equatable {
    var width: Int
    var depth: Int
    var rate: Float
  }

  /// Gains that are trained, and statistics that are only kept.
  struct Norm: Module {
    let weight: Tensor
    let bias: Tensor
    let mean: Tensor
    let variance: Tensor

    var members: Members {
      ("weight", weight)
      ("bias", bias)
      ("running_mean", mean)
      ("running_var", variance)
    }
  }

  let blocks: [Linear]
  let norm: Norm

  var members: Members {
    ("blocks", blocks)
    ("norm", norm)
  }

  init(_ configuration: Configuration, seed: UInt64) {
    var random = Random(seed: seed)
    let width = configuration.width
    blocks = (0..<configuration.depth).map { _ in Linear(width, width, &random) }
    norm = Norm(
      weight: .ones([width]).requiringGradient(), bias: .zeros([width]).requiringGradient(),
      mean: .normal([width], &random), variance: .ones([width]))
  }

  /// Every number there is.
  var numbers: [Float] { tensors.flatMap(\.tensor.scalars) }
}

private struct Pair: Module {
  let a, b: Tensor
  var members: Members {
    ("a", a)
    ("b", b)
  }
}

@Suite struct CheckpointTests {
  private let configuration = Sample.Configuration(width: 3, depth: 2, rate: 0.1)
  private let folder: TemporaryFolder
  private let path: String
  private let model: Sample

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("sample.safetensors")
    model = Sample(configuration, seed: 1)
    let card = ModelCard(kind: "sample", config: configuration, notes: ["data": "stickers"])
    try Checkpoint.save(model, card, to: path)
  }

  @Test(arguments: [(StoredType.f16, Float(65_519.9), Float(65_520)), (.bf16, 3.38e38, 3.4e38)])
  func `only a tensor that does not fit a type is stored as F32`(
    type: StoredType, fitting: Float, tooLarge: Float
  ) throws {
    let pair = Pair(a: Tensor([0, fitting]), b: Tensor([0, -tooLarge]))
    try Checkpoint.save(pair, ModelCard(kind: "sample", config: configuration), as: type, to: path)
    let file = try SafetensorsFile(path)
    #expect(try file.info("a").type == type)
    #expect(try file.info("b").type == .f32)
    #expect(try file.tensor("b").scalars[1] == -tooLarge)
    #expect(try file.tensor("a").scalars[1].isFinite)
  }

  @Test func `the extremes of F16 and BF16 are read exactly, and F64 beyond F32 is refused`() throws
  {
    func file(_ type: String, _ bits: [UInt64], bytes size: Int) throws -> SafetensorsFile {
      let header =
        #"{"x":{"dtype":"\#(type)","shape":[\#(bits.count)],"data_offsets":[0,\#(bits.count * size)]}}"#
      var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
      bytes += Array(header.utf8)
      for bits in bits { bytes += withUnsafeBytes(of: bits.littleEndian, Array.init).prefix(size) }
      try Data(bytes).write(to: URL(filePath: path))
      return try SafetensorsFile(path)
    }
    // The largest, the smallest normal and subnormal numbers, -0, infinity, NaN.
    let half = try file("F16", [0x7BFF, 0x0400, 0x0001, 0x8000, 0x7C00, 0x7E00], bytes: 2)
    let halves = try half.tensor("x").scalars
    #expect(halves.prefix(5) == [65504, 0x1p-14, 0x1p-24, 0, .infinity] && halves[5].isNaN)
    #expect(halves[3].sign == .minus)
    let brain = try file("BF16", [0x7F7F, 0x0080, 0x0001, 0x8000, 0xFF80, 0x7FC0], bytes: 2)
    let brains = try brain.tensor("x").scalars
    #expect(brains.prefix(5) == [0x1.FEp127, 0x1p-126, 0x1p-133, 0, -.infinity])
    #expect(brains[5].isNaN && brains[3].sign == .minus)
    let large = Double(Float.greatestFiniteMagnitude)
    let double = try file("F64", [large, -.infinity].map(\.bitPattern), bytes: 8)
    #expect(try double.tensor("x").scalars == [.greatestFiniteMagnitude, -.infinity])
    let beyond = try file("F64", [0, 1e39].map(\.bitPattern), bytes: 8)
    let error = #expect(throws: CheckpointError.self) { try beyond.tensor("x") }
    #expect("\(error!)".contains("tensor \"x\" holds 1e+39, more than F32 can"))
  }

  @Test func `a model is rebuilt from its checkpoint alone`() throws {
    let checkpoint = try Checkpoint(path, kind: "sample")
    #expect(checkpoint.card.notes == ["data": "stickers"])
    let copy = Sample(try checkpoint.config(), seed: 2)
    #expect(copy.numbers != model.numbers)
    try checkpoint.load(into: copy)
    #expect(copy.numbers == model.numbers)
    #expect(copy.parameters.count == 6)  // loading leaves parameters parameters
  }

  @Test func `half precision is half as large and close`() throws {
    for (type, error) in [(StoredType.f16, Float(0x1p-11)), (.bf16, 0x1p-8)] {
      try Checkpoint.save(
        model, ModelCard(kind: "sample", config: configuration), as: type, to: path)
      let copy = Sample(configuration, seed: 2)
      try Checkpoint(path).load(into: copy)
      let worst = zip(copy.numbers, model.numbers).map { abs($0 - $1) / max(abs($1), 1e-4) }.max()!
      #expect(worst <= error && worst > 0)
      let tensors = try SafetensorsFile(path)
      #expect(try tensors.names.allSatisfy { try tensors.info($0).type == type })
    }
  }

  /// The reason that loading into `other` gives; checks that it changed nothing.
  private func mismatch(_ other: Sample) throws -> String {
    let before = other.numbers
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(path).load(into: other) }
    #expect(other.numbers == before)
    guard case .mismatch(path, let reason) = error else { return "\(String(describing: error))" }
    return reason
  }

  @Test func `a model of another shape is refused with what differs`() throws {
    var other = configuration
    other.depth = 5
    #expect(
      try mismatch(Sample(other, seed: 2)) == """
        does not fit this model: 6 tensors are missing ("blocks.2.weight", "blocks.2.bias", \
        "blocks.3.weight", …)
        """)
    other.depth = 1
    #expect(
      try mismatch(Sample(other, seed: 2)) == """
        does not fit this model: 2 tensors are unknown ("blocks.1.weight", "blocks.1.bias")
        """)
    other = configuration
    other.width = 2
    #expect(
      try mismatch(Sample(other, seed: 2)) == """
        does not fit this model: 8 tensors differ ("blocks.0.weight": [3, 3] in the file, \
        [2, 2] here, "blocks.0.bias": [3] in the file, [2] here, "blocks.1.weight": [3, 3] in \
        the file, [2, 2] here, …)
        """)
  }

  @Test func `whole numbers in place of weights are refused`() throws {
    try writeSafetensors(
      model.tensors.map { name, tensor in
        name == "norm.weight"
          ? (name, .integers(IndexTensor([1, 2, 3]))) : (name, .floats(tensor))
      }, metadata: SafetensorsFile(path).metadata, to: path)
    #expect(
      try mismatch(Sample(configuration, seed: 2))
        == "does not fit this model: 1 tensor differs (\"norm.weight\": I64 in the file, floats here)"
    )
  }

  @Test func `weights that are not finite are refused`() throws {
    model.blocks[1].weight.update { $0[4] = .nan }
    try Checkpoint.save(model, ModelCard(kind: "sample", config: configuration), to: path)
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint(path).load(into: Sample(configuration, seed: 2))
    }
    #expect(error?.description.contains("\"blocks.1.weight\" holds numbers that are not") == true)
  }

  @Test func `only the tensors under a prefix are looked at`() throws {
    try writeSafetensors(
      model.tensors.map { ("param.\($0.name)", .floats($0.tensor)) } + [("x", .floats(Tensor(1)))],
      to: path)
    let copy = Sample(configuration, seed: 2)
    try SafetensorsFile(path).load(into: copy.tensors, prefix: "param.")
    #expect(copy.numbers == model.numbers)
  }

  @Test func `another kind of model, or none, is refused with a sentence`() throws {
    #expect(
      throws: CheckpointError.mismatch(
        file: path, reason: "holds a model of kind \"sample\", expected \"clip\"")
    ) { try Checkpoint(path, kind: "clip") }
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(storedTypes) }
    #expect(error?.description.contains("not a checkpoint of this program") == true)
  }

  @Test func `a config of another model is refused with what is missing`() throws {
    struct Other: Codable { let heads: Int }
    #expect(
      throws: CheckpointError.mismatch(
        file: path, reason: "its config is not one of a sample (there is no \"heads\")")
    ) { try Checkpoint(path).config(Other.self) }
  }
}
