import Checkpoints
import DALLE
import ReferenceTraces
import TensorCore
import TestSupport
import Testing

/// Compares every tensor of ruDALL-E's runs in `transformer.safetensors`.
@Suite struct DALLEReferenceTests {
  @Test func `all tensors, losses, gradients and greedy pictures agree with ruDALL-E`() throws {
    let reference = try ReferenceFile("transformer")
    let path = referenceFolder.appending(path: "transformer.safetensors").path
    let run = try DALLE.referenceTrace(of: SafetensorsFile(path))
    let tensors = Dictionary(run.map { ($0.name, $0.tensor) }) { $1 }
    let inputs = ["attention_mask", "input_ids", "layer_kind"]

    for name in reference.names where !name.contains(".param.") && !inputs.contains(name) {
      let tensor = try #require(tensors[name], "the trace has no \(name)")
      let (shape, want) = try reference.floats(name)
      #expect(tensor.shape == shape, "\(name)")
      let (atol, rtol): (Float, Float) =
        switch name {
        case _ where name.hasSuffix("tokens") || name.hasSuffix("_mask"): (0, 0)
        case _ where name.contains(".grad."): (5e-5, 1e-3)
        case _ where name.hasSuffix("attn_probs"): (5e-6, 1e-4)
        default: (5e-5, 1e-4)
        }
      let problem = difference(tensor.scalars, want, atol: atol, rtol: rtol)
      #expect(problem == nil, "\(name): \(problem ?? "")")
    }
  }

  @Test func `layers have ruDALL-E's kinds of masks`() throws {
    let reference = try ReferenceFile("masks")
    for name in reference.names where name.hasPrefix("layer_kind.") {
      let want = try reference.integers(name).values
      let c = DALLEConfiguration(layers: want.count, convention: .ruDALLE3)
      let kinds = (0..<want.count).map { layer in
        switch c.kind(of: layer) {
        case .row: 0
        case .column: 1
        default: 2
        }
      }
      #expect(kinds == want, "\(name)")
    }
  }

  /// Names are tTgG.KIND, for T text positions and a grid of G × G.
  @Test func `masks are ruDALL-E's and dalle_pytorch's`() throws {
    let reference = try ReferenceFile("masks")
    for name in reference.names where !name.hasPrefix("layer_kind.") {
      let match = try #require(try /t(\d+)g(\d+)\.(.+)/.wholeMatch(in: name), "\(name)")
      let (text, side) = (try #require(Int(match.1)), try #require(Int(match.2)))
      let (shape, want) = try reference.integers(name)
      let kind: AttentionKind =
        switch match.3 {
        case "causal": .full
        case "row": .row
        case "col": .column
        case "lucid_axial_row": .sameRow
        case "lucid_axial_col": .column
        case "lucid_conv_like": .upperLeft(kernel: 3)
        default:
          try {
            let window = try #require(try /conv(\d+)_v([23])/.wholeMatch(in: match.3), "\(name)")
            return .convolution(
              kernel: try #require(Int(window.1)), window.2 == "2" ? .wrapped : .clipped)
          }()
        }
      // dalle_pytorch has a start token in front and leaves out the last image token.
      let start = name.contains("lucid") ? 1 : 0
      let pattern = AttentionPattern(
        kind, text: text + start, rows: side, columns: side, positions: text + side * side)
      #expect(pattern.mask.shape == shape && pattern.mask.bytes.map(Int.init) == want, "\(name)")
    }
  }
}
