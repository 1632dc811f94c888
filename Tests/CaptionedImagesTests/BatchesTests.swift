import Foundation
import Images
import StickerTraining
import StickerWorld
import Synchronization
import TensorCore
import Testing

@testable import CaptionedImages

@Suite struct BatchesTests {
  private func indices(
    _ batches: Batches, _ steps: some Sequence<Int>
  ) throws -> [[Int]] {
    try steps.map { try batches.batch($0).indices }
  }

  @Test func `every epoch visits every pair once, in an order of its own`() throws {
    let batches = Batches(Numbers(count: 37), batchSize: 10, seed: 1)
    // 37 batches of 10 are 10 epochs.
    let visits = try indices(batches, 0..<37).flatMap { $0 }
    let epochs = (0..<10).map { Array(visits[$0 * 37..<($0 + 1) * 37]) }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<37)) }
    #expect(Set(epochs).count == 10)
    #expect(try indices(Batches(Numbers(count: 37), batchSize: 10, seed: 2), 0..<37) != epochs)
    // Each pair comes first in some epoch of many, not always the same.
    let firsts = (0..<600).map { epoch in
      var order = EpochOrder(count: 6, Random(seed: 9))
      return order.candidates(at: epoch * 6).first!
    }
    for pair in 0..<6 { #expect(abs(firsts.count { $0 == pair } - 100) < 40) }
  }

  @Test func `a batch is the same, whatever was requested before`() throws {
    let source = Numbers(count: 23)
    let once = Batches(source, batchSize: 4, seed: 5)
    let expected = try (0..<40).map { try once.batch($0) }
    for ahead in [1, 2, 7] {
      // Resumed at step 13, then back, then far ahead.
      let again = Batches(source, batchSize: 4, seed: 5, ahead: ahead)
      for step in [Array(13..<40), Array(0..<9), [30, 3, 4, 39, 39, 38]].joined() {
        let batch = try again.batch(step)
        #expect(batch.indices == expected[step].indices)
        #expect(batch.captions == expected[step].captions)
        #expect(batch.pictures.scalars == expected[step].pictures.scalars)
      }
    }
  }

  @Test func `random choices differ between visits of a pair`() throws {
    let batches = Batches(Numbers(count: 3), batchSize: 3, seed: 5)
    let captions = try (0..<20).flatMap { try batches.batch($0).captions }
    #expect(Set(captions).count == 60)
  }

  @Test func `pictures are planes from 0 to 1, captions and indices beside them`() throws {
    let batch = try Batches(Numbers(size: 3, count: 255), batchSize: 5, seed: 1).batch(2)
    #expect(batch.pictures.shape == [5, 3, 3, 3])
    for (row, index) in batch.indices.enumerated() {
      for channel in 0..<3 {
        let expected = Float(channel == 2 ? 3 : index) / 255
        #expect(batch.pictures[row, channel, 2, 1] == expected)
      }
      #expect(batch.captions[row].hasPrefix("\(index) "))
    }
  }

  @Test func `endless sources are read in order and never twice`() throws {
    let batches = Batches(Numbers(), batchSize: 3, seed: 1)
    #expect(
      try indices(batches, 1000..<1003) == [
        [3000, 3001, 3002], [3003, 3004, 3005],
        [3006, 3007, 3008],
      ])
  }

  @Test func `stickers are the same in every epoch of a fixed number`() throws {
    let source = StickerPairs(.train, size: 16, seed: 3, count: 8)
    let batches = Batches(source, batchSize: 8, seed: 1)
    func sorted(_ batch: Batch) -> [String] {
      zip(batch.indices, batch.captions).sorted { $0.0 < $1.0 }.map(\.1)
    }
    let (first, later) = (try batches.batch(0), try batches.batch(5))
    #expect(sorted(first) == sorted(later))
    let endless = Batches(StickerPairs(.train, size: 16, seed: 3), batchSize: 8, seed: 1)
    #expect(try endless.batch(0).captions == sorted(first))
    let image = FloatImage(source.pair(at: 5, using: &Random.any).picture)
    let row = try endless.batch(0).pictures.scalars[5 * 768..<6 * 768]
    #expect(Array(row) == image.values)
  }

  @Test func `the next readable pair replaces a broken one`() throws {
    let broken: Set = [0, 3, 4, 5]
    let good = Batches(Numbers(count: 8), batchSize: 8, seed: 6)
    let bad = Batches(Numbers(count: 8, broken: broken), batchSize: 8, seed: 6)
    for step in 0..<20 {
      let order = try good.batch(step).indices
      let expected = (0..<8).map { place in
        (0..<8).map { order[(place + $0) % 8] }.first { !broken.contains($0) }!
      }
      #expect(try bad.batch(step).indices == expected)
    }
  }

  @Test func `errors come in the place of their batch`() throws {
    /// Readable up to pair 10.
    struct Ending: PairSource {
      let size = 2
      let count: Int? = nil
      func pair(at i: Int, using random: inout Random) throws -> (picture: Image, caption: String) {
        if i >= 10 { throw Numbers.Broken(description: "the end") }
        return try Numbers().pair(at: i, using: &random)
      }
    }
    let batches = Batches(Ending(), batchSize: 5, seed: 1, ahead: 3)
    #expect(try batches.batch(0).indices == [0, 1, 2, 3, 4])
    #expect(try batches.batch(1).indices == [5, 6, 7, 8, 9])
    let error = #expect(throws: DataError.self) { try batches.batch(2) }
    #expect(error == .allUnreadable(count: nil, first: "the end"))
    #expect(try batches.batch(1).indices == [5, 6, 7, 8, 9])
    let none = Batches(Numbers(count: 2, broken: [0, 1]), batchSize: 1, seed: 1)
    #expect(throws: DataError.self) { try none.batch(0) }
  }

  @Test func `no more is made ahead than allowed, and nothing before the first request`() throws {
    /// Counts the pairs that were made.
    struct Counter: PairSource {
      final class Box: Sendable { let made = Mutex(0) }
      let size = 2
      let count: Int? = 100
      let box = Box()
      func pair(at i: Int, using random: inout Random) throws -> (picture: Image, caption: String) {
        box.made.withLock { $0 += 1 }
        return try Numbers().pair(at: i, using: &random)
      }
    }
    let source = Counter()
    var made: Int { source.box.made.withLock { $0 } }
    /// Waits until the other thread does nothing any more.
    func settle() {
      var last = -1
      while last != made {
        last = made
        Thread.sleep(forTimeInterval: 0.2)
      }
    }
    var batches: Batches? = Batches(source, batchSize: 2, seed: 1, ahead: 3)
    settle()
    #expect(made == 0)
    _ = try batches?.batch(40)
    settle()
    #expect(made == 2 * (1 + 3))
    _ = try batches?.batch(41)
    settle()
    #expect(made == 2 * (2 + 3))
    batches = nil
    settle()
    #expect(made == 2 * (2 + 3))
  }

  @Test func `the thread ends when its batches are freed`() throws {
    /// A source that is noticed when it goes.
    final class Mark: Sendable {}
    struct Marked: PairSource {
      let mark: Mark
      let size = 2
      let count: Int? = 5
      func pair(at i: Int, using random: inout Random) throws -> (picture: Image, caption: String) {
        try Numbers().pair(at: i, using: &random)
      }
    }
    weak var mark: Mark?
    do {
      let strong = Mark()
      mark = strong
      let batches = Batches(Marked(mark: strong), batchSize: 2, seed: 1)
      _ = try batches.batch(0)
    }
    for _ in 0..<100 where mark != nil { Thread.sleep(forTimeInterval: 0.05) }
    #expect(mark == nil)
  }

  @Test func `pictures from the disk come with one of their captions and are made square`() throws {
    let mini = try Miniature()
    for name in ["a", "b", "c"] {
      try mini.add(picture: "\(name).png", 40, 30, grey: name.utf8.first!)
      try mini.add("\(name).txt", "the first \(name)", "the second \(name)")
    }
    // Broken after its header, so that only reading shows it.
    var bytes = try Array(Data(contentsOf: URL(filePath: mini.path("a.png"))))
    bytes.removeLast(30)
    try mini.add("broken.png", bytes: bytes)
    try mini.add("broken.txt", "a broken picture")
    let data = try CaptionedImages(mini.path)
    #expect(data.count == 4)
    let damaged = Mutex<Set<String>>([])
    let pairs = PicturePairs(data, .transformer(size: 16)) { error in
      _ = damaged.withLock { $0.insert(error.description) }
    }
    let batches = Batches(pairs, batchSize: 4, seed: 3, ahead: 1)
    var seen: Set<String> = []
    for step in 0..<20 {
      let batch = try batches.batch(step)
      #expect(batch.pictures.shape == [4, 3, 16, 16])
      for (row, caption) in batch.captions.enumerated() {
        let grey = Float(caption.utf8.last!) / 255
        #expect(batch.pictures[row, 1, 7, 7] == grey)
        seen.insert(caption)
      }
    }
    #expect(seen.count == 6)
    let named = damaged.withLock { Array($0) }
    #expect(named.count == 1)
    #expect(named.first?.hasPrefix("\(mini.path("broken.png")): the PNG is damaged") == true)
  }
}

extension Random {
  /// Any random numbers, where they do not matter.
  fileprivate static var any: Random {
    get { Random(seed: 0) }
    set {}
  }
}
