import TensorCore

/// A chapter of the book: code that runs, cell by cell, beside the Markdown that explains it.
///
/// A chapter has four parts that always agree, because tests compare them:
///
/// | part | where | written by |
/// |---|---|---|
/// | cells | `Sources/Chapters/Chapter1/*.swift` | you |
/// | prose | `chapters/1-vit.md` | you; fences and figure lines are filled in |
/// | record | `chapters/outputs/chapter1-vit.json` | `make chapters` |
/// | figures | `figures/chapter1/NAME.svg` | `make chapters` |
///
/// The cells:
///
///     public enum Chapter1: Chapter {
///       public static let name = "chapter1-vit"
///       public static let title = "Seeing: the vision transformer"
///       public static let source = #filePath
///
///       public struct State: ChapterState {
///         var picture: Tensor
///         public init(_ context: Context) throws {
///           var random = context.random
///           picture = .uniform([1, 3, 64, 64], 0, 1, &random)  // [B, C, H, W]
///         }
///       }
///
///       public static var cells: [Cell<State>] {
///         [
///           Cell("patches", "Cut the picture into patches") { state, out in
///             // ANCHOR: patches
///             let patches = patchify(state.picture, patch: 8)  // [B, N, P·P·C]
///             out.show("patches", patches)
///             // ANCHOR_END: patches
///           }
///         ]
///       }
///     }
///
/// The book shows the code between the anchors; the rest of a cell runs without being shown. An
/// anchor may be in any file of the chapter's folder, also around a helper function or the state,
/// and is named once in the Markdown. Cells run in order and pass things on in the state.
///
/// The Markdown names what it wants, and `make chapters` puts it there; prose is never touched:
///
///     <!-- cell: patches -->                        the code between the anchors
///     <!-- output: patches -->                      what the cell printed, as text
///     <!-- figure: grid alt="The picture as 64 tiles with gaps" -->
///     <!-- code: Sources/Models/VisionTransformer/Patches.swift "public func patchify(" -->
///     A patch has <!-- value: patches.length --><!-- /value --> numbers.
///
/// `code` shows a declaration of the project: the one whose first line begins with that text.
/// Formulas go between `$` or `$$`. Captions of figures are Markdown.
///
/// The program is three lines, `Sources/Chapters/chapter1-vit/main.swift`:
///
///     import Chapter1
///
///     Chapter1.main()
///
/// and `Package.swift` has one more: `chapter(1, "vit", "VisionTransformer")`. The list in
/// `Tests/ChapterTests` names the chapter, so that `SyncCheck` compares its parts.
///
/// A chapter must print the same on every run: draw random numbers from `out.random` only, never
/// iterate over a dictionary, and print no times.
public protocol Chapter: SendableMetatype {
  /// What cells pass on to later ones.
  associatedtype State: ChapterState

  /// The chapter's and its program's name: "chapter", a number, a dash, a word.
  static var name: String { get }
  /// The heading of the chapter.
  static var title: String { get }
  /// Where the cells are written: `#filePath`. All Swift files of that folder may have anchors.
  static var source: String { get }
  /// The cells in the order in which they run. A computed property.
  static var cells: [Cell<State>] { get }
}

/// What the cells of a chapter pass on to each other: a struct or a class.
public protocol ChapterState {
  /// The state before the first cell. Load checkpoints here; do nothing that takes long.
  ///
  /// Throws what loading the checkpoints throws.
  init(_ context: Context) throws
}

/// What a state may use when it is made.
public struct Context {
  /// The seed of the run; 1 unless the reader gives another one.
  public let seed: UInt64
  /// Random numbers for the state; cells have their own.
  public let random: Random
}

/// A step of a chapter: a name, a title and the code.
///
/// Names consist of letters, digits, dashes and underscores. The cell's random numbers,
/// `out.random`, depend on the seed and its name only, so that a new cell changes nothing in
/// the cells after it.
///
/// A run without flags must finish within a minute and a half and must not need the network. A
/// cell with more to do has a full run as well, for `--train`:
///
///     Cell(
///       "training", "Learn from 20,000 pictures",
///       full: FullRun("about 25 minutes on two cores") { state, out in
///         let trainer = Trainer("vit", state.model, Adam(state.model, rate: 0), steps: 5000, …)
///         let folder = out.trainingFolder(ModelCard(kind: "vit", config: state.config))
///         trainer.folder = folder
///         try trainer.run { step, random in … }
///         try out.keep("losses", folder.logged("loss").map(\.value))   // anything Codable
///       }
///     ) { state, out in
///       // ANCHOR: training
///       let losses = try out.recorded("losses", as: [Float].self)      // of the last full run
///       out.figure("curve", Plot(x: "step", y: "loss", .line("training", losses)), "It falls")
///       // ANCHOR_END: training
///     }
///
/// With `--train` the full run comes first and the cell's ordinary code after it, so the output
/// has the same form with and without training. `--train --record` stores what was kept beside the
/// record, in `chapters/outputs/chapter1-vit.losses.json`, where every later run reads it.
public struct Cell<State> {
  /// What a cell runs. It may change the state.
  public typealias Code = (inout State, Output) throws -> Void

  /// The name of the cell, its anchor and its output.
  public let name: String
  /// What the cell does, in a few words.
  public let title: String
  /// Whether it passes nothing on to later cells, so that it need not run where it is not shown.
  public let isAside: Bool
  /// The long run of `--train`, if there is one.
  public let full: FullRun<State>?
  /// What the cell does.
  public let code: Code

  /// A cell, with its code last.
  public init(
    _ name: String, _ title: String, isAside: Bool = false, full: FullRun<State>? = nil,
    code: @escaping Code
  ) {
    precondition(
      name.wholeMatch(of: #/[A-Za-z0-9_-]+/#) != nil,
      "a cell's name has letters, digits, dashes and underscores, got \"\(name)\"")
    self.name = name
    self.title = title
    self.isAside = isAside
    self.full = full
    self.code = code
  }
}

/// The long run of a cell, for `--train`.
public struct FullRun<State> {
  /// How long it takes and on which machine, printed before the run.
  public let estimate: String
  /// The run. It keeps its results with `out.keep`; what it prints is not recorded.
  public let code: Cell<State>.Code

  /// A long run, with its code last.
  public init(_ estimate: String, code: @escaping Cell<State>.Code) {
    self.estimate = estimate
    self.code = code
  }
}
