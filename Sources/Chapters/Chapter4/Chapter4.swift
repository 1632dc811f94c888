// Chapter 4, cell by cell. The prose is in chapters/4-sparse-attention.md.

import DALLE
import DALLETraining
import DiscreteVAE
import NeuralNetwork
import Notebook
import Pretrained
import StickerWorld
import TensorCore

/// Sparse-attention decoding: the transformer that draws.
public enum Chapter4: Chapter {
  /// The name of the program.
  public static let name = "chapter4-sparse-attention"
  /// The heading.
  public static let title = "Drawing token by token: sparse attention"
  /// This file.
  public static let source = #filePath

  /// What cells hand on to one another.
  public struct State: ChapterState {
    /// The transformer, its decoder and the dVAE that come with the book.
    let painter: Painter
    /// The caption that goes through the chapter.
    let caption = "a red star above a blue house at night"
    /// Its text ids, [1, T]
    let text: IndexTensor
    /// A picture of it from sticker world, [1, 3, 64, 64] in 0 … 1
    let picture: Tensor
    /// The picture's codes, [1, N]
    let codes: IndexTensor
    /// The codes of a picture that the model drew itself, [1, N]
    var drawn = IndexTensor(shape: [1, 0], [])
    /// What the model noted when it read them.
    var trace = Trace()

    var model: DALLE { painter.transformer.model }
    var decoder: DALLEDecoder { painter.decoder }

    /// Loads the models.
    public init(_ context: Context) throws {
      painter = try Painter()
      let scene = try Scene(caption: caption)
      text = try painter.ids([caption])
      picture = Tensor([scene.render(Layout(for: scene, seed: context.seed), size: 64)])
      codes = painter.encode(picture)
    }
  }

  /// The cells in their order.
  public static var cells: [Cell<State>] {
    streamCells + maskCells + lossCells + trainingCells + lookingCells + drawingCells
      + measuringCells
  }
}
