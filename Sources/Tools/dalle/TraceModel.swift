import ArgumentParser
import CLIP
import Checkpoints
import DALLE
import DiscreteVAE
import ReferenceTraces
import TensorCore
import VisionTransformer

/// Runs a model on given weights and writes every intermediate tensor.
struct TraceModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Runs a model on given weights and writes every intermediate tensor.",
    discussion: """
      The file holds weights (param.NAME; those of a dVAE are encoder.NAME and decoder.NAME), \
      inputs, and in its metadata "config" the architecture as JSON. The output holds \
      activations, loss and gradients (grad.NAME) under the names of the public packages, for \
      comparison with theirs.

      Example: dalle trace vit Tests/Reference/vit.safetensors --output ours.safetensors
      """)

  enum Model: String, CaseIterable, ExpressibleByArgument {
    case vit, clip, dvae, transformer
  }

  @Argument(help: "The model.")
  var model: Model
  @Argument(help: ArgumentHelp("Weights and inputs.", valueName: "file.safetensors"))
  var file: String
  @Option(help: ArgumentHelp("Where to write the tensors.", valueName: "out.safetensors"))
  var output: String

  func run() throws {
    try OutputCheck.file(output, reading: [file])
    let file = try SafetensorsFile(file)
    guard file.metadata["kind"] == nil else {
      throw CommandError(
        "\(file.path): is a checkpoint; a trace needs inputs beside the weights, like "
          + "Tests/Reference/\(model.rawValue).safetensors")
    }
    let trace =
      switch model {
      case .vit: try ViT.referenceTrace(of: file)
      case .clip: try CLIP.referenceTrace(of: file)
      case .dvae: try DiscreteVAE.referenceTrace(of: file)
      case .transformer: try DALLE.referenceTrace(of: file)
      }
    try writeSafetensors(
      trace.map { ($0.name, stored($0.name, $0.tensor)) }, metadata: file.metadata, to: output)
    print("\(output): \(trace.count) tensors")
  }

  /// Numbers as they are, but codes as whole numbers and masks as bytes.
  private func stored(_ name: String, _ tensor: Tensor) -> StoredTensor {
    if name.hasSuffix("_mask") {
      return .integers(IndexTensor(shape: tensor.shape, tensor.scalars.map { Int32($0) }), as: .u8)
    }
    if name != "codes" && !name.hasSuffix(".tokens") { return .floats(tensor) }
    return .integers(IndexTensor(shape: tensor.shape, tensor.scalars.map { Int32($0) }))
  }
}
