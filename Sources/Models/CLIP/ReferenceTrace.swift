// A run on weights and inputs from a file, to compare with other implementations.

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
    var random = Random(seed: 0)
    let model = CLIP(try file.config(CLIPConfiguration.self), &random)
    try file.load(into: model.tensors, prefix: "param.")
    let images = try file.tensor("pixel_values").requiringGradient()  // [B, C, H, W]
    let ids = try file.integers("input_ids")  // [B, T]

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
}
