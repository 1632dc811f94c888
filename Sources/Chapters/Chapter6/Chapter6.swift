// Chapter 6, cell by cell. The prose is in chapters/6-at-scale.md.

import Chapter4
import MixedPrecision
import Notebook
import TensorCore

/// Training at scale: sixteen bits, many machines, little memory.
public enum Chapter6: Chapter {
  /// The name of the program.
  public static let name = "chapter6-at-scale"
  /// The heading of the chapter.
  public static let title = "Training at scale: sixteen bits, many machines"
  /// The path of this file.
  public static let source = #filePath

  /// What cells pass on to one another.
  public struct State: ChapterState {
    /// The bundled transformer and dVAE of chapter 4.
    let painter: Painter
    /// Gradients of the trained transformer, in the order of its parameters.
    var gradients: [(name: String, tensor: Tensor)] = []
    /// The gradients of its activations, of each resblock.
    var resblocks: [ResblockGradients] = []

    /// Loads the models. Throws a `CheckpointError` if one cannot be read.
    public init(_ context: Context) throws {
      painter = try Painter()
    }
  }

  /// All cells, in the order in which they run.
  public static var cells: [Cell<State>] {
    filterCells + formatCells + gradientCells + memoryCells
      + sharingCells + rankCells + linkCells
  }
}
