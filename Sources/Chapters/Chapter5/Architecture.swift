// Reranking as a drawing.

import Notebook

extension Chapter5 {
  /// From a caption to many candidates, to their order, to the few that are shown.
  static func architecture() -> Diagram {
    var d = Diagram(
      "Draw many, show few", width: 860, height: 330,
      description:
        "A caption goes into the transformer, whose rows of codes the dVAE turns into 32 "
        + "pictures, and into CLIP's text tower. CLIP's image tower reads the pictures. The cosines "
        + "of both order the candidates, and the first eight are shown. A judge, which took no part "
        + "in this, says which candidates are right.")
    d.box("caption", x: 20, y: 152, width: 90, height: 40, 5)
    d.arrow((110, 162), (150, 112))
    d.arrow((110, 182), (150, 256))

    d.box("transformer\n32 × 256 codes", x: 150, y: 66, width: 140, height: 52, 0)
    d.arrow((290, 92), (316, 92))
    d.box("dVAE\ndecoder", x: 316, y: 66, width: 84, height: 52, 0)
    d.arrow((400, 92), (424, 92))
    addCandidates(&d, x: 428, y: 58) { _ in 5 }
    d.text("32 candidates", x: 492, y: 140, size: 13, isCentred: true)

    d.box("CLIP, text", x: 150, y: 236, width: 140, height: 40, 1)
    d.arrow((290, 256), (428, 256), "[1, E]")
    d.arrow((492, 148), (492, 180))
    d.box("CLIP, pictures", x: 428, y: 180, width: 128, height: 36, 1)
    d.arrow((492, 216), (492, 238), "[32, E]")
    d.box("32 cosines", x: 428, y: 238, width: 128, height: 36, 2)
    d.arrow((556, 256), (620, 256), "sort")

    addCandidates(&d, x: 624, y: 222) { $0 < 8 ? 2 : 5 }
    d.text("in CLIP’s order; the first 8 are shown", x: 688, y: 312, size: 13, isCentred: true)
    d.box("judge\nright or wrong?", x: 690, y: 66, width: 140, height: 52, 3)
    d.line([(556, 92), (690, 92)])
    d.text("for the figures only", x: 760, y: 140, size: 13, isCentred: true)
    return d
  }

  /// Four rows of eight squares, each in the colour of its place.
  private static func addCandidates(
    _ d: inout Diagram, x: Double, y: Double, colour: (_ place: Int) -> Int
  ) {
    for place in 0..<32 {
      d.box(
        "", x: x + 16 * Double(place % 8), y: y + 17 * Double(place / 8), width: 14, height: 14,
        colour(place))
    }
  }
}
