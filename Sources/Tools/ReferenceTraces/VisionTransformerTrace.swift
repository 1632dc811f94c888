// A run on weights and inputs from a file, to compare with other implementations.

import Checkpoints
import NeuralNetwork
import TensorCore
import VisionTransformer

extension ViT {
  /// Every tensor of a run on the weights and pictures in `file`, by name.
  ///
  /// The file holds weights (`param.` and a name of transformers 5), `pixel_values`
  /// [B, C, H, W], `labels` [B], and in its metadata `config` the architecture under the names
  /// of `ViTConfiguration`. The result has what `ViT` notes, `patches_vit_pytorch` (the same
  /// patches in the order row, column, channel), `loss`, the gradients `grad.NAME` and
  /// `grad.pixel_values`; and `interp.out.i` if the file has `interp.position_embeddings`, a
  /// table of a square grid that is brought to the grids `interp` of the configuration.
  ///
  /// Throws a `CheckpointError` when something is missing or does not fit.
  public static func referenceTrace(
    of file: SafetensorsFile
  ) throws(CheckpointError) -> [(name: String, tensor: Tensor)] {
    let configuration = try file.config(ViTConfiguration.self)
    let model = try ViT(configuration, fitting: file, prefix: "param.")
    try file.load(into: model.tensors, prefix: "param.")
    let images = try pictures(in: file, for: configuration).requiringGradient()  // [B, C, H, W]
    let labels = try file.integers("labels")  // [B]
    let classes = model.classifier.weight.shape[0]
    guard labels.shape == [images.shape[0]],
      labels.values.allSatisfy({ 0..<classes ~= Int($0) })
    else {
      throw .mismatch(
        file: file.path,
        reason: "\"labels\" are not one of 0 ..< \(classes) for each of \(images.shape[0]) pictures"
      )
    }

    let trace = Trace()
    let loss = crossEntropy(model(images, trace: trace), labels)
    loss.backward()
    trace.note("loss", loss)
    for (name, parameter) in model.parameters + [("pixel_values", images)] {
      trace.note("grad.\(name)", parameter.gradient ?? .zeros(parameter.shape))
    }
    let (c, p) = (configuration.channels, configuration.patch)
    if let patches = trace["patches"] {
      let (b, n) = (patches.shape[0], patches.shape[1])
      let pixelsFirst = patches.reshaped(b, n, c, p, p).permuted(0, 1, 3, 4, 2)
      trace.note("patches_vit_pytorch", pixelsFirst.reshaped(b, n, p * p * c))  // [B, N, P·P·C]
    }
    try interpolate(file, trace)
    return trace.entries
  }

  /// The pictures [B, C, H, W] of a file, if they divide into patches.
  private static func pictures(
    in file: SafetensorsFile, for configuration: ViTConfiguration
  ) throws(CheckpointError) -> Tensor {
    let (c, p) = (configuration.channels, configuration.patch)
    let shape = try file.info("pixel_values").shape
    guard shape.count == 4, shape[0] > 0, shape[1] == c,
      shape[2...].allSatisfy({ $0 > 0 && $0 % p == 0 })
    else {
      throw .mismatch(
        file: file.path,
        reason: "\"pixel_values\" has the shape \(shape), expected [B, \(c), H, W] with H and W "
          + "multiples of \(p)")
    }
    return try file.tensor("pixel_values")
  }

  /// The grids to which position embeddings are brought, by number.
  private struct Interpolations: Decodable {
    let interp: [String: [Int]]
  }

  private static func interpolate(
    _ file: SafetensorsFile, _ trace: Trace
  ) throws(CheckpointError) {
    let name = "interp.position_embeddings"
    guard file.names.contains(name) else { return }
    let shape = try file.info(name).shape  // [1, 1 + side², D]
    let side = shape.count == 3 ? Int(Double(max(0, shape[1] - 1)).squareRoot()) : 0
    guard side > 0, shape[0] == 1, shape[1] == 1 + side * side, shape[2] > 0 else {
      throw .mismatch(
        file: file.path,
        reason: "\"\(name)\" has the shape \(shape), expected [1, 1 + side · side, D]")
    }
    let table = try file.tensor(name)
    let grids = try file.config(Interpolations.self).interp.sorted { $0.key < $1.key }
    for (number, grid) in grids {
      guard grid.count == 2, grid.allSatisfy({ 1...512 ~= $0 }) else {
        throw .mismatch(
          file: file.path,
          reason: "the grids \"interp\" of its config are not all [rows, columns] in 1 … 512")
      }
      let other = (rows: grid[0], columns: grid[1])
      trace.note(
        "interp.out.\(number)", interpolated(table, from: (rows: side, columns: side), to: other))
    }
  }
}
