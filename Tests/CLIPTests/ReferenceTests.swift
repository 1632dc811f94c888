import CLIP
import Checkpoints
import ReferenceTraces
import TensorCore
import TestSupport
import Testing

/// Compares every tensor of a run of transformers' `CLIPModel` in `clip.safetensors`.
@Suite struct CLIPReferenceTests {
  @Test func `all tensors, the loss and the gradients agree with transformers`() throws {
    let reference = try ReferenceFile("clip")
    let path = referenceFolder.appending(path: "clip.safetensors").path
    let run = try CLIP.referenceTrace(of: SafetensorsFile(path))
    let tensors = Dictionary(run.map { ($0.name, $0.tensor) }) { $1 }
    let inputs = ["pixel_values", "input_ids"]

    for name in reference.names where !name.hasPrefix("param.") && !inputs.contains(name) {
      let tensor = try #require(tensors[name], "the trace has no \(name)")
      let (shape, want) = try reference.floats(name)
      #expect(tensor.shape == shape, "\(name)")
      let (atol, rtol): (Float, Float) =
        switch name {
        case _ where name.hasPrefix("grad."): (5e-5, 1e-3)
        case _ where name.hasSuffix("attn_probs"): (5e-6, 1e-4)
        default: (5e-5, 1e-4)
        }
      let problem = difference(tensor.scalars, want, atol: atol, rtol: rtol)
      #expect(problem == nil, "\(name): \(problem ?? "")")
    }
  }
}
