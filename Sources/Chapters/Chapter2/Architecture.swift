// CLIP as a drawing.

import Notebook

extension Chapter2 {
  /// Two towers, and the matrix of their cosines with hard negatives beside it.
  static func architecture() -> Diagram {
    var d = Diagram(
      "Two towers and their questions", width: 860, height: 400,
      description: "Left: pictures go through a vision transformer and captions through a text "
        + "transformer, both end as vectors of length 1 in one space. Right: a matrix of four "
        + "pictures by four captions whose diagonal is marked, and three columns of hard negatives "
        + "beside it. Rows ask which caption belongs to a picture, columns which picture to a caption."
    )
    addTowers(&d)
    addQuestions(&d)
    return d
  }

  private static func addTowers(_ d: inout Diagram) {
    let towers: [(x: Double, colour: Int, steps: [String])] = [
      (
        20, 0,
        [
          "pictures [n, 3, 64, 64]", "patches, class token", "6 blocks", "class token’s state",
          "matrix, length 1",
        ]
      ),
      (
        196, 1,
        [
          "captions [n, T]", "tokens, places", "3 blocks, looking back", "end token’s state",
          "matrix, length 1",
        ]
      ),
    ]
    for tower in towers {
      for (i, step) in tower.steps.enumerated() {
        let y = 56 + Double(i) * 56
        d.box(step, x: tower.x, y: y, width: 160, height: 34, i == 0 ? 5 : tower.colour, size: 13)
        if i > 0 { d.arrow((tower.x + 80, y - 22), (tower.x + 80, y)) }
      }
      d.arrow((tower.x + 80, 314), (tower.x + 80, 344))
    }
    d.text("[n, E]", x: 108, y: 334, size: 13)
    d.text("[n, E]", x: 284, y: 334, size: 13)
    d.box("cosines × scale: logits [n, n]", x: 20, y: 344, width: 336, height: 34, 2, size: 13)
  }

  private static func addQuestions(_ d: inout Diagram) {
    let (left, top, cell) = (500.0, 96.0, 36.0)
    d.text("captions", x: left + 2 * cell, y: top - 26, size: 13, isCentred: true)
    d.text("hard negatives", x: left + 5.7 * cell, y: top - 26, size: 13, isCentred: true)
    d.text("pictures", x: left - 84, y: top + 2 * cell + 4, size: 13)
    for row in 0..<4 {
      for column in 0..<4 {
        d.box(
          row == column ? "✓" : "", x: left + Double(column) * cell, y: top + Double(row) * cell,
          width: cell - 3, height: cell - 3, row == column ? 2 : 5, size: 13)
      }
      for column in 0..<3 {
        d.box(
          "", x: left + (4.2 + Double(column)) * cell, y: top + Double(row) * cell,
          width: cell - 3, height: cell - 3, 3)
      }
    }
    d.arrow((left, top + 4 * cell + 18), (left + 7.2 * cell, top + 4 * cell + 18), "", 1)
    d.text(
      "a row: which caption belongs to this picture?", x: left, y: top + 4 * cell + 40, size: 13)
    d.arrow((left - 14, top), (left - 14, top + 4 * cell), "", 0)
    d.text(
      "a column: which picture belongs to this caption?", x: left, y: top + 4 * cell + 64, size: 13)
    d.text(
      "(hard negatives are never right, and ask nothing)", x: left, y: top + 4 * cell + 88, size: 13
    )
  }
}
