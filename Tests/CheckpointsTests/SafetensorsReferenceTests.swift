import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite struct SafetensorsReferenceTests {
  @Test func `every reference file is read as another reader reads it`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: referenceFolder.path)
      .filter { $0.hasSuffix(".safetensors") && $0 != "stored-types.safetensors" }.sorted()
    #expect(!names.isEmpty)
    for name in names {
      let file = try SafetensorsFile(referenceFolder.appending(path: name).path)
      let reference = try ReferenceFile(String(name.dropLast(".safetensors".count)))
      #expect(file.names.sorted() == reference.names)
      for tensor in reference.names {
        let info = try file.info(tensor)
        if info.type == .f32 {
          let (shape, values) = try reference.floats(tensor)
          #expect(info.shape == shape)
          #expect(try file.tensor(tensor).scalars.map(\.bitPattern) == values.map(\.bitPattern))
        } else {
          let (shape, values) = try reference.integers(tensor)
          let got = try file.integers(tensor)
          #expect(got.shape == shape && got.values.map(Int.init) == values, "\(name) \(tensor)")
        }
      }
    }
  }
}
