import Foundation
import Images
import TestSupport
import Testing

/// Every tensor of images.safetensors.
@Suite struct ReferenceImagesTests {
  let file: ReferenceFile

  init() throws {
    file = try ReferenceFile("images")
  }

  @Test func `good files decode to the reference's values`() throws {
    for name in file.names where !name.hasPrefix("resize.") {
      let parts = name.split(separator: ".").map(String.init)
      let (shape, want) = try file.floats(name)
      let samples = try PNGSamples(path: picture(parts[0]))
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
    for name in file.names {
      let parts = name.split(separator: ".").map(String.init)
      guard let rule = rules[parts[1]], !file.names.contains("\(parts[0]).strip16")
      else { continue }
      let (shape, values) = try file.floats(name)
      let want = FloatImage(width: shape[2], height: shape[1], values: values)
      #expect(try Image(png: picture(parts[0]), alpha: rule) == Image(want), "\(name)")
    }
  }

  @Test func `bad files are errors that name the file`() throws {
    let bad = try #require(file.config["bad"] as? [String: Any])
    #expect(bad.count > 0)
    for name in bad.keys.sorted() {
      let path = picture(name)
      do {
        _ = try Image(png: path)
        Issue.record("\(name) was accepted")
      } catch {
        #expect(error.description.hasPrefix("\(path): "))
      }
    }
  }

  @Test func `resizing agrees with torchvision`() throws {
    let input = try floatImage("resize.in")
    let cases = try #require(file.config["resize"] as? [String: [String: Any]])
    for (name, attributes) in cases {
      let size = try #require(attributes["size"] as? [Int])
      let antialias = try #require(attributes["antialias"] as? Bool)
      let filter: ResizeFilter =
        name.hasPrefix("bicubic") ? .bicubic(antialias: antialias) : .bilinear(antialias: antialias)
      let got = input.resized(width: size[1], height: size[0], filter)
      let want = try file.floats("resize.\(name)").values
      #expect(difference(got.values, want, atol: 1e-5) == nil, "\(name)")
    }
    // All of them, but for the input and the next test's.
    let names = file.names.filter { $0.hasPrefix("resize.") }.map { String($0.dropFirst(7)) }
    #expect(Set(names) == Set(cases.keys).union(["in", "clip_preprocess"]))
  }

  @Test func `CLIP's preprocessing agrees with torchvision`() throws {
    let want = try floatImage("resize.clip_preprocess")
    let got = try floatImage("resize.in")
      .resized(shorterSide: want.height, .bicubic(antialias: true))
      .centerCropped(width: want.width, height: want.height)
      .normalized(
        mean: (0.48145466, 0.4578275, 0.40821073),
        standardDeviation: (0.26862954, 0.26130258, 0.27577711))
    #expect(difference(got.values, want.values, atol: 1e-5) == nil)
  }

  private func picture(_ name: String) -> String {
    referenceFolder.appending(path: "images/\(name).png").path
  }

  private func floatImage(_ name: String) throws -> FloatImage {
    let (shape, values) = try file.floats(name)
    return FloatImage(width: shape[2], height: shape[1], values: values)
  }

  private func plane(
    _ channel: Int, of samples: PNGSamples, _ value: (UInt16) -> Float
  ) -> [Float] {
    stride(from: channel, to: samples.values.count, by: 4).map { value(samples.values[$0]) }
  }
}
