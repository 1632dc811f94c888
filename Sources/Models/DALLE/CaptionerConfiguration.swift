import Checkpoints

/// The sizes of a captioner.
public struct CaptionerConfiguration: ModelConfiguration, Equatable, Sendable {
  /// V, text ids, of which 0 is padding.
  public var textVocabulary: Int
  /// T, text tokens of a caption, including padding.
  public var textLength: Int
  /// K, codes of the dVAE.
  public var imageVocabulary: Int
  /// The grid of image tokens; N = rows · columns.
  public var rows, columns: Int
  /// D, width of the tokens.
  public var width = 128
  /// L, number of blocks.
  public var layers = 4
  /// h, attention heads of a block.
  public var heads = 4

  private enum CodingKeys: String, CodingKey {
    case textVocabulary = "text_vocab_size"
    case textLength = "text_seq_length"
    case imageVocabulary = "image_vocab_size"
    case rows = "image_rows"
    case columns = "image_columns"
    case width = "hidden_size"
    case layers = "num_layers"
    case heads = "num_attention_heads"
  }

  /// Four blocks of width 128 with four heads each.
  public init(
    textVocabulary: Int, textLength: Int, imageVocabulary: Int, rows: Int, columns: Int
  ) {
    (self.textVocabulary, self.textLength) = (textVocabulary, textLength)
    (self.imageVocabulary, self.rows, self.columns) = (imageVocabulary, rows, columns)
  }

  /// The number of parameters.
  public var parameterCount: Double {
    let (d, v, k) = (Double(width), Double(textVocabulary), Double(imageVocabulary))
    let tables = (v + k + Double(textLength + rows + columns)) * d
    return Double(layers) * (12 * d * d + 13 * d) + tables + 2 * d
  }

  /// Why no model can have these sizes; nil if one can.
  public var flaw: String? {
    let sizes = [
      ("text_vocab_size", textVocabulary), ("text_seq_length", textLength),
      ("image_vocab_size", imageVocabulary), ("image_rows", rows), ("image_columns", columns),
      ("hidden_size", width), ("num_layers", layers), ("num_attention_heads", heads),
    ]
    if let flaw = DALLEConfiguration.flaw(of: sizes, width: width, heads: heads) { return flaw }
    let positions = rows * columns + textLength
    return positions > 1 << 14 ? "a stream of \(positions) positions is over 16384" : nil
  }
}
