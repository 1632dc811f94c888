// Chapter 3, cell by cell. The prose is in chapters/3-dvae.md.

import DiscreteVAE
import Notebook
import Pretrained
import StickerWorld
import TensorCore

/// Pictures become tokens: the discrete VAE.
public enum Chapter3: Chapter {
  /// The name of the program.
  public static let name = "chapter3-dvae"
  /// The heading of the chapter.
  public static let title = "Pictures become tokens: the discrete VAE"
  /// The path of this file.
  public static let source = #filePath

  /// What cells pass on to one another.
  public struct State: ChapterState {
    /// The bundled dVAE.
    let dvae: DiscreteVAE
    /// A model small enough to enumerate: 2 captions, 4 codes, 6 pictures.
    let toy: EnumerableModel
    /// The picture used throughout the chapter, [1, 3, 64, 64] in 0 … 1
    let picture: Tensor
    /// 1,024 squares that stand for all, [K, 48]
    var centres = Tensor.zeros([0])
    /// Its tokens, [1, 16, 16]
    var tokens = IndexTensor(shape: [1, 0, 0], [])
    /// Validation pictures, [256, 3, 64, 64] in 0 … 1
    var pictures = Tensor.zeros([0])

    /// Loads the model. Throws a `CheckpointError` if it cannot be read.
    public init(_ context: Context) throws {
      dvae = try Pretrained.dVAE()
      var random = context.random.split("toy")
      toy = EnumerableModel(captions: 2, codes: 4, pictures: 6, using: &random)
      let scene = try Scene(caption: "a red star above a blue house at night")
      picture = Tensor([scene.render(Layout(for: scene, seed: context.seed), size: 64)])
    }
  }

  /// All cells, in the order in which they run.
  public static var cells: [Cell<State>] {
    growingCells + boundCells + gumbelCells + networkCells + codebookCells + trainingCells
      + useCells
  }
}
