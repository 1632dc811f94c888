import Files
import Foundation
import Images
import PictureFiles
import TensorCore
import TestSupport
import Testing

/// Damaged files, made at random from good ones: the reference's and one of every kind.
/// `FUZZ=100000 swift test --filter Fuzz` makes that many and prints the results.
/// Mutant i depends on the seed and on i alone.
@Suite struct FuzzReferencePNGTests {
  @Test func `mutated files are pictures or typed errors`() throws {
    let wanted = ProcessInfo.processInfo.environment["FUZZ"].flatMap { Int($0) }
    let count = wanted ?? 1000
    let seeds = try goodFiles()
    let clock = ContinuousClock()
    var outcomes: [String: Int] = [:]
    var slowest = Duration.zero
    let peakBefore = peakMemory()
    let start = clock.now
    for i in 0..<count {
      var random = Random(seed: 1).split("fuzz").split(i)
      let bytes = mutant(of: seeds[random.integer(below: seeds.count)], &random)
      let name = "mutant \(i)"
      let began = clock.now
      do {
        let samples = try PNGSamples(data: bytes, name: name)
        outcomes["picture", default: 0] += 1
        #expect(samples.values.count == samples.width * samples.height * 4)
        // As documented: no more memory than for what the file can hold at the best compression.
        #expect(samples.width * samples.height <= bytes.count * 1032 * 8)
      } catch {
        outcomes[kind(of: error), default: 0] += 1
        #expect(error.description.hasPrefix("\(name): ") && !error.description.contains("\n"))
      }
      slowest = max(slowest, clock.now - began)
    }
    #expect(slowest < .seconds(5))
    // The mutants must reach all of the reader, not only its first check.
    for outcome in ["picture", "notPNG", "tooLarge", "overstated", "damaged"] {
      #expect(outcomes[outcome, default: 0] >= count / 200, "\(outcome) is too rare: \(outcomes)")
    }
    if wanted != nil {
      print("\(count) mutants in \(clock.now - start), the slowest in \(slowest)")
      print("peak memory \(peakBefore) bytes before, \(peakMemory()) after")
      for (outcome, number) in outcomes.sorted(by: { $0.key < $1.key }) { print(outcome, number) }
    }
  }

  private func goodFiles() throws -> [[UInt8]] {
    let good = try #require(try ReferenceFile("images").config["good"] as? [String: Any])
    let reference = try good.keys.sorted().map { name in
      Array(try Data(contentsOf: referenceFolder.appending(path: "images/\(name).png")))
    }
    return reference + PNGKind.all.map { KnownPicture($0, 11, 9).file.bytes }
  }

  private func kind(of error: PictureError) -> String {
    switch error {
    case .unreadable: "unreadable"
    case .notPicture: "notPNG"
    case .unsupported: "unsupported"
    case .tooLarge: "tooLarge"
    case .overstated: "overstated"
    case .damaged: "damaged"
    case .unwritable: "unwritable"
    }
  }
}

/// `bytes`, a good PNG, with one to three changes: some between well-formed chunks with right
/// checksums, so that they get past the first checks, some to the raw bytes.
private func mutant(of bytes: [UInt8], _ random: inout Random) -> [UInt8] {
  var file = PNGFile(bytes)
  let changes = 1 + random.integer(below: 3)
  let rawChanges = random.integer(below: 3) == 0 ? random.integer(below: changes + 1) : 0
  for _ in rawChanges..<changes { changeChunks(&file.chunks, &random) }
  var result = file.bytes
  for _ in 0..<rawChanges { changeBytes(&result, &random) }
  return result
}

private func changeChunks(_ chunks: inout [PNGFile.Chunk], _ random: inout Random) {
  let i = random.integer(below: chunks.count)
  switch random.integer(below: 9) {
  case 0:  // the size that the header claims, small numbers as often as large ones
    guard chunks[0].data.count >= 8 else { return }
    let size = Int(random.next32() >> UInt32(random.integer(below: 32)))
    chunks[0].data.replaceSubrange(
      random.integer(below: 2) == 0 ? 0..<4 : 4..<8, with: bigEndian(size, 4))
  case 1:  // the kind of picture that the header claims
    guard chunks[0].data.count >= 13 else { return }
    let values = [[1, 2, 4, 8, 16], [0, 2, 3, 4, 6], [0, 1], [0, 64], [0, 1]]
    let field = random.integer(below: 5)
    chunks[0].data[8 + field] = UInt8(values[field].randomElement(using: &random) ?? 0)
  case 2: chunks.insert(chunks[i], at: random.integer(below: chunks.count + 1))
  case 3: chunks.swapAt(i, random.integer(below: chunks.count))
  case 4: if chunks.count > 1 { chunks.remove(at: i) }
  case 5:  // another chunk of random content
    let types = ["PLTE", "tRNS", "IDAT", "gAMA", "iCCP", "sBIT", "bKGD", "zTXt", "ABCD", "abcd"]
    let type = types.randomElement(using: &random) ?? "IEND"
    let data = randomBytes(random.integer(below: 40), &random)
    chunks.insert(.init(type, data), at: random.integer(below: chunks.count + 1))
  case 6:  // some bytes of the content
    for _ in 0...random.integer(below: 4) where !chunks[i].data.isEmpty {
      let position = random.integer(below: chunks[i].data.count)
      chunks[i].data[position] = UInt8(random.integer(below: 256))
    }
  case 7:  // the length, with what it says: shorter, longer or in two pieces
    let length = random.integer(below: chunks[i].data.count + 1)
    let rest = Array(chunks[i].data[length...])
    switch random.integer(below: 3) {
    case 0: chunks[i].data.removeLast(rest.count)
    case 1: chunks[i].data += randomBytes(1 + random.integer(below: 40), &random)
    default:
      chunks[i].data.removeLast(rest.count)
      var second = chunks[i]
      second.data = rest
      chunks.insert(second, at: i + 1)
    }
  default:  // rows of noise, with filters that do not exist
    guard let i = chunks.firstIndex(where: { $0.type == Array("IDAT".utf8) }) else { return }
    chunks[i].data = zlibStored(randomBytes(random.integer(below: 2000), &random))
  }
}

private func changeBytes(_ bytes: inout [UInt8], _ random: inout Random) {
  guard !bytes.isEmpty else { return }
  let i = random.integer(below: bytes.count)
  switch random.integer(below: 5) {
  case 0:  // single bits
    for _ in 0...random.integer(below: 8) {
      bytes[random.integer(below: bytes.count)] ^= 1 << UInt8(random.integer(below: 8))
    }
  case 1: bytes.removeLast(bytes.count - i)
  case 2: bytes.insert(contentsOf: randomBytes(1 + random.integer(below: 20), &random), at: i)
  case 3: bytes.removeSubrange(i..<min(i + 1 + random.integer(below: 20), bytes.count))
  default:  // the length of a chunk, without what it says and with a wrong checksum
    let starts = bytes.indices.dropFirst(8).dropLast(8).filter { position in
      bytes[position + 4..<position + 8].allSatisfy { UInt8(ascii: "A") <= $0 && $0 <= 122 }
    }
    guard let start = starts.randomElement(using: &random) else { return }
    let length = Int(random.next32() >> UInt32(random.integer(below: 32)))
    bytes.replaceSubrange(start..<start + 4, with: bigEndian(length, 4))
  }
}

private func randomBytes(_ count: Int, _ random: inout Random) -> [UInt8] {
  (0..<count).map { _ in UInt8(random.integer(below: 256)) }
}
