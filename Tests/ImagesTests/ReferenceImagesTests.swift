import Foundation
import Images
import TestSupport
import Testing

/// The tensors resize.… of images.safetensors.
@Suite struct ReferenceImagesTests {
  let file: ReferenceFile

  init() throws {
    file = try ReferenceFile("images")
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

  private func floatImage(_ name: String) throws -> FloatImage {
    let (shape, values) = try file.floats(name)
    return FloatImage(width: shape[2], height: shape[1], values: values)
  }
}
