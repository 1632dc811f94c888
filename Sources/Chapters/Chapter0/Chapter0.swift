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
      Cell("world", "What DALL·E was", isAside: true) { _, out in
        // ANCHOR: world
        let samples = (0..<12).map { StickerWorld.sample(.train, seed: out.seed, index: $0) }
        let world = StickerWorld.render(samples.map { ($0.scene, $0.layout) })
        // ANCHOR_END: world
        out.figure(
          "world", PictureGrid(world, columns: 6, labels: samples.map(\.caption), scale: 2),
          "Twelve pictures of sticker world for training, with their captions")
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
          "kinds",
          PictureGrid(
            pictures, columns: 4, marks: verdicts.map { PictureMark(isRight: $0 == "right") },
            scale: 3),
          "The best of eight for each of the four captions, in the same order, with the judge's mark"
        )
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
}
