// Chapter 0, cell by cell. The prose is in chapters/0-map.md.

import Foundation
import Images
import Notebook
import Pretrained
import StickerJudge
import StickerWorld
import TensorCore
import TextToImage

/// The map: what DALL·E was, what this book builds, and what a reader needs to begin.
public enum Chapter0: Chapter {
  /// The name of the program.
  public static let name = "chapter0-map"
  /// The heading of the chapter.
  public static let title = "The map: what DALL·E was, and what you will build"
  /// The path of this file.
  public static let source = #filePath

  // ANCHOR: state
  /// What cells pass on to one another.
  public struct State: ChapterState {
    /// The complete DALL·E, trained.
    let dalle: TextToImage
    /// The caption of this chapter.
    let caption = "a red star above a blue house at night"

    /// Loads the models. Throws a `CheckpointError` if one cannot be read.
    public init(_ context: Context) throws {
      dalle = try Pretrained.dalle()
    }
  }
  // ANCHOR_END: state

  /// All cells, in the order in which they run.
  public static var cells: [Cell<State>] { tourCells + primerCells }

  private static var tourCells: [Cell<State>] {
    [
      Cell("drawing", "A caption in, pictures out") { state, out in
        // ANCHOR: drawing
        let drawn = try state.dalle.draw(state.caption, count: 8, seed: out.seed, .usual)
        let ranked = try state.dalle.ranked(drawn, state.caption)
        out.figure(
          "drawing",
          PictureGrid(
            ranked.map(\.picture), columns: 4,
            labels: ranked.map { String(format: "%.3f", $0.score) }, scale: 3),
          "Eight pictures for “\(state.caption)”, the one that fits best first")
        // ANCHOR_END: drawing
      },
      Cell("kinds", "What the blog showed") { state, out in
        let judge = try JudgeNet(Pretrained.judge())
        // ANCHOR: kinds
        let captions = [
          "a big yellow rocket in the top left at sunset",  // attributes
          "a purple tree to the left of an orange boat on the beach",  // two things, and where
          "a green penguin wearing a blue hat in the snow",  // clothes
          "a red house in the snow",  // a colour that no house of the training pictures has
        ]
        var (pictures, verdicts): ([Image], [String]) = ([], [])
        for caption in captions {
          let drawn = try state.dalle.draw(caption, count: 8, seed: out.seed, .usual)
          let best = try state.dalle.ranked(drawn, caption)[0].picture
          pictures.append(best)
          let claims = judge.judge([best])[0].shows(try Scene(caption: caption)).claims
          let wrong = claims.filter { !$0.isTrue }.map { "\($0.attribute)" }
          verdicts.append(wrong.isEmpty ? "right" : "wrong: " + wrong.joined(separator: ", "))
        }
        out.table(["caption", "what the judge says"], zip(captions, verdicts).map { [$0, $1] })
        // ANCHOR_END: kinds
        out.figure(
          "kinds", PictureGrid(pictures, columns: 4, scale: 3),
          "The best of eight for each of the four captions, in the same order")
      },
      Cell("pipeline", "The whole book in one figure") { _, out in
        out.figure(
          "pipeline", pipeline(),
          "Above, drawing: along the grey arrows. Below, training: what goes into each network, and what it "
            + "learns to tell")
      },
      Cell("stations", "The way of one caption") { state, out in
        // ANCHOR: stations
        let dalle = state.dalle
        let words = try dalle.transformer.ids(state.caption)  // [T], T = 20
        let codes = try dalle.transformer.draw(
          state.caption, candidates: 0..<8, seed: out.seed, .usual)  // [8, N], N = 256
        let grids = IndexTensor(shape: [8, 16, 16], codes.values)  // [8, H/4, W/4]
        let pictures = dalle.dvae.decode(grids)  // [8, C, H, W]
        let scores = try dalle.scores(pictures, state.caption)  // [8]

        out.print("words  " + words.map(String.init).joined(separator: " "))
        out.print("codes  " + codes.values[..<16].map(String.init).joined(separator: " ") + " …")
        out.show("codes", codes)
        out.show("pictures", pictures)
        out.show("scores", Tensor(shape: [1, 8], scores))
        out.value("best", scores.indices.max { scores[$0] < scores[$1] }!)
        // ANCHOR_END: stations
      },
    ]
  }

  /// How the models of the book hang together.
  private static func pipeline() -> Diagram {
    var d = Diagram(
      "From a caption to a picture", width: 860, height: 420,
      description: "A caption becomes text tokens, a transformer adds 256 image tokens, a decoder "
        + "turns them into a picture, and CLIP scores how well it fits. Three trainings stand below."
    )
    // Drawing.
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
    // Training.
    d.group("chapter 3: the discrete VAE", x: 16, y: 196, width: 384, height: 90)
    d.box("picture", x: 32, y: 230, width: 74, height: 40, 5, size: 13)
    d.arrow((106, 250), (128, 250), "", 2)
    d.box("encoder", x: 128, y: 230, width: 74, height: 40, 2, size: 13)
    d.arrow((202, 250), (224, 250), "", 2)
    d.box("codes", x: 224, y: 230, width: 60, height: 40, 5, size: 13)
    d.arrow((284, 250), (306, 250), "", 2)
    d.box("decoder", x: 306, y: 230, width: 78, height: 40, 2, size: 13)
    d.group("chapter 4: the transformer", x: 424, y: 196, width: 418, height: 90)
    d.box("caption’s ids, picture’s codes", x: 440, y: 230, width: 204, height: 40, 5, size: 13)
    d.arrow((644, 250), (672, 250), "", 1)
    d.box("the next of them", x: 672, y: 230, width: 152, height: 40, 1, size: 13)
    d.group("chapters 1 and 2: ViT and CLIP", x: 16, y: 304, width: 384, height: 90)
    d.box("pictures, captions", x: 32, y: 338, width: 130, height: 40, 5, size: 13)
    d.arrow((162, 358), (192, 358), "", 3)
    d.box("which belong together?", x: 192, y: 338, width: 192, height: 40, 3, size: 13)
    d.group("chapter 5: the reranker", x: 424, y: 304, width: 418, height: 90)
    d.box("CLIP, and pictures drawn wrongly", x: 440, y: 338, width: 230, height: 40, 5, size: 13)
    d.arrow((670, 358), (698, 358), "", 3)
    d.box("which is right?", x: 698, y: 338, width: 126, height: 40, 3, size: 13)
    return d
  }
}
