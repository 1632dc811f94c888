// Damaged inputs, made at random from good ones.

import Foundation

/// How many mutants a fuzz test tries: the environment's FUZZ, or 1,000.
public let fuzzCount = ProcessInfo.processInfo.environment["FUZZ"].flatMap { Int($0) } ?? 1000

/// Calls `body` with the numbers of `fuzzCount` mutants and counts what it returns. Fails if one
/// takes longer than five seconds. With FUZZ in the environment it prints the counts.
public func fuzz(_ title: String, _ body: (Int) throws -> String) rethrows -> [String: Int] {
  var outcomes: [String: Int] = [:]
  let start = ContinuousClock.now
  for i in 0..<fuzzCount {
    let began = ContinuousClock.now
    outcomes[try body(i), default: 0] += 1
    let time = ContinuousClock.now - began
    precondition(time < .seconds(5), "\(title): mutant \(i) took \(time)")
  }
  if ProcessInfo.processInfo.environment["FUZZ"] != nil {
    print("\(title): \(fuzzCount) mutants in \(ContinuousClock.now - start)")
    for (outcome, number) in outcomes.sorted(by: { $0.value > $1.value }).prefix(30) {
      print("  \(number)  \(outcome)")
    }
  }
  return outcomes
}

/// `bytes` with one to four changes: bits, bytes, pieces cut out, doubled, or put elsewhere.
public func mutated(_ bytes: [UInt8], using random: inout some RandomNumberGenerator) -> [UInt8] {
  var bytes = bytes
  for _ in 0...Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
    let i = Int.random(in: bytes.indices, using: &random)
    let end = min(bytes.count, i + 1 + Int.random(in: 0..<20, using: &random))
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[i] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[i] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &random)!
    case 2: bytes[i] = UInt8.random(in: 0...255, using: &random)
    case 3: bytes.removeSubrange(i..<end)
    case 4: bytes.insert(contentsOf: bytes[i..<end], at: i)
    case 5: bytes.replaceSubrange(i..<end, with: bytes.prefix(end - i).reversed())
    default: if Int.random(in: 0..<4, using: &random) == 0 { bytes.removeLast(bytes.count - i) }
    }
  }
  return bytes
}
