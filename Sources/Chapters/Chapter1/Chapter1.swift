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
  /// The heading.
  public static let title = "Seeing: the vision transformer"
  /// This file.
  public static let source = #filePath

  /// What cells hand on to one another.
  public struct State: ChapterState {
    /// The caption of the picture that goes through the chapter.
    let caption = "a big orange cat wearing a green hat at night"
    /// The classifier that comes with the book.
    let classifier: AttributeClassifier
    /// The picture, [1, 3, 64, 64] in 0 … 1
    var picture = Tensor.zeros([1, 3, 64, 64])
    /// Its patches, [1, 64, 192]
    var patches = Tensor.zeros([1, 64, 192])
    /// What the classifier noted while it looked at the picture.
    var trace = Trace()

    /// Loads the classifier.
    public init(_ context: Context) throws {
      classifier = try Pretrained.classifier()
    }
  }

  /// The cells in their order.
  public static var cells: [Cell<State>] {
    patchCells + encoderCells + inspectionCells + trainingCells + maskingCells
  }
}
