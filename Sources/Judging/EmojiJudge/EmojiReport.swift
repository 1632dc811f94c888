// What an evaluation of the emoji world found, for programs and for people.

import EmojiWorld
import Evaluation
import Files
import Foundation

/// What an evaluation found.
public struct EmojiReport: Codable {
  /// The number of things of the world, of captions of each split, and of candidates for each.
  public let things, captions, candidates: Int
  /// The random seed.
  public let seed: UInt64
  /// A part for each split.
  public internal(set) var parts: [Part] = []

  /// The measures of a split. Shares are 0 … 1.
  public struct Part: Codable {
    /// The split.
    public let split: EmojiSplit
    /// For each caption the share of right candidates.
    public private(set) var one: [Double] = []
    /// For each caption 1 if the best-scored candidate is right.
    public private(set) var best: [Double] = []
    /// For each caption 1 if any candidate is right.
    public private(set) var oracle: [Double] = []
    /// For each aspect, by name, whether the best-scored candidate has it right, for each caption that
    /// speaks of it.
    public private(set) var aspects: [String: [Double]] = [:]
    /// For each caption 1 if the judge finds the real picture right; empty if nothing can draw it.
    public private(set) var real: [Double] = []
    /// For each thing, by name, how often it was asked for, and on how many of these best-scored
    /// pictures it was.
    public private(set) var things: [String: [Int]] = [:]

    init(_ split: EmojiSplit) { self.split = split }

    mutating func add(
      _ readings: [EmojiReading], _ ranking: Ranking, _ real: EmojiReading?, _ scene: EmojiScene
    ) {
      let verdicts = readings.map { $0.shows(scene) }
      let right = verdicts.count { $0.isRight }
      one.append(Double(right) / Double(verdicts.count))
      let chosen = verdicts[ranking.order[0]]
      best.append(chosen.isRight ? 1 : 0)
      oracle.append(right > 0 ? 1 : 0)
      for (aspect, isRight) in chosen.claims {
        aspects[aspect.rawValue, default: []].append(isRight ? 1 : 0)
      }
      if let real { self.real.append(real.shows(scene).isRight ? 1 : 0) }
      for thing in scene.things {
        let before = things[thing.name] ?? [0, 0]
        let isThere = readings[ranking.order[0]].has(thing)
        things[thing.name] = [before[0] + 1, before[1] + (isThere ? 1 : 0)]
      }
    }
  }

  /// As JSON with sorted keys.
  public func json() throws -> Data {
    try prettyJSON(self)
  }
}

extension EmojiReport: CustomStringConvertible {
  /// A table: shares in per cent with standard errors over captions, and the things that fail most.
  public var description: String {
    func share(_ values: [Double]) -> String {
      guard let mean = Tally(values).estimate else { return "" }
      return String(format: "%.1f ± %.1f", 100 * mean.value, 100 * mean.standardError)
    }
    let aspects = EmojiAspect.allCases.map(\.rawValue)
      .filter { name in parts.contains { $0.aspects[name] != nil } }
    var rows = [["right, %"] + parts.map(\.split.rawValue)]
    rows.append(["any one picture"] + parts.map { share($0.one) })
    rows.append(["best of \(candidates)"] + parts.map { share($0.best) })
    rows.append(["oracle of \(candidates)"] + parts.map { share($0.oracle) })
    for name in aspects {
      rows.append(["\(name), best of \(candidates)"] + parts.map { share($0.aspects[name] ?? []) })
    }
    if parts.contains(where: { !$0.real.isEmpty }) {
      rows.append(["real pictures"] + parts.map { share($0.real) })
    }
    let worst = worstThings.map { "\($0.name) \($0.right) of \($0.asked)" }
    let hardest = worst.isEmpty ? [] : ["hardest: " + worst.joined(separator: ", ")]
    let sizes =
      "\(things) things; \(captions) captions of each split, \(candidates) candidates each, seed "
      + "\(seed)"
    return EvaluationReport.aligned(rows) + (hardest + [sizes]).joined(separator: "\n")
  }

  /// The ten things that were missed most often in relation, of those asked for three times or more.
  private var worstThings: [(name: String, asked: Int, right: Int)] {
    var all: [String: [Int]] = [:]
    for part in parts { all.merge(part.things) { [$0[0] + $1[0], $0[1] + $1[1]] } }
    let asked = all.map { (name: $0.key, asked: $0.value[0], right: $0.value[1]) }
      .filter { $0.asked >= 3 && $0.right < $0.asked }
    let sorted = asked.sorted {
      (Double($0.right) / Double($0.asked), $0.name) < (
        Double($1.right) / Double($1.asked), $1.name
      )
    }
    return Array(sorted.prefix(10))
  }
}
