// The figures of a run, as JSON and as lines of a terminal. The page's table is in Markdown.swift.

import Foundation
import TensorCore

/// What was measured of one row in one precision.
struct Figure: Encodable {
  enum Unit: String, Encodable { case seconds, bytes }

  let name: String
  let precision: Precision
  var unit = Unit.seconds
  /// Floating-point operations of a run; see `Work`.
  var operations: Double?
  /// Operations a second, of the peak for this precision.
  var percentOfPeak: Double?
  let ours: Spread
  /// By mode. What a mode cannot do is in `absent` instead, with the reason.
  var peers: [PeerMode: Spread] = [:]
  var absent: [PeerMode: String] = [:]
  /// The time, or memory, of PyTorch's eager mode in f32 divided by ours, and of its fastest mode.
  var ratioToEager: Double?
  var ratioToBest: Double?
  var best: PeerMode?
  var tokens: Int?
  var firstLoss: Float?

  /// The row's name, with the precision unless it is that of the row before.
  var title: String { precision == .f32 ? name : "\(name), \(precision.rawValue)" }

  /// Adds what the peers took, given each mode's times in the order of ours: the ratios are medians of
  /// pairs, so that a machine that slows down slows both sides.
  mutating func compare(_ ours: [Double], with theirs: [PeerMode: [Double]]) {
    func ratio(_ mode: PeerMode) -> Double? {
      guard let times = theirs[mode] else { return nil }
      return Spread(zip(times, ours).map { $0 / $1 })?.median
    }
    peers = theirs.compactMapValues { Spread($0) }
    ratioToEager = ratio(.eager)
    best = peers.min { $0.value.median < $1.value.median }?.key
    ratioToBest = best.flatMap(ratio)
  }
}

/// All figures of a run.
struct Report: Encodable {
  var machine: Machine
  let peaks: Peaks
  let repetitions: Int
  var rows: [Figure] = []

  /// What stands above the rows: machine, load, versions, peaks.
  var heading: [String] {
    let m = machine
    var versions = "\(m.compiler) on \(m.system)"
    if let peer = m.peer { versions += ", beside \(peer)" }
    return [
      "\(m.processor), \(m.threads) thread\(m.threads == 1 ? "" : "s"), load at the start "
        + String(format: "%.2f", m.load), versions, peaks.description,
    ]
  }

  static func columns(hasPeer: Bool) -> String {
    let ours = ["GFLOP", "ours", "least", "most", "% peak"]
    let theirs = PeerMode.allCases.map(\.rawValue) + ["x eager", "x best"]
    return line("", ours + (hasPeer ? theirs : []))
  }

  static func line(of figure: Figure, hasPeer: Bool) -> String {
    let ours = [
      figure.operations.map(gigaflop) ?? "", figure.format(figure.ours.median),
      figure.format(figure.ours.minimum), figure.format(figure.ours.maximum),
      figure.percentOfPeak.map { String(format: "%.0f", $0) } ?? "",
    ]
    let times = PeerMode.allCases.map { figure.peers[$0].map { figure.format($0.median) } ?? "-" }
    let ratios = [figure.ratioToEager, figure.ratioToBest].map {
      $0.map { String(format: "%.2f", $0) } ?? ""
    }
    return line(figure.title, ours + (hasPeer ? times + ratios : []))
  }

  private static func line(_ name: String, _ columns: [String]) -> String {
    columns.reduce(name.padding(toLength: 54, withPad: " ", startingAt: 0)) {
      $0 + String(repeating: " ", count: max(1, 11 - $1.count)) + $1
    }
  }

  /// 10⁹ operations, with three digits.
  static func gigaflop(_ operations: Double) -> String {
    let g = operations * 1e-9
    return String(format: g < 0.1 ? "%.4f" : g < 10 ? "%.2f" : "%.1f", g)
  }
}

extension Figure {
  /// A time or an amount of memory with its unit.
  func format(_ value: Double) -> String {
    if unit == .bytes { return String(format: "%.0f MB", value / 1_048_576) }
    return value < 1e-3
      ? String(format: "%.1f µs", value * 1e6)
      : value < 1 ? String(format: "%.2f ms", value * 1e3) : String(format: "%.2f s", value)
  }
}

extension Peaks: CustomStringConvertible {
  var description: String {
    func giga(_ value: Double) -> String { String(format: "%.0f", value * 1e-9) }
    var text = "peaks: f32 \(giga(f32)) GFLOP/s, "
    if let bf16, let bf16Instruction {
      text += "bf16 \(giga(bf16)) GFLOP/s (\(bf16Instruction)), "
    } else {
      text += "no instruction for bf16, "
    }
    return text + (bandwidth.map { "triad \(giga($0)) GB/s" } ?? "no memory for the triad")
  }
}
