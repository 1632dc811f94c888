// The discrete VAE as a drawing.

import Notebook

extension Chapter3 {
  /// Encoder, codes and decoder with their shapes, and what each stage of training changes.
  static func architecture() -> Diagram {
    var d = Diagram(
      "The discrete VAE and its four stages", width: 860, height: 372,
      description:
        "A picture goes through an encoder to logits over 1,024 codes at each of 16 by 16 "
        + "places, to codes, and through a decoder back to a picture. Below, four stages of training: "
        + "twelve continuous numbers, clusters of them as codes, the bound, the decoder alone.")
    let parts: [(text: String, x: Double, width: Double, colour: Int)] = [
      ("picture", 16, 84, 5), ("encoder", 176, 104, 0), ("logits", 360, 84, 5),
      ("codes", 524, 84, 3),
      ("decoder", 676, 104, 2),
    ]
    let shapes = ["[64, 64, 3]", "[16, 16, K]", "+ noise", "[16, 16]"]
    for (i, part) in parts.enumerated() {
      d.box(part.text, x: part.x, y: 62, width: part.width, height: 44, part.colour)
      if i > 0 {
        let from = parts[i - 1].x + parts[i - 1].width
        d.arrow((from, 84), (part.x, 84), shapes[i - 1])
      }
    }
    d.arrow((780, 84), (846, 84), "μ, ln b")
    d.text(
      "K = 1,024. In training codes are softmaxes with temperature τ, in use the largest.", x: 116,
      y: 132,
      size: 13)

    let stages: [(name: String, encoder: String, middle: String, decoder: String, learns: [Int])] =
      [
        ("1. warm-up", "encoder", "12 numbers a place, with noise", "decoder", [0, 2]),
        (
          "2. codes", "last layer: near which centre?", "1,024 centres by k-means",
          "first layer: the centre", []
        ),
        ("3. bound", "encoder", "soft codes, τ falls", "decoder", [0, 2]),
        ("4. decoder", "encoder", "hard codes", "decoder", [2]),
      ]
    for (i, stage) in stages.enumerated() {
      let y = 160 + Double(i) * 48
      d.text(stage.name, x: 16, y: y + 21, size: 14)
      d.box(
        stage.encoder, x: 116, y: y, width: 212, height: 34, stage.learns.contains(0) ? 0 : 5,
        size: 13)
      d.arrow((328, y + 17), (356, y + 17))
      d.box(stage.middle, x: 356, y: y, width: 236, height: 34, i == 0 ? 5 : 3, size: 13)
      d.arrow((592, y + 17), (620, y + 17))
      d.box(
        stage.decoder, x: 620, y: y, width: 190, height: 34, stage.learns.contains(2) ? 2 : 5,
        size: 13)
    }
    d.text(
      "Blue and green parts learn in that stage; yellow ones are held, or computed.", x: 116,
      y: 364, size: 13)
    return d
  }
}
