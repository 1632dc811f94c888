// Chapter 8, cell by cell. The prose is in chapters/8-your-pictures.md.

import DiscreteVAE
import EmojiJudge
import Notebook
import Pretrained

/// Pictures that nobody here drew: how many does a thing need?
public enum Chapter8: Chapter {
  /// The name of the program.
  public static let name = "chapter8-your-pictures"
  /// The heading of the chapter.
  public static let title = "Your pictures: how many are enough?"
  /// The path of this file.
  public static let source = #filePath

  /// What cells pass on to one another.
  public struct State: ChapterState {
    /// The discrete VAE of the emoji world.
    let dvae: DiscreteVAE
    /// A network that reads pictures of a hundred emoji.
    let judge: EmojiNet

    /// Loads the models. Throws a `CheckpointError` if one cannot be read.
    public init(_ context: Context) throws {
      dvae = try Pretrained.emojiDVAE()
      judge = try EmojiNet(Pretrained.emojiJudge())
    }
  }

  /// All cells, in the order in which they run.
  public static var cells: [Cell<State>] {
    worldCells + needCells + bindingCells + sharpnessCells + scoreCells + fewCells + clipArtCells
      + paperCells
  }
}
