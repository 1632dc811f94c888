import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

/// Damaged files, made at random from a good one. `FUZZ=20000 swift test --filter Checkpoints`
/// makes that many and prints the results. Mutant i depends on i alone.
///
/// Each test runs in a process of its own, so that its memory can be measured.
@Suite struct FuzzTests {
  @Test(.timeLimit(.minutes(5)))
  func `mutated files are read or refused, in little time and memory`() async throws {
    let result = await #expect(
      processExitsWith: .success,
      observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      let wanted = ProcessInfo.processInfo.environment["FUZZ"].flatMap { Int($0) }
      let count = wanted ?? 1000
      let folder = try TemporaryFolder(inMemory: true)
      let good = try Array(Data(contentsOf: URL(filePath: storedTypes)))
      var outcomes: [String: Int] = [:]
      var slowest = Duration.zero
      let start = ContinuousClock.now
      let before = peakMemory()
      try limitMemory(toFurther: 512 << 20)
      for i in 0..<count {
        var random = Random(seed: 4).split(i)
        let mutant = mutate(good, &random)
        let path = try folder.write(mutant, to: "\(i)")
        let began = ContinuousClock.now
        do throws(CheckpointError) {
          try readAll(SafetensorsFile(path))
          outcomes["read", default: 0] += 1
        } catch {
          let reason: String
          switch error {
          case .damaged(path, let text), .mismatch(path, let text): reason = text
          default: fatalError("mutant \(i): \(error)")
          }
          precondition(reason.count < 400 && !reason.contains("\n"), "mutant \(i): \(reason)")
          outcomes[sort(reason), default: 0] += 1
        }
        slowest = max(slowest, ContinuousClock.now - began)
        unlink(path)
      }
      let growth = peakMemory() - before
      // The mutants reach every check, not only the first ones.
      for outcome in [
        "read", "its header claims n bytes, n are there", "the header is not a JSON object",
        "it is incomplete: its tensors take n bytes, n are there", "a negative number at byte n",
        "a number above n⁶³ at byte n", "tensor … has the impossible shape [n]",
        "tensor … overlaps another at byte n of the data",
        "no tensor covers bytes n to n of the data", "the tensor … appears twice",
      ] {
        precondition(outcomes[outcome] != nil, "no mutant gave \(outcome): \(outcomes)")
      }
      precondition(slowest < .seconds(2), "one mutant took \(slowest)")
      // The files have about 3 kB; most of the growth is what the allocator keeps.
      precondition(growth < 64 << 20, "memory grew by \(growth) bytes")
      if wanted != nil {
        for (outcome, count) in outcomes.sorted(by: { $0.value > $1.value }) {
          print(String(format: "%7d", count), outcome)
        }
        print(
          "\(count) files in \(ContinuousClock.now - start), slowest \(slowest), "
            + "memory grew by \(growth >> 10) kB")
      }
    }
    show(result)
  }

  /// Headers that make as much of each byte as they can: tensors, axes, metadata.
  @Test(arguments: [
    #""000000":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#,
    #""000000":{"dtype":"U8","shape":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"data_offsets":[0,0]}"#,
    #""000000":"""#,
  ])
  func `opening allocates less than 32 bytes for each of the header`(_ entry: String) async throws {
    let result = await #expect(
      processExitsWith: .success,
      observing: [\.standardOutputContent, \.standardErrorContent]
    ) { [entry] in
      let folder = try TemporaryFolder()
      let isMetadata = entry.hasSuffix("\"")
      let (start, end) = isMetadata ? (#"{"__metadata__":{"#, "}}") : ("{", "}")
      let count = 100_000
      let size = start.utf8.count + count * (entry.utf8.count + 1) - 1 + end.utf8.count
      // Written piece by piece, so that the peak of memory is that of reading.
      try AtomicFile.write(to: folder.file("x"), failure: { $0 }) { (file) throws(FileError) in
        withUnsafeBytes(of: UInt64(size).littleEndian, file.write)
        Array(start.utf8).withUnsafeBytes(file.write)
        for i in 0..<count {
          let name = String(format: "%06d", i)
          let text = entry.replacing("000000", with: name) + (i < count - 1 ? "," : end)
          Array(text.utf8).withUnsafeBytes(file.write)
        }
      }
      let before = peakMemory()
      let file = try SafetensorsFile(folder.file("x"))
      let growth = peakMemory() - before
      precondition(file.names.count + file.metadata.count == count)
      precondition(growth < 32 * size, "memory grew by \(growth) for a header of \(size)")
      if ProcessInfo.processInfo.environment["FUZZ"] != nil {
        print("\(growth) bytes for a header of \(size)")
      }
    }
    show(result)
  }
}

/// The output of the other process.
private func show(_ result: ExitTest.Result?) {
  let said = result.map { $0.standardOutputContent + $0.standardErrorContent } ?? []
  if !said.isEmpty { print(String(decoding: said, as: UTF8.self)) }
}

private func readAll(_ file: SafetensorsFile) throws(CheckpointError) {
  for name in file.names {
    do throws(CheckpointError) {
      switch try file.info(name).type {
      case .f32, .f16, .bf16, .f64, .f8e4m3, .f8e5m2: _ = try file.tensor(name)
      default: _ = try file.integers(name)
      }
    } catch {
      // The only reasons not to read a tensor of a sound file.
      guard error.description.contains(/needs over 32 bits|holds F8_E/) else {
        fatalError("\(error)")
      }
    }
  }
}

/// A reason without its names and numbers.
private func sort(_ reason: String) -> String {
  reason.replacing(#/".*"/#, with: "…").replacing(#/[0-9]+(, [0-9]+)*/#, with: "n")
}

/// A damaged copy of a file.
private func mutate(_ good: [UInt8], _ random: inout Random) -> [UInt8] {
  let length = Int(good[0]) | Int(good[1]) << 8
  var header = Array(good[8..<8 + length])
  var data = Array(good[(8 + length)...])
  var claimed = UInt64.max  // the header's true length
  for _ in 0...random.integer(below: 3) {
    let place = random.integer(below: header.count)
    switch random.integer(below: 13) {
    case 0: header[place] ^= 1 << UInt8(random.integer(below: 8))
    case 1: header[place] = UInt8(random.integer(below: 256))
    case 2: header.insert(contentsOf: token(&random), at: place)
    case 3: header.removeSubrange(place..<min(header.count, place + random.integer(below: 40)))
    case 4:
      let slice = header[place..<min(header.count, place + random.integer(below: 200))]
      header.insert(contentsOf: slice, at: random.integer(below: header.count))
    case 5, 6, 7: replaceNumber(in: &header, &random)
    case 8: replaceEntry(in: &header, &random)
    case 9: moveTensor(in: &header, &random)
    case 10: data.removeLast(random.integer(below: data.count))
    case 11: data += Array(repeating: 0, count: random.integer(below: 20))
    default:
      claimed =
        [0, 1, 7, UInt64(header.count + 1), 100_000_001, 1 << 31, 1 << 63, .max - 7][
          random.integer(below: 8)]
    }
    if header.isEmpty { header = [UInt8(ascii: "{")] }
    if data.isEmpty { data = [0] }
  }
  if claimed == .max { claimed = UInt64(header.count) }
  return withUnsafeBytes(of: claimed.littleEndian, Array.init) + header + data
}

private func token(_ random: inout Random) -> [UInt8] {
  let tokens = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "-", ".", "e9", "null", "true", " ",
    "\u{0}", "\"__metadata__\":{}", "é", String(repeating: "[", count: 5000),
    String(repeating: "{\"a\":", count: 1000),
  ]
  return Array(tokens[random.integer(below: tokens.count)].utf8)
}

/// Replaces a number by another one.
private func replaceNumber(in header: inout [UInt8], _ random: inout Random) {
  let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  guard
    let start = (random.integer(below: header.count)..<header.count).first(where: {
      digits.contains(header[$0])
    })
  else { return }
  let end = header[start...].firstIndex { !digits.contains($0) } ?? header.count
  let old = Int(String(decoding: header[start..<end], as: UTF8.self)) ?? 0
  let new = [
    "0", "\(old &+ 1)", "\(old &- 1)", "\(old &* 2)", "-1", "-\(old)", "1.5", "1e3", "00",
    "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616",
  ]
  header.replaceSubrange(start..<end, with: new[random.integer(below: new.count)].utf8)
}

/// Moves the bytes that one tensor claims.
private func moveTensor(in header: inout [UInt8], _ random: inout Random) {
  let text = String(decoding: header, as: UTF8.self)
  let pattern = #/"data_offsets":\[(\d+),(\d+)\]/#
  guard let match = text.matches(of: pattern).randomElement(using: &random),
    let begin = Int(match.1), let end = Int(match.2)
  else { return }
  let offset = [-8, -4, -1, 1, 4, 8][random.integer(below: 6)]
  let moved = "\"data_offsets\":[\(begin &+ offset),\(end &+ offset)]"
  header = Array(text.replacingCharacters(in: match.range, with: moved).utf8)
}

/// Replaces a word or a type by another one.
private func replaceEntry(in header: inout [UInt8], _ random: inout Random) {
  let words = [
    "F32", "F16", "BF16", "I64", "I32", "U8", "BOOL", "F64", "F8_E4M3", "dtype", "shape",
    "data_offsets", "__metadata__", "x", "i32",
  ]
  let word = words[random.integer(below: words.count)]
  let text = String(decoding: header, as: UTF8.self)
  guard let range = text.ranges(of: "\"\(word)\"").randomElement(using: &random) else { return }
  header = Array(
    text.replacingCharacters(in: range, with: "\"\(words[random.integer(below: words.count)])\"")
      .utf8)
}
