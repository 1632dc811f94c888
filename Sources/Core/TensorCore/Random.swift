// Random numbers that depend only on a seed and a name: no global state, the same sequence on
// every machine, and an independent stream for every use.
//
// Philox 4×32 with ten rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011): the n-th block of numbers is a function of the key and of n, so a stream can be
// saved, resumed and skipped through by its counter alone.

/// A stream of random numbers.
///
///     var random = Random(seed: 7).split("chapter3/gumbel")
///     let u = random.uniform()            // 0 ≤ u < 1
///     let k = random.integer(below: 6)
///
/// Draw with these methods, not with those of the standard library that take a generator: how many
/// bits they use may change between versions of Swift, and with it every number after them.
public struct Random: RandomNumberGenerator, Sendable, Equatable, Codable {
  private var key: UInt64
  private var counter: UInt64 = 0
  /// The present block; its last `left` numbers have not been drawn yet.
  private var block: SIMD4<UInt32> = .zero
  private var left = 0
  private var spareNormal: Double?

  /// The stream of random numbers that a seed stands for.
  public init(seed: UInt64) {
    key = seed
  }

  /// An independent stream for `name`: the same for the same parent seed and name, whatever
  /// the parent has drawn so far.
  public func split(_ name: String) -> Random {
    // FNV-1a over the name, then one Philox block mixes it with the key.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let mixed = Random.philox(counter: hash, salt: 0x5EED, key: key)
    return Random(seed: UInt64(mixed[0]) | UInt64(mixed[1]) << 32)
  }

  /// An independent stream for number `index`, for instance of a sample in a batch.
  public func split(_ index: Int) -> Random {
    let mixed = Random.philox(
      counter: UInt64(bitPattern: Int64(index)), salt: 0x1D, key: key)
    return Random(seed: UInt64(mixed[0]) | UInt64(mixed[1]) << 32)
  }

  /// 64 random bits.
  public mutating func next() -> UInt64 {
    UInt64(next32()) | UInt64(next32()) << 32
  }

  /// 32 random bits.
  public mutating func next32() -> UInt32 {
    if left == 0 {
      block = Random.philox(counter: counter, salt: 0, key: key)
      counter &+= 1
      left = 4
    }
    left -= 1
    return block[3 - left]
  }

  /// Uniform over the 2²⁴ multiples of 2⁻²⁴ in 0 ..< 1.
  public mutating func uniform() -> Float {
    Float(next32() >> 8) * 0x1p-24
  }

  /// Uniform in `low ..< high`; `low` if both are equal.
  public mutating func uniform(_ low: Float, _ high: Float) -> Float {
    // The sum may round up to `high`, as 1 + (1 - 2⁻²⁴) does.
    Swift.max(low, Swift.min(low + (high - low) * uniform(), high.nextDown))
  }

  /// A draw from the standard normal distribution, by Marsaglia's polar form of Box and Muller's
  /// method.
  public mutating func normal() -> Float {
    if let spare = spareNormal {
      spareNormal = nil
      return Float(spare)
    }
    while true {
      let x = Double(next32()) * 0x1p-31 - 1
      let y = Double(next32()) * 0x1p-31 - 1
      let square = x * x + y * y
      if square < 1 && square > 0 {
        let factor = (-2 * logarithm(square) / square).squareRoot()
        spareNormal = y * factor
        return Float(x * factor)
      }
    }
  }

  /// A whole number in `0 ..< bound`, without bias (Lemire, "Fast random integer generation in an
  /// interval", 2019): the upper half of a product of 64 random bits with the bound.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "integer(below:) needs a bound above 0, got \(bound)")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      // 2⁶⁴ numbers do not divide evenly: of those with the least lower halves some are drawn again.
      let least = (0 &- bound) % bound
      while product.low < least { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// Shuffles an array; all orders are equally likely (Fisher and Yates).
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for i in elements.indices.reversed() { elements.swapAt(i, integer(below: i + 1)) }
  }

  /// Fills memory with numbers made from the next 32 random bits each, on all threads: the bits of a block
  /// are a function of its number. `finally` is called with each part of the memory, while it is in the cache.
  @inline(__always)
  mutating func fill(
    _ values: UnsafeMutableBufferPointer<Float>, _ number: @Sendable (UInt32) -> Float,
    finally: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void = { _, _ in }
  ) {
    guard let start = values.baseAddress else { return }
    // Some numbers of the present block may be left, and some of the last one will be.
    let head = min(left, values.count)
    for i in 0..<head { values[i] = number(next32()) }
    finally(head, start)
    let blocks = (values.count - head) / 4
    nonisolated(unsafe) let first = start + head
    let (counter, key) = (counter, key)
    parallelFor(0..<blocks, grain: 2048) { part in
      for block in part {
        let bits = Random.philox(counter: counter &+ UInt64(block), salt: 0, key: key)
        for i in 0..<4 { first[4 * block + i] = number(bits[i]) }
      }
      finally(4 * part.count, first + 4 * part.lowerBound)
    }
    self.counter &+= UInt64(blocks)
    let tail = head + 4 * blocks
    for i in tail..<values.count { values[i] = number(next32()) }
    finally(values.count - tail, start + tail)
  }

  private static func philox(counter: UInt64, salt: UInt32, key: UInt64) -> SIMD4<UInt32> {
    var c0 = UInt32(truncatingIfNeeded: counter)
    var c1 = UInt32(truncatingIfNeeded: counter >> 32)
    var c2 = salt
    var c3: UInt32 = 0
    var k0 = UInt32(truncatingIfNeeded: key)
    var k1 = UInt32(truncatingIfNeeded: key >> 32)
    for _ in 0..<10 {
      let p0 = UInt64(c0) * 0xD251_1F53
      let p1 = UInt64(c2) * 0xCD9E_8D57
      c0 = UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0
      c2 = UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1
      c1 = UInt32(truncatingIfNeeded: p1)
      c3 = UInt32(truncatingIfNeeded: p0)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(c0, c1, c2, c3)
  }
}
