import Foundation
import Images
import PictureFiles
import TestSupport
import Testing

/// The decoded pictures of images.safetensors.
@Suite struct ReferencePNGTests {
  let file: ReferenceFile

  init() throws {
    file = try ReferenceFile("images")
  }

  @Test func `good files decode to the reference's values`() throws {
    for name in file.names where !name.hasPrefix("resize.") {
      let parts = name.split(separator: ".").map(String.init)
      let (shape, want) = try file.floats(name)
      let samples = try PNGSamples(
        data: Array(Data(contentsOf: URL(filePath: picture(parts[0])))), name: parts[0])
      #expect([samples.height, samples.width] == shape.suffix(2), "\(name)")
      let got: [Float]
      switch parts[1] {
      case "rgb": got = FloatImage(samples, alpha: .drop).values
      case "over_white": got = FloatImage(samples, alpha: .overWhite).values
      case "over_black": got = FloatImage(samples, alpha: .overBlack).values
      case "alpha": got = plane(3, of: samples) { Float($0) / 65535 }
      case "strip16": got = (0..<3).flatMap { plane($0, of: samples) { Float($0 >> 8) / 255 } }
      case "scale16": got = FloatImage(Image(samples)).values
      default:
        Issue.record("no test for \(name)")
        continue
      }
      #expect(difference(got, want, atol: 1e-6) == nil, "\(name)")
    }
  }

  @Test func `8-bit pictures are exact`() throws {
    let rules: [String: AlphaRule] = [
      "rgb": .drop, "over_white": .overWhite, "over_black": .overBlack,
    ]
    for name in file.names where !name.hasPrefix("resize.") {
      let parts = name.split(separator: ".").map(String.init)
      guard let rule = rules[parts[1]], !file.names.contains("\(parts[0]).strip16")
      else { continue }
      let (shape, values) = try file.floats(name)
      let want = FloatImage(width: shape[2], height: shape[1], values: values)
      #expect(try Image(contentsOf: picture(parts[0]), alpha: rule) == Image(want), "\(name)")
    }
  }

  @Test func `bad files are errors that name the file`() throws {
    let bad = try #require(file.config["bad"] as? [String: Any])
    #expect(bad.count > 0)
    for name in bad.keys.sorted() {
      let path = picture(name)
      do {
        _ = try Image(contentsOf: path)
        Issue.record("\(name) was accepted")
      } catch {
        #expect(error.description.hasPrefix("\(path): "))
      }
    }
  }

  private func picture(_ name: String) -> String {
    referenceFolder.appending(path: "images/\(name).png").path
  }

  private func plane(
    _ channel: Int, of samples: PNGSamples, _ value: (UInt16) -> Float
  ) -> [Float] {
    stride(from: channel, to: samples.values.count, by: 4).map { value(samples.values[$0]) }
  }
}
