import Images
import TensorCore

/// Pictures and captions for one step of training.
public struct Batch: Sendable {
  /// [B, 3, size, size], 0 … 1.
  public let pictures: Tensor
  /// B captions.
  public let captions: [String]
  /// The numbers of the pairs in their source. Another takes the place of one that cannot be read.
  public let indices: [Int]
}

/// Makes batch number `step` from that number alone, so that a position in the data is a whole
/// number and a resumed run sees what an uninterrupted one would have seen.
///
/// Endless sources are read in order. Of others, every epoch visits each pair once in a shuffled
/// order; a batch may span the end of an epoch.
struct BatchMaker: Sendable {
  private let source: any PairSource
  private let batchSize: Int
  private let random: Random
  private var order: EpochOrder

  init(_ source: any PairSource, batchSize: Int, seed: UInt64) {
    self.source = source
    self.batchSize = batchSize
    random = Random(seed: seed).split("batches")
    order = EpochOrder(count: source.count, random.split("order"))
  }

  mutating func batch(_ step: Int) throws -> Batch {
    var pictures: [Image] = []
    var (captions, indices) = ([String](), [Int]())
    for row in 0..<batchSize {
      let (index, picture, caption) = try pair(at: step * batchSize + row)
      precondition(
        picture.width == source.size && picture.height == source.size,
        "the source promised \(source.size)×\(source.size) pixels and gave \(picture)")
      pictures.append(picture)
      captions.append(caption)
      indices.append(index)
    }
    return Batch(pictures: Tensor(pictures), captions: captions, indices: indices)
  }

  /// The pair at a position in the endless sequence of epochs. One that cannot be read is replaced
  /// by the next of its epoch that can.
  private mutating func pair(
    at position: Int
  ) throws -> (index: Int, picture: Image, caption: String) {
    var firstReason = ""
    for index in order.candidates(at: position) {
      var randomOfVisit = random.split("visits").split(position)
      do {
        let (picture, caption) = try source.pair(at: index, using: &randomOfVisit)
        return (index, picture, caption)
      } catch {
        if firstReason.isEmpty { firstReason = "\(error)" }
      }
    }
    throw DataError.allUnreadable(count: source.count, first: firstReason)
  }
}

/// The order in which pairs are visited: shuffled anew for each epoch, unless they never end.
public struct EpochOrder: Sendable {
  private let count: Int?
  private let random: Random
  private var epoch = -1
  /// 4 bytes for each pair.
  private var order: [UInt32] = []

  /// The order of `count` pairs, or of endlessly many if it is nil.
  public init(count: Int?, _ random: Random) {
    self.count = count
    self.random = random
  }

  /// The pair to visit at `position` in the endless sequence of epochs.
  public mutating func index(at position: Int) -> Int {
    candidates(at: position).first ?? position
  }

  /// The number of bytes in use.
  var memory: Int { order.capacity * MemoryLayout<UInt32>.stride }

  /// The pair to visit at `position`, then those to try if it cannot be read.
  mutating func candidates(at position: Int) -> LazyMapSequence<Range<Int>, Int> {
    guard let count else { return (position..<position + 1).lazy.map { $0 } }
    let (epoch, place) = position.quotientAndRemainder(dividingBy: count)
    if epoch != self.epoch {
      self.epoch = epoch
      var random = random.split(epoch)
      order = Array(0..<UInt32(count))
      random.shuffle(&order)
    }
    return (0..<count).lazy.map { [order] in Int(order[(place + $0) % count]) }
  }
}
