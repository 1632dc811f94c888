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
  /// The heading of the chapter.
  public static let title = "Drawing token by token: sparse attention"
  /// The path of this file.
  public static let source = #filePath

  /// What cells pass on to one another.
  public struct State: ChapterState {
    /// The bundled transformer and dVAE, ready to draw.
    let painter: Painter
    /// The caption used throughout the chapter.
    let caption = "a red star above a blue house at night"
    /// Its text ids, [1, T]
    let text: IndexTensor
    /// A sticker-world picture of it, [1, 3, 64, 64] in 0 … 1
    let picture: Tensor
    /// The picture's codes, [1, N]
    let codes: IndexTensor
    /// The codes of a picture that the model drew itself, [1, N]
    var drawn = IndexTensor(shape: [1, 0], [])
    /// What the model noted while it read them.
    var trace = Trace()

    /// Which of pictures [n, 3, 64, 64] show the caption.
    func marks(_ pictures: Tensor) throws -> [PictureMark] {
      try Judges().marks(pictures, Array(repeating: caption, count: pictures.shape[0]))
    }

    var model: DALLE { painter.transformer.model }
    var decoder: DALLEDecoder { painter.decoder }

    /// Loads the models. Throws a `CheckpointError` if one cannot be read.
    public init(_ context: Context) throws {
      painter = try Painter()
      let scene = try Scene(caption: caption)
      text = try painter.ids([caption])
      picture = Tensor([scene.render(Layout(for: scene, seed: context.seed), size: 64)])
      codes = painter.encode(picture)
    }
  }

  /// All cells, in the order in which they run.
  public static var cells: [Cell<State>] {
    streamCells + maskCells + lossCells + growingCells + trainingCells + lookingCells
      + drawingCells + measuringCells
  }
}
