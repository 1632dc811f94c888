// Chapter 5, cell by cell. The prose is in chapters/5-reranking.md.

import DFGAN
import Evaluation
import Notebook
import Pretrained
import StickerWorld
import TensorCore

/// Reranking: drawing many, choosing the best, and knowing how good it is.
public enum Chapter5: Chapter {
  /// The name of the program.
  public static let name = "chapter5-reranking"
  /// The heading of the chapter.
  public static let title = "Drawing many, choosing one: reranking"
  /// The path of this file.
  public static let source = #filePath

  /// How much the full runs measure: the only place to change for better figures or less time.
  /// Cells read from the recorded data how many there were.
  package enum Effort {
    /// Captions of the figure with the best of 1, 8, 64 and 512, at most four, and candidates of
    /// each.
    static let (shownCaptions, shown) = (4, 512)
    /// Validation captions, and candidates of each.
    static let (captions, candidates) = (256, 32)
    /// Captions of validation and of each held-out split, and candidates of each.
    static let (splitCaptions, splitCandidates) = (64, 8)
    /// Captions on which referees vote, and candidates of each.
    static let (voteCaptions, voteCandidates) = (1000, 8)
    /// Real pictures that drawn ones are compared with.
    static let real = 1024

    /// How long a full run takes: two cores draw about 44 streams of tokens a second, and a guided
    /// picture needs two.
    package static func time(streams: Int) -> String {
      let minutes = (streams + 44 * 60 - 1) / (44 * 60)
      return minutes == 1 ? "about a minute on two cores" : "about \(minutes) minutes on two cores"
    }
  }

  /// What cells pass on to one another.
  public struct State: ChapterState {
    /// The bundled models.
    let studio: Studio
    /// The rival of the vote.
    let rival: CaptionedGAN
    /// The caption used throughout the chapter.
    let caption = "an orange cat wearing a green hat at sunset"
    /// The scene that it describes.
    let scene: Scene
    /// What CLIP and the judge say about them.
    var judged: JudgedCaption
    /// What chapter 1's classifier sees in real pictures: features [n, D] and things [n, 14].
    var real: (features: Tensor, things: Tensor) = (.zeros([0]), .zeros([0]))

    /// Loads the models. Throws a `CheckpointError` if one cannot be read.
    public init(_ context: Context) throws {
      studio = try Studio()
      rival = try Pretrained.rival()
      scene = try Scene(caption: caption)
      judged = JudgedCaption(caption, scores: [], [])
    }
  }

  /// All cells, in the order in which they run.
  public static var cells: [Cell<State>] {
    choosingCells + judgeCells + worthCells + distanceCells + sweepCells + fooledCells + rivalCells
      + voteCells + compositionCells
  }
}
