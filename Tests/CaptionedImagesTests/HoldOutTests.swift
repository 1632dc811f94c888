import StickerTraining
import TensorCore
import Testing

@testable import CaptionedImages

@Suite struct HoldOutTests {
  @Test func `each picture is learnt from or held out, with its captions`() throws {
    let mini = try Miniature(inMemory: true)
    let folder = mini.path("stickers")
    try StickerPairs(.train, size: 16, seed: 4).export(20, to: folder)
    let all = try CaptionedImages(folder)
    let entries = (0..<20).map { Entry(all, $0) }
    for (count, seed) in [(1, 1), (7, 2), (19, 3)] as [(Int, UInt64)] {
      let (rest, heldOut) = all.holdingOut(count, seed: seed)
      #expect(heldOut.count == count && rest.count == 20 - count)
      let parts = [rest, heldOut].map { part in (0..<part.count).map { Entry(part, $0) } }
      #expect(Set(parts[0]).isDisjoint(with: parts[1]))
      #expect(Set(parts[0] + parts[1]) == Set(entries))
      for index in 0..<count {
        let place = try #require(entries.firstIndex(of: Entry(heldOut, index)))
        #expect(try heldOut.picture(at: index) == all.picture(at: place))
      }
      let pairs = PicturePairs(heldOut, .none(size: 16)) { _ in }
      #expect(pairs.count == count)
      #expect(Array(pairs.captions) == parts[1].flatMap(\.captions))
    }
  }

  @Test func `a seed holds out the same pictures, another seed others`() throws {
    let mini = try Miniature(inMemory: true)
    let folder = mini.path("stickers")
    try StickerPairs(.train, size: 16, seed: 4).export(40, to: folder)
    let all = try CaptionedImages(folder)
    func names(_ seed: UInt64) -> [String] {
      let part = all.holdingOut(8, seed: seed).heldOut
      return (0..<8).map { part.path(at: $0) }
    }
    #expect(names(1) == names(1) && names(1) != names(2))
  }

  @Test func `a part can be divided again`() throws {
    let mini = try Miniature(inMemory: true)
    let folder = mini.path("stickers")
    try StickerPairs(.train, size: 16, seed: 4).export(9, to: folder)
    let (rest, first) = try CaptionedImages(folder).holdingOut(3, seed: 1)
    let (last, second) = rest.holdingOut(3, seed: 1)
    let paths = [first, second, last].flatMap { part in (0..<3).map { part.path(at: $0) } }
    #expect(Set(paths).count == 9)
  }

  private struct Entry: Hashable {
    let path: String
    let captions: [String]

    init(_ images: CaptionedImages, _ index: Int) {
      (path, captions) = (images.path(at: index), images.captions(at: index))
    }
  }
}
