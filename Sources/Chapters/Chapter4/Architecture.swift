// The stream of tokens as a drawing.

import Notebook

extension Chapter4 {
  /// What is added up for each token, what it may see, and what it has to predict.
  static func architecture() -> Diagram {
    var d = Diagram(
      "A caption and a picture in one row", width: 860, height: 372,
      description:
        "A row of tokens: start, two words, a padding token, then image tokens. Below each word "
        + "its embedding and that of its position; below each image token its embedding and those of its "
        + "row and column. All go through six blocks, and each position predicts the next token.")
    let text = ["start", "a", "star", "pad 2", "…"]
    let image = ["646", "647", "647", "…", "866"]
    let tokens = text + image
    let places = ["0", "1", "2", "3", "…"]
    func x(_ i: Int) -> Double { 106 + Double(i) * 74 }
    let names: [(String, Double)] = [
      ("predicts", 58), ("6 blocks", 122), ("token", 196), ("place, row", 240), ("column", 284),
    ]
    for (name, y) in names {
      d.text(name, x: 16, y: y + 22, size: 13)
    }
    let targets = ["a", "star", "pad 2", "…", "646", "647", "647", "…", "866", ""]
    for (i, token) in tokens.enumerated() {
      let isText = i < text.count
      if !targets[i].isEmpty {
        d.box(targets[i], x: x(i), y: 58, width: 64, height: 32, i < 4 ? 0 : 1, size: 13)
        d.arrow((x(i) + 32, 122), (x(i) + 32, 90))
        d.arrow((x(i) + 32, 196), (x(i) + 32, 158))
      }
      d.box(token, x: x(i), y: 196, width: 64, height: 34, isText ? 0 : 1, size: 13)
      let place = isText ? places[i] : ["row 0", "row 0", "row 0", "…", "row 15"][i - text.count]
      d.box(place, x: x(i), y: 240, width: 64, height: 34, 5, size: 13)
      if !isText {
        let column = ["col. 0", "col. 1", "col. 2", "…", "col. 15"][i - text.count]
        d.box(column, x: x(i), y: 284, width: 64, height: 34, 5, size: 13)
      }
    }
    d.box(
      "row · column · row · row · row · window: an image token sees all words and some tokens before it",
      x: 106, y: 122, width: 730, height: 36, 2, size: 13)
    d.text(
      "Vectors of width D = 192 that stand in one column are added up. The last token is never read, so it predicts",
      x: 16, y: 346, size: 13)
    d.text("nothing; the last text token predicts the first image token.", x: 16, y: 363, size: 13)
    return d
  }
}
