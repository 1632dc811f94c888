// The report for people.

import Foundation

extension EvaluationReport: CustomStringConvertible {
  /// The report as a table: parts of the data set side by side, shares in per cent, standard errors
  /// after ±.
  public var description: String {
    let most = settings.bestOf.last ?? settings.candidates
    let judged = Way.all(bestOf: settings.bestOf)
    var blocks = [
      block("caption match, %", \.captionMatch, judged, Style(scale: 100, digits: 1))
    ]
    for aspect in Aspect.allCases {
      let ways: [Way] = [.real, .reconstructions, .rival, .meanOfSamples, .bestOf(most)]
      blocks.append(
        block(
          "\(aspect.rawValue) alone, %", \.[aspect], ways,
          Style(scale: 100, digits: 1)))
    }
    blocks += [
      block("CLIP score", \.clipScore, judged, Style(scale: 1, digits: 4)),
      block("Fréchet distance", \.frechetDistance, judged, Style(scale: 1, digits: 2)),
      block("Inception Score", \.inceptionScore, judged, Style(scale: 1, digits: 2)),
    ]
    for (question, title) in [("realism", "more realistic"), ("match", "a better match")] {
      blocks.append(voteBlock(question, "\(title), best of \(most) against the rival, %"))
    }
    let rows = [[""] + parts.map { $0.replacing("_", with: " ") }] + blocks.flatMap { $0 }
    return Self.aligned(rows) + "\n" + footing
  }

  /// The number format of a measure.
  private struct Style {
    let scale: Double
    let digits: Int

    func text(_ value: Double) -> String { String(format: "%.\(digits)f", scale * value) }
  }

  /// The parts, in the order of their columns.
  private var parts: [String] {
    (settings.splits.map(\.name) + [Self.heldOut]).filter { captions[$0] != nil }
  }

  private var footing: String {
    let counts = parts.map { "\($0.replacing("_", with: " ")) \(captions[$0] ?? 0)" }
    return "captions: \(counts.joined(separator: ", ")); \(settings.candidates) candidates each, "
      + "seed \(settings.seed)"
  }

  /// A heading, and a row for each way that was measured; empty if none was.
  private func block(
    _ title: String, _ table: KeyPath<EvaluationMeasures, EvaluationTable>, _ ways: [Way],
    _ style: Style
  ) -> [[String]] {
    let values = measures[keyPath: table]
    let errors = standardErrors[keyPath: table]
    let rows = ways.compactMap { way -> [String]? in
      let cells = parts.map { part -> String in
        guard let value = values[part]?[way.key] else { return "" }
        let error = errors[part]?[way.key].map { " ± " + style.text($0) } ?? ""
        return style.text(value) + error
      }
      return cells.allSatisfy(\.isEmpty) ? nil : ["  " + way.title] + cells
    }
    return rows.isEmpty ? [] : [[title]] + rows
  }

  /// A heading, and a row for each answer to a question; empty if it was not asked.
  private func voteBlock(_ question: String, _ title: String) -> [[String]] {
    let answers = parts.compactMap { votes[$0]?[question] }
    guard answers.count == parts.count, let voters = answers.first.map({ $0.histogram.count - 1 })
    else { return [] }
    func row(_ title: String, _ value: (VoteShares) -> String) -> [String] {
      ["  " + title] + answers.map(value)
    }
    func percent(_ share: Double) -> String { String(format: "%.1f", 100 * share) }
    return [[title]] + [
      row("best of \(settings.bestOf.last ?? settings.candidates)") {
        percent($0.ours) + " ± " + percent($0.standardError)
      },
      row("rival") { percent($0.rival) }, row("neither") { percent($0.neither) },
      row("captions by votes, 0 … \(voters) of \(voters)") {
        $0.histogram.map(String.init).joined(separator: " ")
      },
    ]
  }

  /// Rows of cells as lines: the first column aligned left, the others right.
  package static func aligned(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + space : space + cell.0
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }
}
