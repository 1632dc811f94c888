// Many models, measured by all yardsticks and by the judge.

import Chapter5
import DALLE
import DALLETraining
import DFGAN
import Evaluation
import Notebook
import StickerTraining
import StickerWorld
import TensorCore
import TextToImage

/// The results of an audit.
struct Audit: Codable {
  /// A model and what was measured of it.
  struct Row: Codable {
    let name: String
    let kind: Painter.Kind
    /// The share of right pictures and its standard error.
    let truth: Estimate
    /// A number for each of the seven yardsticks, in order.
    let values: [Double]
    /// The same and the truth for the jackknife: each time without one group of captions.
    let without: [[Double]]
    /// For each caption, whether everything is right.
    let isRight: [Bool]
    /// For each caption, the skills that it asks for and the picture shows.
    let skills: [[Skill]]

    /// What a yardstick says of it.
    func value(_ yardstick: Yardstick) -> Double { values[yardstick.place] }

    /// A shorter name for wide tables.
    var title: String {
      let titles = [Painter.usualName: "as dalle draws", Painter.rivalName: "DF-GAN"]
      return titles[name] ?? name
    }
  }

  /// Two models whose shares of right pictures differ by about three points, the better one first.
  struct Pair: Codable {
    let better, worse: String
    let difference: Double
  }

  /// How well a yardstick orders the pairs.
  struct Order: Codable {
    let yardstick: Yardstick
    /// The pairs that it orders rightly from the pictures for all captions.
    let right: [Bool]
    /// For each of `counts` and each pair, the share of draws that it orders rightly.
    let shares: [[Double]]

    /// The mean share of all pairs from the k-th of `counts`.
    func share(_ k: Int) -> Double { Tally(shares[k]).estimate?.value ?? .nan }
  }

  /// The number of captions.
  let captions: Int
  /// The models.
  private(set) var rows: [Row] = []
  /// The pairs that are ordered from fewer pictures.
  private(set) var pairs: [Pair] = []
  /// The numbers of pictures.
  private(set) var counts: [Int] = []
  /// What each yardstick makes of them.
  private(set) var orders: [Order] = []

  /// Draws and measures.
  init(_ networks: Networks, _ painters: [Painter], seed: UInt64, out: Output) throws {
    captions = Chapter7.Effort.captions
    let samples = Samples(0..<captions, seed: seed)
    let others = Samples(5000..<5000 + captions, seed: seed)
    let real = try Described(others.pictures, others.captions, others.scenes, networks)
    var drawn = try painters.map { painter in
      out.print(painter.name)
      return (name: painter.name, kind: painter.kind, pictures: try painter.draw(samples))
    }
    drawn += try networks.young(samples.captions, seed: seed, out).map {
      (name: "after \($0) steps", kind: .young, pictures: $1)
    }
    var sets: [(row: Row, set: Described)] = []
    for (name, kind, pictures) in drawn {
      let set = try Described(pictures, samples.captions, samples.scenes, networks)
      func measures(_ set: Described, _ yardsticks: [Yardstick]) throws -> [Double] {
        var random = Random(seed: seed).split("patches")
        return try yardsticks.map { try $0(set, against: real, using: &random) }
      }
      let row = Row(
        name: name, kind: kind, truth: set.truth, values: try measures(set, Yardstick.blind),
        without: try (0..<Chapter7.Effort.groups).map { group in
          let rest = (0..<captions).filter { $0 % Chapter7.Effort.groups != group }
          return try measures(set.chosen(rest), Yardstick.allCases)
        },
        isRight: set.matches.map(\.isRight),
        skills: zip(set.matches, samples.scenes).map { match, scene in
          Skill.allCases.filter { $0.isAsked(of: scene) && $0.isShown(match) }
        })
      out.print("\(name): \(row.truth.percent) % right")
      sets.append((row, set))
    }
    rows = sets.map(\.row)
    try order(sets, real, seed: seed)
  }

  /// Lets each yardstick order pairs from 8, 16, … pictures, for captions drawn again and again. Which
  /// model of a pair is the better one say all captions, by two standard errors or more.
  private mutating func order(
    _ sets: [(row: Row, set: Described)], _ real: Described, seed: UInt64
  ) throws {
    let drawn = sets.filter { $0.row.kind.draws }
    var chosen: [(better: Described, worse: Described)] = []
    for i in drawn.indices {
      for j in 0..<i {
        let (a, b) = (drawn[i], drawn[j])
        let (better, worse) = a.row.truth.value > b.row.truth.value ? (a, b) : (b, a)
        let difference = better.row.truth.value - worse.row.truth.value
        // Both drew the same captions: only those count on which they differ.
        let differing = zip(a.row.isRight, b.row.isRight).count { $0 != $1 }
        let error = Double(differing).squareRoot() / Double(captions)
        guard (0.02...0.045).contains(difference), difference > 2 * error else { continue }
        pairs.append(
          Pair(better: better.row.name, worse: worse.row.name, difference: difference))
        chosen.append((better.set, worse.set))
      }
    }
    let counts = [8, 16, 32, 64, 128]
    self.counts = counts
    orders = try Yardstick.allCases.map { yardstick in
      let lots = Lots(yardstick: yardstick, real: real, captions: captions, seed: seed)
      return Order(
        yardstick: yardstick,
        right: try chosen.map {
          try lots.share(captions, of: $0.better, $0.worse, draws: 1) > 0.5
        },
        shares: try counts.map { count in
          try chosen.map {
            try lots.share(count, of: $0.better, $0.worse, draws: Chapter7.Effort.draws)
          }
        })
    }
  }

  /// The rank correlation of a yardstick with the truth over some models, 1 if it orders them all, and
  /// its error: how far other captions would move it. Other models would move it further.
  func correlation(_ yardstick: Yardstick, where isCounted: (Row) -> Bool = { _ in true })
    -> Estimate
  {
    let counted = rows.filter(isCounted)
    let sign = yardstick.isDistance ? -1.0 : 1
    let parts = (0..<Chapter7.Effort.groups).map { group in
      rankCorrelation(
        counted.map { sign * $0.without[group][yardstick.place] },
        counted.map { $0.without[group][Yardstick.right.place] })
    }
    return Estimate(
      value: rankCorrelation(
        counted.map { sign * $0.value(yardstick) }, counted.map(\.truth.value)),
      standardError: jackknifeError(parts), count: captions)
  }

  /// The standard error of the i-th yardstick, the median of all models.
  func error(_ i: Int) -> Double {
    let errors = rows.map { row in jackknifeError(row.without.map { $0[i] }) }.sorted()
    return (errors[(errors.count - 1) / 2] + errors[errors.count / 2]) / 2
  }
}

/// Draws of some of the captions, again and again.
private struct Lots {
  let yardstick: Yardstick
  let real: Described
  /// The number of captions to draw from.
  let captions: Int
  let seed: UInt64

  /// The share of draws of `count` captions in which the yardstick prefers the better model; a draw in
  /// which it sees no difference counts half. Both models have the same captions.
  func share(
    _ count: Int, of better: Described, _ worse: Described, draws: Int
  ) throws -> Double {
    var sum = 0.0
    for draw in 0..<draws {
      var random = Random(seed: seed).split("draws of \(count)").split(draw)
      var numbers = Array(0..<captions)
      random.shuffle(&numbers)
      let some = Array(numbers.prefix(count))
      var same = random
      let a = try yardstick(better.chosen(some), against: real, using: &random)
      let b = try yardstick(worse.chosen(some), against: real, using: &same)
      sum += a == b ? 0.5 : (yardstick.isDistance ? a < b : a > b) ? 1 : 0
    }
    return sum / Double(draws)
  }
}
