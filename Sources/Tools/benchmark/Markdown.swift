// The tables of chapters/benchmarks.md.

import Foundation
import TensorCore

extension Report {
  /// A section of the page: machine, rows, GPT-2, and attention over longer pictures.
  var markdown: String {
    let parts = [
      heading.map { "- \($0)\n" }.joined(), rowTable, tokenTable, attentionTable, reasons,
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var hasPeer: Bool { machine.peer != nil }

  private var rowTable: String {
    let rows = rows.filter { $0.layer == nil }
    if rows.isEmpty { return "" }
    let names = PeerMode.allCases.map(\.rawValue)
    let titles =
      ["row", "GFLOP", "ours", "% of peak"] + (hasPeer ? names + ["× eager", "× best"] : [])
    return Self.table(
      titles,
      rows.map { row in
        let peers = PeerMode.allCases.map { row.peers[$0].map(row.cell) ?? "–" }
        let ratios = [row.ratioToEager, row.ratioToBest].map {
          $0.map { String(format: "%.2f", $0) } ?? "–"
        }
        return [
          row.title, row.operations.map(Self.gigaflop) ?? "–", row.cell(row.ours),
          row.percentOfPeak.map { String(format: "%.0f", $0) } ?? "–",
        ] + (hasPeer ? peers + ratios : [])
      })
  }

  /// Rows that learn from tokens: tokens a second, and the first loss.
  private var tokenTable: String {
    var lines: [[String]] = []
    for row in rows {
      guard let tokens = row.tokens else { continue }
      func line(_ who: String, _ time: Spread) {
        lines.append([
          "\(row.name): \(who)", row.cell(time),
          String(format: "%.0f", Double(tokens) / time.median),
        ])
      }
      line("ours, \(row.precision.rawValue)", row.ours)
      guard row.precision == .f32 else { continue }
      for mode in PeerMode.allCases {
        row.peers[mode].map { line("PyTorch, \(mode.rawValue)", $0) }
      }
    }
    if lines.isEmpty { return "" }
    let losses = rows.compactMap(\.lossSentence).map { "\n\($0)\n" }
    return Self.table(["step", "time", "tokens a second"], lines) + losses.joined()
  }

  /// The cost of one layer of attention over longer and longer pictures, and how it grows.
  private var attentionTable: String {
    let layers = rows.compactMap { row in row.layer.map { ($0.kind, $0.count, row) } }
    if layers.isEmpty { return "" }
    let kinds = Row.layerKinds.map(\.name).filter { name in layers.contains { $0.0 == name } }
    let lines = Row.tokenCounts.compactMap { count -> [String]? in
      let cells = kinds.map { kind -> String in
        guard let row = layers.first(where: { $0.0 == kind && $0.1 == count })?.2 else {
          return "–"
        }
        let ratio = row.ratioToBest.map { String(format: " (%.1f)", $0) } ?? ""
        return row.format(row.ours.median) + ratio
      }
      return cells.allSatisfy { $0 == "–" } ? nil : ["\(count)"] + cells
    }
    return Self.table(["image tokens"] + kinds, lines) + growth.map { "\n\($0)\n" }.joined()
  }

  /// How the time of an attention layer grows with the number of image tokens: the exponent between
  /// the two largest pictures.
  var growth: [String] {
    let counts = Row.tokenCounts.suffix(2)
    guard let m = counts.first, let n = counts.last else { return [] }
    return Row.layerKinds.compactMap { kind in
      func time(_ count: Int) -> Double? {
        rows.first { $0.name == Row.layerName(kind.name, count) }?.ours.median
      }
      guard let a = time(n), let b = time(m) else { return nil }
      let exponent = log(a / b) / log(Double(n) / Double(m))
      return "attention layer \(kind.name): time grows as n^\(String(format: "%.2f", exponent)) "
        + "from \(m) to \(n) image tokens"
    }
  }

  /// Why a mode is absent from some rows.
  private var reasons: String {
    var rowsOf: [String: Set<String>] = [:]
    for row in rows {
      for (mode, reason) in row.absent {
        rowsOf["\(mode.rawValue): \(reason)", default: []].insert(row.name)
      }
    }
    return rowsOf.sorted { $0.key < $1.key }.map { reason, names in
      "- – under \(reason) (\(names.sorted().joined(separator: "; ")))\n"
    }.joined()
  }

  /// Whether the choice of bf16 by processor agrees with the products that were timed; nil if too
  /// little was.
  var precisionSentence: String? {
    let ratios = rows.compactMap { row -> Double? in
      guard row.precision == .bf16, row.name.hasPrefix("gemm") else { return nil }
      let other = rows.first { $0.name == row.name && $0.precision == .f32 }
      return other.map { $0.ours.median / row.ours.median }
    }
    guard let ratio = Spread(ratios)?.median else { return nil }
    let pays = ratio > 1.2
    let choice = Precision.fastest
    return "bf16 products take 1/\(String(format: "%.2f", ratio)) of the time of f32; training "
      + "chooses \(choice.rawValue) on this processor, which "
      + ((choice == .bf16) == pays ? "agrees" : "does not agree: please report this processor")
  }

  private static func table(_ titles: [String], _ rows: [[String]]) -> String {
    let rule = "|---|" + String(repeating: "---:|", count: titles.count - 1)
    let lines = rows.map { "| \($0.joined(separator: " | ")) |" }
    return (["| \(titles.joined(separator: " | ")) |", rule] + lines).joined(separator: "\n") + "\n"
  }
}

extension Figure {
  /// The median, and the range in parentheses.
  fileprivate func cell(_ spread: Spread) -> String {
    spread.minimum == spread.maximum
      ? format(spread.median)
      : "\(format(spread.median)) (\(format(spread.minimum))–\(format(spread.maximum)))"
  }

  /// The kind and the number of image tokens, if the row is a single layer of attention.
  fileprivate var layer: (kind: String, count: Int)? {
    for kind in Row.layerKinds {
      for count in Row.tokenCounts where name == Row.layerName(kind.name, count) {
        return (kind.name, count)
      }
    }
    return nil
  }

  /// The first loss beside that of a model that knows nothing.
  var lossSentence: String? {
    firstLoss.map { loss in
      "\(title): \(String(format: "%.2f", loss)) nats at the first step"
    }
  }
}
