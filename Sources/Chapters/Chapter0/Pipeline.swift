// How the models of the book hang together, as a drawing.

import Notebook

extension Chapter0 {
  /// Drawing from left to right, and below it the four trainings.
  static func pipeline() -> Diagram {
    var d = Diagram(
      "From a caption to a picture", width: 860, height: 420,
      description: "A caption becomes text tokens, a transformer adds 256 image tokens, a decoder "
        + "turns them into a picture, and CLIP scores how well it fits. Four trainings stand below."
    )
    d.box("“a red star\nabove …”", x: 16, y: 70, width: 108, height: 66, 5)
    d.arrow((124, 103), (160, 103))
    d.box("tokenizer", x: 160, y: 70, width: 92, height: 66, 0)
    d.arrow((252, 103), (322, 103), "20 ids")
    d.box("transformer\none token\nafter another", x: 322, y: 64, width: 122, height: 78, 1)
    d.arrow((444, 103), (524, 103), "256 codes")
    d.box("decoder", x: 524, y: 70, width: 92, height: 66, 2)
    d.arrow((616, 103), (690, 103), "picture")
    d.box("CLIP\nhow well\ndoes it fit?", x: 690, y: 64, width: 112, height: 78, 3)
    d.arrow((746, 64), (746, 48))
    d.text("score", x: 728, y: 42, size: 13)

    typealias Part = (text: String, width: Double, colour: Int)
    let trainings: [(title: String, x: Double, y: Double, colour: Int, parts: [Part])] = [
      (
        "chapter 3: the discrete VAE", 16, 196, 2,
        [("picture", 76, 5), ("encoder", 76, 2), ("codes", 56, 5), ("decoder", 76, 2)]
      ),
      (
        "chapter 4: the transformer", 424, 196, 1,
        [("caption’s ids, picture’s codes", 208, 5), ("the next of them", 154, 1)]
      ),
      (
        "chapters 1 and 2: ViT and CLIP", 16, 304, 3,
        [("pictures, captions", 134, 5), ("which belong together?", 194, 3)]
      ),
      (
        "chapter 5: the reranker", 424, 304, 3,
        [("CLIP, and pictures drawn wrongly", 232, 5), ("which is right?", 130, 3)]
      ),
    ]
    for training in trainings {
      d.group(
        training.title, x: training.x, y: training.y, width: training.x < 400 ? 384 : 418,
        height: 90)
      var x = training.x + 16
      for (i, part) in training.parts.enumerated() {
        let y = training.y + 34
        if i > 0 { d.arrow((x - 24, y + 20), (x, y + 20), "", training.colour) }
        d.box(part.text, x: x, y: y, width: part.width, height: 40, part.colour, size: 13)
        x += part.width + 24
      }
    }
    return d
  }
}
