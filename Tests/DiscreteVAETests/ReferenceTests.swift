import Checkpoints
import DiscreteVAE
import ReferenceTraces
import TensorCore
import TestSupport
import Testing

/// Compares every tensor of a run of OpenAI's `DALL-E` package in `dvae.safetensors`.
@Suite struct DVAEReferenceTests {
  @Test func `all activations, samples, the bound and the gradients agree with OpenAI's`() throws {
    let reference = try ReferenceFile("dvae")
    let path = referenceFolder.appending(path: "dvae.safetensors").path
    let run = try DiscreteVAE.referenceTrace(of: SafetensorsFile(path))
    let tensors = Dictionary(run.map { ($0.name, $0.tensor) }) { $1 }
    let inputs = [
      "image", "gumbel.u", "gumbel.gout", "laplace.x", "laplace.mu", "laplace.lnb",
      "laplace.gout", "unmap.in",
    ]

    for name in reference.names
    where !name.hasPrefix("encoder.") && !name.hasPrefix("decoder.") && !inputs.contains(name) {
      let tensor = try #require(tensors[name], "the trace has no \(name)")
      let (shape, want) = try reference.floats(name)
      #expect(tensor.shape == shape, "\(name)")
      let (atol, rtol): (Float, Float) =
        switch name {
        case "codes": (0, 0)
        case _ where name.contains("grad"): (5e-5, 1e-3)
        default: (5e-5, 1e-4)
        }
      let problem = difference(tensor.scalars, want, atol: atol, rtol: rtol)
      #expect(problem == nil, "\(name): \(problem ?? "")")
    }
  }
}
