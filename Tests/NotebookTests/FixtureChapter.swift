// A chapter in miniature, as an author would write it, for the tests of the notebook.

import Images
import Notebook
import TensorCore

enum FixtureChapter: Chapter {
  static let name = "chapter9-mini"
  static let title = "Counting: a chapter in miniature"
  static let source = #filePath

  // ANCHOR: state
  final class State: ChapterState {
    var picture: Tensor
    var sum: Float = 0

    init(_ context: Context) throws {
      var random = context.random
      picture = .uniform([1, 3, 4, 4], 0, 1, &random)  // [B, C, H, W]
    }
  }
  // ANCHOR_END: state

  static var cells: [Cell<State>] {
    [
      Cell("look", "Look at the numbers") { state, out in
        // ANCHOR: look
        let red = state.picture.at(0, axis: 1)  // [1, H, W]
        out.show("red", red)
        state.sum = red.sum().item
        out.value("sum", state.sum, .fixed(2))
        // ANCHOR_END: look
        precondition(state.sum > 0)
      },
      Cell("draw", "Draw them") { state, out in
        // ANCHOR: draw
        out.figure("picture", PictureGrid(state.picture), "Sixteen colours")
        out.table(["what", "how much"], [["sum", state.sum], ["count", 16.0]])
        // ANCHOR_END: draw
      },
      Cell(
        "learn", "Learn for long",
        full: FullRun("two seconds") { state, out in
          out.print("learning")
          try out.keep("curve", [2, 1, 0.5 as Float])
        }
      ) { state, out in
        // ANCHOR: learn
        let curve = try out.recorded("curve", as: [Float].self)
        out.value("last", curve[curve.count - 1])
        out.figure("curve", Plot(x: "step", y: "loss", .line("full run", curve)), "It falls")
        // ANCHOR_END: learn
      },
    ]
  }
}
