import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import DalleCommand

@Suite struct TraceReferenceTests {
  private static let inputs: Set = [
    "pixel_values", "labels", "input_ids", "interp.position_embeddings",
    "image", "gumbel.u", "gumbel.gout", "laplace.x", "laplace.mu", "laplace.lnb", "laplace.gout",
    "unmap.in", "attention_mask", "layer_kind",
  ]
  private static let weights = ["param.", "encoder.", "decoder."]

  /// Runs `dalle trace` and returns its status and what it says on standard error.
  private func trace(_ arguments: String...) -> (status: Int32, complaint: String) {
    var complaint = ""
    let status = Dalle.execute(["trace"] + arguments) { complaint += $0 }
    return (status, complaint)
  }

  @Test(arguments: TraceModel.Model.allCases)
  func `the output has the tensors of the reference under its names`(
    model: TraceModel.Model
  ) throws {
    let folder = try TemporaryFolder()
    let reference = referenceFolder.appending(path: "\(model.rawValue).safetensors").path
    #expect(trace(model.rawValue, reference, "--output", folder.file("out")).status == 0)
    let (ours, theirs) = (try SafetensorsFile(folder.file("out")), try SafetensorsFile(reference))
    #expect(ours.metadata == theirs.metadata)
    for name in ours.names where theirs.names.contains(name) {
      if try [.i64, .u8].contains(theirs.info(name).type) {
        #expect(try ours.integers(name) == theirs.integers(name), "\(name)")
        continue
      }
      let tensor = try ours.tensor(name)
      #expect(tensor.shape == (try theirs.info(name).shape), "\(name)")
      let problem = difference(
        tensor.scalars, try theirs.tensor(name).scalars, atol: 5e-5, rtol: 1e-3)
      #expect(problem == nil, "\(name): \(problem ?? "")")
    }
    let missing = theirs.names.filter { name in
      !Self.weights.contains { name.hasPrefix($0) || name.contains(".\($0)") }
        && !ours.names.contains(name)
    }
    #expect(Set(missing).isSubset(of: Self.inputs), "\(missing)")
  }

  @Test(arguments: [
    ("a missing tensor", "no tensor \"labels\""),
    ("a wrong shape", "\"pixel_values\" has the shape"),
    ("no config", "have no \"config\""), ("no safetensors", "not a valid safetensors file"),
  ]) func `a file that does not fit is an error in one line, and nothing is written`(
    damage: String, words: String
  ) throws {
    let folder = try TemporaryFolder()
    let file = try SafetensorsFile(referenceFolder.appending(path: "vit.safetensors").path)
    var tensors: [(name: String, value: StoredTensor)] = []
    for name in file.names where name.hasPrefix("param.") || name == "pixel_values" {
      let tensor = try file.tensor(name)
      let isWrong = damage == "a wrong shape" && name == "pixel_values"
      tensors.append((name, .floats(isWrong ? tensor.at(0, axis: 0) : tensor)))
    }
    let metadata = damage == "no config" ? [:] : file.metadata
    try writeSafetensors(tensors, metadata: metadata, to: folder.file("in"))
    if damage == "no safetensors" {
      try Data([1, 2, 3]).write(to: URL(filePath: folder.file("in")))
    }
    let (status, complaint) = trace("vit", folder.file("in"), "--output", folder.file("out"))
    #expect(status == 1 && complaint.hasPrefix("error: \(folder.file("in")): "))
    #expect(complaint.contains(words) && complaint.count { $0 == "\n" } == 1, "\(complaint)")
    #expect(folder.names == ["in"])
  }

  @Test func `what is no such file is an error in one line, and nothing is written`() throws {
    let folder = try TemporaryFolder()
    let images = referenceFolder.appending(path: "images.safetensors").path
    for (file, words) in [
      (folder.file("missing"), "No such file"), (folder.path, "folder"),
      (images, "there is no \"image_size\""),
    ] {
      let (status, complaint) = trace("vit", file, "--output", folder.file("out"))
      #expect(status == 1)
      #expect(complaint.hasPrefix("error: \(file): ") && complaint.hasSuffix("\n"))
      #expect(complaint.contains(words), "\(complaint)")
      #expect(complaint.count { $0 == "\n" } == 1)
    }
    #expect(trace("vat", images, "--output", folder.file("out")).status == 64)
    #expect(folder.names.isEmpty)
  }
}
