// A run on weights and inputs from a file, to compare with other implementations.

import CLIP
import Checkpoints
import NeuralNetwork
import TensorCore

extension CLIP {
  /// Every tensor of a run on the weights, pictures and captions in `file`, by name.
  ///
  /// The file holds weights (`param.` and a name of Hugging Face's), `pixel_values`
  /// [B, C, H, W], `input_ids` [B, T], and in its metadata `config` the architecture. The
  /// result has what the towers note, `logits_per_image`, `logits_per_text`, `loss`, the
  /// gradients `grad.NAME` and `grad.pixel_values`.
  ///
  /// Throws a `CheckpointError` when something is missing or does not fit.
  public static func referenceTrace(
    of file: SafetensorsFile
  ) throws(CheckpointError) -> [(name: String, tensor: Tensor)] {
    let configuration = try file.config(CLIPConfiguration.self)
    try file.check(parameters: configuration.parameterCount)
    var random = Random(seed: 0)
    let model = CLIP(configuration, &random)
    try file.load(into: model.tensors, prefix: "param.")
    let images = try file.tensor("pixel_values").requiringGradient()  // [B, C, H, W]
    let ids = try file.integers("input_ids")  // [B, T]
    try check(images, ids, for: configuration, in: file.path)

    let trace = Trace()
    let logits = similarityLogits(
      model.embed(images: images, trace: trace), model.embed(captions: ids, trace: trace),
      logitScale: model.logitScale)  // [B, B]
    let loss = contrastiveLoss(logits)
    loss.backward()
    trace.note("logits_per_image", logits)
    trace.note("logits_per_text", logits.transposed(0, 1))
    trace.note("loss", loss)
    for (name, parameter) in model.parameters + [("pixel_values", images)] {
      trace.note("grad.\(name)", parameter.gradient ?? .zeros(parameter.shape))
    }
    return trace.entries
  }

  /// Throws unless the inputs are those of a model.
  private static func check(
    _ images: Tensor, _ ids: IndexTensor, for configuration: CLIPConfiguration, in path: String
  ) throws(CheckpointError) {
    let (v, t) = (configuration.vision, configuration.text)
    let fits =
      images.rank == 4 && images.shape[0] > 0 && images.shape[1] == v.channels
      && images.shape[2] > 0 && images.shape[2] % v.patch == 0
      && images.shape[3] > 0 && images.shape[3] % v.patch == 0
    guard fits else {
      throw .mismatch(
        file: path,
        reason: "\"pixel_values\" have the shape \(images.shape), expected "
          + "[B, \(v.channels), H, W] of patches of \(v.patch)")
    }
    let inRange = ids.values.allSatisfy { 0..<t.vocabulary ~= Int($0) }
    guard ids.shape.count == 2, ids.shape[0] == images.shape[0], 1...t.context ~= ids.shape[1],
      inRange
    else {
      throw .mismatch(
        file: path,
        reason: "\"input_ids\" have the shape \(ids.shape), expected [\(images.shape[0]), T] of "
          + "up to \(t.context) ids below \(t.vocabulary)")
    }
  }
}
