import Checkpoints
import Pretrained
import Testing

@testable import DalleCommand

@Suite struct ShippedFilesTests {
  @Test(arguments: [
    "vit", "clip", "reranker", "dvae", "transformer", "judge", "emoji-dvae", "emoji-transformer",
    "emoji-reranker", "emoji-judge",
  ])
  func `every model of the book carries a checksum, which its contents have`(name: String) throws {
    // Opening the file compares them.
    let file = try SafetensorsFile(Pretrained.path(name))
    #expect(file.checksum?.hasPrefix("xxh64:") == true, "\(name)")
    let path = try Pretrained.path(name)
    #expect(Dalle.execute(["info", path]) == 0)
  }
}
