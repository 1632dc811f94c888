import Checkpoints

/// The sizes of a DALL·E transformer, and the implementation whose conventions it follows.
public struct DALLEConfiguration: ModelConfiguration, Equatable, Sendable {
  /// The number of text ids without those of padding: text position p has a padding id of its own,
  /// `textVocabulary` + p.
  public var textVocabulary: Int
  /// T, text tokens of a caption, including padding.
  public var textLength: Int
  /// K, codes of the dVAE.
  public var imageVocabulary: Int
  /// The grid of image tokens; N = rows · columns.
  public var rows, columns: Int
  /// D, width of the tokens.
  public var width: Int
  /// L, number of blocks.
  public var layers: Int
  /// h, attention heads of a block.
  public var heads: Int
  /// Side of the last layer's convolutional window, an odd number.
  public var kernel: Int
  /// Which layer has which attention pattern.
  public var plan: AttentionPlan
  /// The implementation whose conventions hold.
  public var convention: Convention
  /// Two further layer norms in every block, before each addition to the residual stream
  /// (CogView's "sandwich").
  public var isSandwich: Bool
  /// The weight of the image's loss; that of the text's loss is 1.
  public var imageWeight: Float

  /// Which layer has which attention pattern.
  public enum AttentionPlan: String, Codable, CaseIterable, Sendable {
    /// Row, column, row, row, and so on; the last layer convolutional.
    case paper
    /// The same pattern in all layers.
    case row, column, convolution, full
  }

  /// Implementations, which differ in these points.
  public enum Convention: String, Codable, Sendable {
    /// The paper: the stream begins with a start token, windows are raster offsets, there is
    /// one layer norm before the logits, and every token is trained in its own vocabulary.
    case paper
    /// ruDALL-E's version 2: a start token that its masks do not count, and wrapped windows.
    case ruDALLE2 = "rudalle_v2"
    /// ruDALL-E's version 3: no start token, so that the last text token predicts the first image
    /// token, which counts as text in the loss; clipped windows.
    case ruDALLE3 = "rudalle_v3"
  }

  private enum CodingKeys: String, CodingKey {
    case textVocabulary = "text_vocab_size"
    case textLength = "text_seq_length"
    case imageVocabulary = "image_vocab_size"
    case rows = "image_rows"
    case columns = "image_columns"
    case width = "hidden_size"
    case layers = "num_layers"
    case heads = "num_attention_heads"
    case kernel = "conv_kernel"
    case plan = "attention"
    case convention
    case isSandwich = "sandwich"
    case imageWeight = "loss_img_weight"
  }

  /// A configuration; the defaults are the paper's (§2.2 and appendix B.1).
  public init(
    textVocabulary: Int = 16_384, textLength: Int = 256, imageVocabulary: Int = 8192,
    rows: Int = 32, columns: Int = 32, width: Int = 3968, layers: Int = 64, heads: Int = 62,
    kernel: Int = 11, plan: AttentionPlan = .paper, convention: Convention = .paper,
    isSandwich: Bool = false, imageWeight: Float = 7
  ) {
    self.textVocabulary = textVocabulary
    self.textLength = textLength
    self.imageVocabulary = imageVocabulary
    self.rows = rows
    self.columns = columns
    self.width = width
    self.layers = layers
    self.heads = heads
    self.kernel = kernel
    self.plan = plan
    self.convention = convention
    self.isSandwich = isSandwich
    self.imageWeight = imageWeight
  }

  /// N, image tokens of a picture.
  public var imageTokens: Int { rows * columns }
  /// Text positions of the stream: T, and 1 for the start token, if there is one.
  public var textPositions: Int { convention == .ruDALLE3 ? textLength : textLength + 1 }
  /// The text id that begins a stream: `<bos>` of our tokenizers, or of ruDALL-E's tokenizer.
  public var startID: Int32 { convention == .paper ? 1 : 2 }
  /// S, positions of the stream in training: the last image token predicts nothing, so with a
  /// start token it is left out.
  public var positions: Int { textLength + imageTokens }
  /// V, all text ids: words, and a padding token for each position.
  public var textIDs: Int { textVocabulary + textLength }

  /// The pattern of each layer.
  public var patterns: [AttentionPattern] {
    (0..<layers).map { layer in
      AttentionPattern(
        kind(of: layer), text: convention == .paper ? textPositions : textLength, rows: rows,
        columns: columns, positions: positions)
    }
  }

  /// The pattern of layer number `layer`, from 0 on. In the paper the last layer is convolutional,
  /// whatever its number; in ruDALL-E only if it is not a column layer.
  public func kind(of layer: Int) -> AttentionKind {
    let window = AttentionKind.convolution(kernel: kernel, borders)
    switch plan {
    case .row: return .row
    case .column: return .column
    case .convolution: return window
    case .full: return .full
    case .paper:
      let (isColumn, isLast) = (layer % 4 == 1, layer == layers - 1)
      if isLast && (convention == .paper || !isColumn) { return window }
      return isColumn ? .column : .row
    }
  }

  private var borders: AttentionKind.Borders {
    switch convention {
    case .paper: .raster
    case .ruDALLE2: .wrapped
    case .ruDALLE3: .clipped
    }
  }

  /// The number of parameters, as a `Double` because a configuration from elsewhere may claim more
  /// than an `Int` holds.
  public var parameterCount: Double {
    let (d, v, k) = (Double(width), Double(textIDs), Double(imageVocabulary))
    let block = 12 * d * d + 13 * d + (isSandwich ? 4 * d : 0)
    let tables = (v + k) * d + Double(textLength + 1 + rows + columns) * d
    let head = (v + k) * (d + 1) + 2 * d + (convention == .paper ? 0 : 2 * d)
    return Double(layers) * block + tables + head
  }

  /// Why no model can have these sizes; nil if one can.
  public var flaw: String? {
    let sizes = [
      ("text_vocab_size", textVocabulary), ("text_seq_length", textLength),
      ("image_vocab_size", imageVocabulary), ("image_rows", rows), ("image_columns", columns),
      ("hidden_size", width), ("num_layers", layers), ("num_attention_heads", heads),
      ("conv_kernel", kernel),
    ]
    if let flaw = Self.flaw(of: sizes, width: width, heads: heads) { return flaw }
    if kernel % 2 == 0 { return "conv_kernel is \(kernel), expected an odd number" }
    if positions > 1 << 14 { return "a stream of \(positions) positions is over 16384" }
    return imageWeight.isFinite && imageWeight >= 0
      ? nil : "loss_img_weight is \(imageWeight), expected 0 or more"
  }

  /// Why a transformer cannot have these sizes, by name; nil if it can.
  static func flaw(of sizes: [(String, Int)], width: Int, heads: Int) -> String? {
    if let (name, size) = sizes.first(where: { !(1...1 << 20).contains($0.1) }) {
      return "\(name) is \(size), expected 1 to 1048576"
    }
    return width % heads == 0
      ? nil : "hidden_size \(width) does not divide into \(heads) attention heads"
  }
}
