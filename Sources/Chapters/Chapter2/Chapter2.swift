// Chapter 2, cell by cell. The prose is in chapters/2-clip.md.

import CLIP
import CLIPTraining
import Images
import Notebook
import Pretrained
import StickerWorld
import TensorCore
import VisionTransformer

/// Pictures meet words: CLIP.
public enum Chapter2: Chapter {
  /// The name of the program.
  public static let name = "chapter2-clip"
  /// The heading of the chapter.
  public static let title = "Pictures meet words: CLIP"
  /// The path of this file.
  public static let source = #filePath

  /// What cells pass on to one another.
  public struct State: ChapterState {
    /// The bundled CLIP.
    let matcher: CaptionMatcher
    /// Chapter 1's encoder, with which the image tower begins.
    let encoder: ViTEncoder
    /// An untrained CLIP.
    let untrained = CaptionMatcher(CLIPRecipe())
    /// The captions of this chapter's pictures.
    let captions = [
      "a red star above a blue house at night", "a blue star above a red house at night",
      "a green tree on the grass", "a small yellow fish in the top left",
      "a big pink mushroom at sunset", "a white penguin wearing a red hat in the snow",
      "a purple boat to the left of an orange ball", "an orange ball to the left of a purple boat",
    ]
    /// A picture for each of them.
    var pictures: [Image] = []
    /// Embeddings of the pictures and of the captions, each [8, E].
    var images = Tensor.zeros([8, 128]), texts = Tensor.zeros([8, 128])

    /// Loads the models. Throws a `CheckpointError` if one cannot be read.
    public init(_ context: Context) throws {
      matcher = try Pretrained.clip()
      encoder = try Pretrained.classifier().encoder
    }
  }

  /// All cells, in the order in which they run.
  public static var cells: [Cell<State>] {
    towerCells + lossCells + growingCells + trainingCells + negativeCells + batchCells + useCells
  }
}
