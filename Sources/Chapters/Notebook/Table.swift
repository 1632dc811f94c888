/// A value in a table: text, or a number, whose format depends on its column.
public protocol TableValue {
  /// The number, if it is one.
  var number: Double? { get }
  /// The text, if it is not a number.
  var text: String { get }
}

extension String: TableValue {
  /// Nil: text is shown as it is.
  public var number: Double? { nil }
  /// The text itself.
  public var text: String { self }
}
extension Int: TableValue {
  /// Nil: a whole number is shown with all of its digits.
  public var number: Double? { nil }
  /// The digits.
  public var text: String { (self < 0 ? "−" : "") + grouped(Swift.abs(self)) }
}
extension Double: TableValue {
  /// The number itself.
  public var number: Double? { self }
  /// The number with four digits.
  public var text: String { NumberStyle(for: [self]).text(self) }
}
extension Float: TableValue {
  /// The number itself.
  public var number: Double? { Double(self) }
  /// The number with four digits.
  public var text: String { Double(self).text }
}

/// Headers and rows of text.
public struct Table: Codable, Equatable, Sendable {
  /// A header for each column.
  public let headers: [String]
  /// The rows, each as long as `headers`.
  public let rows: [[String]]

  /// A table; the numbers of a column get the same number of decimals.
  public init(_ headers: [String], _ rows: [[any TableValue]]) {
    for row in rows {
      precondition(
        row.count == headers.count,
        "a row of \(row.count) cells does not fit a table of \(headers.count) columns: \(row)")
    }
    let styles = headers.indices.map { column in
      NumberStyle(for: rows.compactMap { $0[column].number })
    }
    self.headers = headers
    self.rows = rows.map { row in
      zip(row, styles).map { value, style in value.number.map(style.text) ?? value.text }
    }
  }

  /// The lines of the table; columns of numbers are aligned to the right.
  var lines: [String] {
    let isNumeric = headers.indices.map { column in
      let cells = rows.map { $0[column] }.filter { !$0.isEmpty }
      return !cells.isEmpty
        && cells.allSatisfy { $0.contains(#/^[−+-]?([0-9.]\S*|nan|∞)( \S+)?$/#) }
    }
    var lines = aligned([headers] + rows, toTheRight: isNumeric)
    let width = lines.map(\.count).max() ?? 0
    lines.insert(String(repeating: "─", count: width), at: 1)
    return lines
  }
}

/// Rows of cells as lines: columns two spaces apart, each as wide as its widest cell.
func aligned(_ rows: [[String]], toTheRight: [Bool]) -> [String] {
  let widths = toTheRight.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    let cells = toTheRight.indices.map { column in
      let padding = String(repeating: " ", count: widths[column] - row[column].count)
      return toTheRight[column] ? padding + row[column] : row[column] + padding
    }
    var line = cells.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
