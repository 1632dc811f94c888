// The vision transformer as a drawing.

import Notebook

extension Chapter1 {
  /// The whole network on the left, one of its blocks on the right.
  static func architecture() -> Diagram {
    var d = Diagram(
      "The vision transformer", height: 430,
      description:
        "From the top: a picture is cut into 64 patches, one matrix turns each into a token, a "
        + "class token is set before them, positions are added, six blocks follow, and the class "
        + "token is read by three heads. Beside it one block: norm, attention, sum, norm, two "
        + "layers, sum.")
    let steps: [(text: String, colour: Int, shape: String)] = [
      ("picture", 5, "[B, C, H, W] = [B, 3, 64, 64]"),
      ("patches of 8×8", 5, "[B, N, P·P·C] = [B, 64, 192]"),
      ("one matrix for all: tokens", 0, "[B, N, D] = [B, 64, 128]"),
      ("class token before them, positions added", 0, "[B, 1 + N, D] = [B, 65, 128]"),
      ("6 blocks", 1, "[B, 1 + N, D]"),
      ("norm, class token only", 2, "[B, D]"),
      ("a matrix each: thing, colour, background", 3, "[B, 14], [B, 8], [B, 6]"),
    ]
    for (i, step) in steps.enumerated() {
      let y = 54 + Double(i) * 53
      d.box(step.text, x: 20, y: y, width: 280, height: 34, step.colour, size: 13)
      if i > 0 { d.arrow((160, y - 19), (160, y)) }
      d.text(step.shape, x: 172, y: y + 47, size: 12)
    }
    d.group("one block", x: 430, y: 54, width: 306, height: 340)
    let parts: [(text: String, colour: Int)] = [
      ("layer norm", 2), ("attention: between tokens", 1), ("+", 5), ("layer norm", 2),
      ("D → 4D → D: within each token", 1), ("+", 5),
    ]
    for (i, part) in parts.enumerated() {
      let y = 96 + Double(i) * 49
      let isSum = part.text == "+"
      d.box(
        part.text, x: isSum ? 570 : 478, y: y, width: isSum ? 34 : 240, height: 30, part.colour,
        size: 13)
      if i < parts.count - 1 { d.arrow((587, y + 30), (587, y + 49)) }
    }
    // The stream passes by, and what is computed is added to it.
    d.arrow((587, 72), (587, 96))
    for first in [0, 3] {
      let y = 84 + Double(first) * 49
      let sum = 96 + Double(first + 2) * 49 + 15
      d.line([(587, y), (456, y), (456, sum)])
      d.arrow((456, sum), (570, sum))
    }
    d.arrow((587, 371), (587, 392))
    return d
  }
}
