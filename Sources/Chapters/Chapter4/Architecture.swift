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

  /// What a new token adds to the cache, and what it asks of it.
  static func cacheDrawing() -> Diagram {
    var d = Diagram(
      "A new token and the cache", width: 760, height: 246,
      description:
        "Keys and values of earlier tokens are kept. The new token's query meets all keys, its own "
        + "included, and the weights take a mean of the values.")
    func x(_ i: Int) -> Double { 112 + Double(i) * 76 }
    for (name, y) in [("keys", 62.0), ("values", 176)] {
      d.text(name, x: 16, y: y + 22, size: 13)
      let letter = name == "keys" ? "k" : "v"
      for i in 0..<5 {
        d.box(
          ["\(letter) 1", "\(letter) 2", "\(letter) 3", "…", "\(letter) t"][i],
          x: x(i), y: y, width: 64, height: 34, i < 4 ? 6 : 0, size: 13)
      }
    }
    d.text("weights", x: 16, y: 141, size: 13)
    for i in 0..<5 {
      d.arrow((x(i) + 32, 96), (x(i) + 32, 119))
      d.box(
        ["w 1", "w 2", "w 3", "…", "w t"][i], x: x(i), y: 119, width: 64, height: 34, 2, size: 13)
      d.arrow((x(i) + 32, 153), (x(i) + 32, 176))
    }
    d.box("token t", x: 520, y: 62, width: 90, height: 34, 5, size: 13)
    d.box("q t", x: 520, y: 119, width: 90, height: 34, 0, size: 13)
    d.arrow((565, 96), (565, 119))
    d.arrow((520, 136), (x(4) + 64, 136))
    d.box("mean of the values", x: 520, y: 176, width: 150, height: 34, 1, size: 13)
    d.arrow((x(4) + 64, 193), (520, 193))
    d.text(
      "A softmax over products of q t with the keys that the layer lets it see gives the weights.",
      x: 16, y: 236, size: 13)
    return d
  }
}
