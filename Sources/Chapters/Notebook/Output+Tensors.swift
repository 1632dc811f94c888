import Checkpoints
import NeuralNetwork
import TensorCore

extension Output {
  /// Shows a tensor: name, shape, smallest, mean and largest value, and below that all numbers of a
  /// vector or matrix of at most 8×8, with labels for rows and columns if given.
  ///
  ///     logits  [2, 3]  min −3.100  mean 0.020  max 5.900
  ///             cat     dog    bird
  ///     a    −3.100   0.201   5.900
  ///     b     1.000  −1.500  −2.381
  ///
  /// Leading axes of size 1 do not count. With `corners` a larger matrix shows its ends, and a
  /// tensor of more axes its first matrix.
  public func show(
    _ name: String, _ tensor: Tensor, rows: [String] = [], columns: [String] = [],
    corners: Bool = false
  ) {
    remember(name, .floats(tensor))
    show(name, tensor.shape, tensor.scalars.map(Double.init), rows, columns, corners)
  }

  /// Shows integers in the same way.
  public func show(
    _ name: String, _ tensor: IndexTensor, rows: [String] = [], columns: [String] = [],
    corners: Bool = false
  ) {
    remember(name, .integers(tensor))
    show(name, tensor.shape, tensor.values.map(Double.init), rows, columns, corners)
  }

  private func show(
    _ name: String, _ shape: [Int], _ numbers: [Double], _ rows: [String], _ columns: [String],
    _ corners: Bool
  ) {
    if shape.isEmpty { return print("\(name)  \(NumberStyle(for: numbers).text(numbers[0]))") }
    var lines = ["\(name)  \(text(shape))" + range(of: numbers)]
    let matrix = Matrix(shape, numbers)
    if matrix.rows > 0 && matrix.columns > 0 && (matrix.isWhole && matrix.isSmall || corners) {
      precondition(
        [0, matrix.rows].contains(rows.count) && [0, matrix.columns].contains(columns.count),
        "\(name) has \(matrix.rows) rows and \(matrix.columns) columns, got labels for "
          + "\(rows.count) and \(columns.count)")
      lines += matrix.lines(rows, columns)
    }
    say(.text(lines))
  }

  private func range(of numbers: [Double]) -> String {
    guard let first = numbers.first else { return "  empty" }
    var (low, high, sum) = (first, first, 0.0)
    for number in numbers {
      // NaN shows in all three.
      low = number.isNaN || number < low ? number : low
      high = number.isNaN || number > high ? number : high
      sum += number
    }
    let style = NumberStyle(for: [low, high])
    let mean = sum / Double(numbers.count)
    let meanStyle = style == .whole ? NumberStyle(for: [mean]) : style
    return "  min \(style.text(low))  mean \(meanStyle.text(mean))  max \(style.text(high))"
  }

  /// Shows a matrix of at most 32 columns as shades, each with its number. The darkest shade
  /// is the largest value, the lightest the smallest, unless `range` gives other limits.
  public func heatMap(
    _ name: String, _ matrix: Tensor, rows: [String] = [], columns: [String] = [],
    range: ClosedRange<Float>? = nil
  ) {
    remember(name, .floats(matrix))
    let m = Matrix(matrix.shape, matrix.scalars.map(Double.init))
    precondition(
      m.isWhole && m.rows > 0 && (1...32).contains(m.columns) && m.numbers.allSatisfy(\.isFinite),
      "a heat map shows a finite matrix of at most 32 columns, \(name) is \(matrix.shape)")
    precondition(
      [0, m.rows].contains(rows.count) && [0, m.columns].contains(columns.count),
      "\(name) is \(matrix.shape), got labels for \(rows.count) rows, \(columns.count) columns")
    let low = range.map { Double($0.lowerBound) } ?? m.numbers.min() ?? 0
    let high = range.map { Double($0.upperBound) } ?? m.numbers.max() ?? 0
    let shades = Array(" ░▒▓█")
    let style = NumberStyle(for: m.numbers, digits: 3)
    var cells = m.numbers.map { number in
      let place = high > low ? (number - low) / (high - low) : 0
      let shade = shades[min(max(Int(place * 5), 0), 4)]
      return "\(shade)\(shade)\(style.text(number))"
    }
    // The numbers are aligned, so the shades must be, too.
    let width = cells.map(\.count).max() ?? 0
    cells = cells.map { cell in
      cell.prefix(2) + String(repeating: " ", count: width + 1 - cell.count) + cell.dropFirst(2)
    }
    var table = (0..<m.rows).map { row in
      (rows.isEmpty ? [] : [rows[row]]) + cells[row * m.columns..<(row + 1) * m.columns]
    }
    if !columns.isEmpty { table.insert((rows.isEmpty ? [] : [""]) + columns, at: 0) }
    let labels = rows.isEmpty ? [] : [false]
    let toTheRight = labels + Array(repeating: true, count: m.columns)
    say(.text([name] + aligned(table, toTheRight: toTheRight)))
  }

  /// Prints the shapes along the way through a model, a line for each tensor with its number of
  /// values.
  ///
  ///       image    [1, 3, 64, 64]  12,288
  ///     → patches  [1, 64, 192]    12,288
  public func ledger(_ steps: KeyValuePairs<String, Tensor>) {
    ledger(steps.map { ($0.key, $0.value) })
  }

  /// Prints the shapes in a trace of a model; with `only`, those of these names.
  public func ledger(_ trace: Trace, only names: [String]? = nil) {
    for name in names ?? [] {
      precondition(trace[name] != nil, "the trace has nothing called \(name)")
    }
    ledger(
      trace.entries.filter { names?.contains($0.name) ?? true }.map { ($0.name, $0.tensor) })
  }

  private func ledger(_ steps: [(name: String, tensor: Tensor)]) {
    for (name, tensor) in steps { remember(name, .floats(tensor)) }
    let rows = steps.enumerated().map { i, step in
      [(i == 0 ? "  " : "→ ") + step.name, text(step.tensor.shape), grouped(step.tensor.count)]
    }
    say(.text(aligned(rows, toTheRight: [false, false, true])))
  }

  /// Compares two tensors of one shape and prints whether they are equal, close or different, and
  /// by how much. Close is |a − b| ≤ atol + rtol · |b| everywhere.
  @discardableResult
  public func compare(
    _ name: String, _ a: Tensor, _ b: Tensor, atol: Float = 1e-5, rtol: Float = 1e-4
  ) -> Bool {
    guard a.shape == b.shape else {
      print("\(name)  different shapes, \(text(a.shape)) and \(text(b.shape))")
      return false
    }
    let (x, y) = (a.scalars, b.scalars)
    let differences = zip(x, y).map { $0 == $1 ? 0 : abs($0 - $1) }
    let worst = differences.contains(where: \.isNaN) ? Float.nan : differences.max() ?? 0
    let isClose = zip(differences, y).allSatisfy { $0 <= atol + rtol * abs($1) }
    let verdict = worst == 0 ? "exactly equal" : isClose ? "close" : "different"
    let size = NumberStyle.scientific(1).text(Double(worst))
    print("\(name)  \(verdict)" + (worst == 0 ? "" : ", max |Δ| \(size)"))
    return isClose
  }
}

/// A tensor as rows and columns of numbers: leading axes of size 1 do not count, and of a
/// tensor with more axes it is the first matrix.
private struct Matrix {
  let rows, columns: Int
  let numbers: [Double]
  /// Whether this is all of the tensor.
  let isWhole: Bool

  init(_ shape: [Int], _ all: [Double]) {
    let sizes = shape.suffix(2)
    rows = sizes.count == 2 ? sizes[sizes.startIndex] : 1
    columns = sizes.last ?? 1
    numbers = Array(all.prefix(rows * columns))
    isWhole = all.count == numbers.count
  }

  var isSmall: Bool { rows <= 8 && columns <= 8 }

  func lines(_ rowLabels: [String], _ columnLabels: [String]) -> [String] {
    let (down, across) = (Self.ends(of: rows), Self.ends(of: columns))
    let style = NumberStyle(
      for: down.flatMap { i in across.map { i < 0 || $0 < 0 ? 0 : numbers[i * columns + $0] } })
    var table = down.map { i in
      (rowLabels.isEmpty ? [] : [i < 0 ? "⋮" : rowLabels[i]])
        + across.map { j in
          i < 0 ? (j < 0 ? "" : "⋮") : j < 0 ? "…" : style.text(numbers[i * columns + j])
        }
    }
    if !columnLabels.isEmpty {
      let labels = across.map { $0 < 0 ? "…" : columnLabels[$0] }
      table.insert((rowLabels.isEmpty ? [] : [""]) + labels, at: 0)
    }
    let labelColumn = rowLabels.isEmpty ? [] : [false]
    return aligned(
      table, toTheRight: labelColumn + Array(repeating: true, count: across.count)
    ).map { "  " + $0 }
  }

  /// All indices of a short axis; of a long one both ends with -1 between them.
  private static func ends(of count: Int) -> [Int] {
    count <= 8 ? Array(0..<count) : [0, 1, 2, -1, count - 3, count - 2, count - 1]
  }
}
