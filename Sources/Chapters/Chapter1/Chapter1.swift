// Chapter 1, cell by cell. The prose is in chapters/1-vit.md.

import ClassifierTraining
import Images
import NeuralNetwork
import Notebook
import Pretrained
import StickerWorld
import TensorCore
import VisionTransformer

/// Seeing: the vision transformer.
public enum Chapter1: Chapter {
  /// The name of the program.
  public static let name = "chapter1-vit"
  /// The heading of the chapter.
  public static let title = "Seeing: the vision transformer"
  /// The path of this file.
  public static let source = #filePath

  /// What cells pass on to one another.
  public struct State: ChapterState {
    /// The caption of the picture used throughout the chapter.
    let caption = "a big orange cat wearing a green hat at night"
    /// The bundled classifier.
    let classifier: AttributeClassifier
    /// The picture, [1, 3, 64, 64] in 0 … 1
    var picture = Tensor.zeros([1, 3, 64, 64])
    /// Its patches, [1, 64, 192]
    var patches = Tensor.zeros([1, 64, 192])
    /// What the classifier noted while it looked at the picture.
    var trace = Trace()

    /// Loads the classifier. Throws a `CheckpointError` if it cannot be read.
    public init(_ context: Context) throws {
      classifier = try Pretrained.classifier()
    }
  }

  /// All cells, in the order in which they run.
  public static var cells: [Cell<State>] {
    patchCells + encoderCells + inspectionCells + stepCells + growingCells + trainingCells
      + maskingCells
  }
}
