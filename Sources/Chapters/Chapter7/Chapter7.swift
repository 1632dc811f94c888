// Chapter 7, cell by cell. The prose is in chapters/7-yardsticks.md.

import Chapter5
import DFGAN
import Notebook
import Pretrained
import TensorCore

/// Which yardstick? Seven of them, held against the truth.
public enum Chapter7: Chapter {
  /// The name of the program.
  public static let name = "chapter7-yardsticks"
  /// The heading of the chapter.
  public static let title = "Which yardstick? An audit"
  /// The path of this file.
  public static let source = #filePath

  /// How much the full runs measure.
  enum Effort {
    /// Captions of the audit, one picture each by every model.
    static let captions = 1024
    /// Steps after which a young transformer draws.
    static let youngSteps = [100, 200, 400]
    /// Captions of each way of drawing that is compared, and candidates of each.
    static let (wayCaptions, wayCandidates) = (64, 32)
    /// Groups of captions, each of which is left out once for standard errors.
    static let groups = 8
    /// How often each number of pictures is drawn from all of them.
    static let draws = 40
  }

  /// What cells pass on to one another.
  public struct State: ChapterState {
    /// The bundled models.
    let studio: Studio
    /// The rival of chapter 5.
    let rival: CaptionedGAN

    /// Loads the models. Throws a `CheckpointError` if one cannot be read.
    public init(_ context: Context) throws {
      studio = try Studio()
      rival = try Pretrained.rival()
    }
  }

  /// All cells, in the order in which they run.
  public static var cells: [Cell<State>] {
    yardstickCells + auditCells + correlationCells + neededCells + atomCells + overlapCells
      + teachingCells + sameTimeCells
  }
}
