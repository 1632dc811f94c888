import Foundation
import TensorCore
import Testing

@testable import CaptionedImages

@Suite struct MemoryTests {
  @Test func `a quarter of a million pairs take less than 32 MB`() throws {
    let mini = try Miniature(inMemory: true)
    try mini.add(picture: "picture.png")
    let pictures = 5000
    var manifest = ""
    for number in 0..<pictures {
      let name = "link\(number).png"
      symlink(mini.path("picture.png"), mini.path(name))
      let captions = (0..<50).map { "\"caption number \($0) of a picture called \(number) or so\"" }
      manifest += "{\"image\": \"\(name)\", \"captions\": [\(captions.joined(separator: ","))]}\n"
    }
    try mini.add("all.jsonl", manifest)
    let data = try CaptionedImages(mini.path("all.jsonl"))
    #expect(data.report.captions == 250_000)
    #expect(data.captions(at: 4999)[49] == "caption number 49 of a picture called 4999 or so")
    #expect(data.memory < 32 << 20, "\(data.memory) bytes")
  }

  @Test func `the order of an epoch takes four bytes a pair`() {
    var order = EpochOrder(count: 250_000, Random(seed: 1))
    #expect(Set(order.candidates(at: 1_000_000)).count == 250_000)
    #expect(order.memory < 1_100_000)
  }
}
