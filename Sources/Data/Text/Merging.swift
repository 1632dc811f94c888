// The core of byte-pair encoding: a word begins as its bytes; of all neighbours that may merge,
// the pair that was learnt first merges (of equals the leftmost), until none is left.
//
// BPE dropout (Provilkov, Emelianenko and Voita, "BPE-Dropout: simple and effective subword
// regularization", ACL 2020): at every step each candidate is passed over with probability p, so
// that the model sees the same caption cut in many ways. A candidate that was passed over can
// merge at the next step; when all are passed over at once the word is done.

/// One learnt merge: the tokens `left` and `right`, side by side, become `merged`.
package struct Merge: Sendable, Equatable {
  var left: Int32
  var right: Int32
  var merged: Int32
}

/// The tokens that words begin as, and all merges. The rank of a merge is its index; lower ranks
/// merge first.
package struct MergeTable: Sendable, Equatable {
  /// The token of each byte inside a word, and at the end of one.
  private(set) var byteIDs = [Int32](repeating: 0, count: 256)
  private(set) var lastByteIDs = [Int32](repeating: 0, count: 256)
  let merges: [Merge]
  private var ranks: [UInt64: Int32]

  /// - Parameter letters: The ids of `TextStyle.letters`.
  package init(letters: [Int32], merges: [Merge]) {
    for (index, letter) in ByteAlphabet.letters.sorted().enumerated() {
      guard let byte = ByteAlphabet.byte(of: letter) else { continue }
      byteIDs[Int(byte)] = letters[index]
      lastByteIDs[Int(byte)] = letters[letters.count - 256 + index]
    }
    self.merges = merges
    // A pair that is listed twice has the rank of its last entry, as in other tools.
    ranks = Dictionary(minimumCapacity: merges.count)
    for (rank, merge) in merges.enumerated() {
      ranks[Self.key(merge.left, merge.right)] = Int32(rank)
    }
  }

  /// The tokens that the word `bytes[word]` begins as, one for each byte.
  package func tokens(of bytes: [UInt8], _ word: Range<Int>) -> [Int32] {
    word.map { index in
      let ids = index + 1 == word.upperBound ? lastByteIDs : byteIDs
      return ids[Int(bytes[index])]
    }
  }

  func rank(of left: Int32, _ right: Int32) -> Int32? {
    ranks[Self.key(left, right)]
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}

/// Merges words, one after the other. Work grows as n·log n with the length of a word.
struct WordMerger {
  private let table: MergeTable
  private var symbols: [Symbol] = []
  /// Possible merges, rank in the high half, place of the left symbol in the low half. An entry
  /// outlives its pair when a neighbour merges first; then it is skipped.
  private var candidates = MergeQueue()
  private var passedOver: [UInt64] = []

  /// A token of the present word and its place in a doubly linked list. A token that was merged
  /// into the one before it is -1.
  private struct Symbol {
    var token: Int32
    var previous: Int
    var next: Int
  }

  init(_ table: MergeTable) {
    self.table = table
  }

  /// Appends the tokens of the word `bytes[word]`, which is not empty, to `ids`.
  /// - Parameter passOver: Called for each candidate; returns whether to pass it over in this step.
  mutating func merge(
    _ bytes: [UInt8], _ word: Range<Int>, into ids: inout [Int32], passOver: () -> Bool
  ) {
    symbols.removeAll(keepingCapacity: true)
    for (place, token) in table.tokens(of: bytes, word).enumerated() {
      symbols.append(Symbol(token: token, previous: place - 1, next: place + 1))
    }
    for place in symbols.indices { propose(place) }
    while let candidate = candidates.pop() {
      let place = Int(candidate & 0xFFFF_FFFF)
      let merge = table.merges[Int(candidate >> 32)]
      let right = symbols[place].next
      guard
        symbols[place].token == merge.left, right < symbols.count,
        symbols[right].token == merge.right
      else { continue }
      if passOver() {
        passedOver.append(candidate)
        continue
      }
      let next = symbols[right].next
      symbols[right].token = -1
      symbols[place].token = merge.merged
      symbols[place].next = next
      if next < symbols.count { symbols[next].previous = place }
      propose(place)
      propose(symbols[place].previous)
      for candidate in passedOver { candidates.push(candidate) }
      passedOver.removeAll(keepingCapacity: true)
    }
    passedOver.removeAll(keepingCapacity: true)
    for symbol in symbols where symbol.token >= 0 { ids.append(symbol.token) }
  }

  /// Makes the pair at `place` a candidate if there is one and it can merge.
  private mutating func propose(_ place: Int) {
    guard place >= 0, symbols[place].next < symbols.count else { return }
    let left = symbols[place]
    if let rank = table.rank(of: left.token, symbols[left.next].token) {
      candidates.push(UInt64(rank) << 32 | UInt64(place))
    }
  }
}
