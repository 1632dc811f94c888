// A generator with the text tower whose sentences it was trained on.

import CLIP
import Checkpoints
import NeuralNetwork
import TensorCore
import Text

/// Draws pictures for captions.
///
///     let gan = try CaptionedGAN(Checkpoint("rival/rival.safetensors", kind: CaptionedGAN.kind))
///     let pictures = try gan.draw("a red star", count: 4, seed: 1)  // [4, 3, 64, 64]
public struct CaptionedGAN: Module {
  /// Noise and sentences → pictures.
  public let generator: DFGANGenerator
  /// A CLIP's text tower, which turns captions into sentences: ids [B, T] → [B, D]. Unlike the two
  /// networks of the game it is not trained.
  public let text: TextTower
  /// Splits captions into tokens.
  public let tokenizer: Tokenizer
  private let sizes: CLIPConfiguration.Text

  /// The scale with which the authors draw, after cutting noise at ±2.
  public static let usualScale: Float = 0.88

  /// An untrained generator that reads the sentences of a CLIP.
  public init(_ c: DFGANConfiguration, sentencesOf matcher: CaptionMatcher, _ random: inout Random)
  {
    var c = c
    sizes = matcher.clip.configuration.text
    c.sentence = sizes.width
    generator = DFGANGenerator(c, &random)
    (text, tokenizer) = (matcher.clip.text, matcher.tokenizer)
  }

  /// `generator` and `text_model`.
  public var members: Members {
    ("generator", generator)
    ("text_model", text)
  }

  /// Captions → sentences [B, D], without gradient.
  ///
  /// Throws a `TextError` if a caption has more tokens than the text tower reads, unless `truncate` is
  /// set.
  public func sentences(_ captions: [String], truncate: Bool = false) throws(TextError) -> Tensor {
    var ids: [Int32] = []
    for caption in captions {
      ids += try tokenizer.encode(caption, length: sizes.context, truncate: truncate)
    }
    let all = IndexTensor(shape: [captions.count, sizes.context], ids)  // [B, T]
    return inParts(of: 64, count: captions.count) { text(all.rows($0)) }
  }

  /// Draws `count` pictures for a caption, [count, 3, H, W] in 0 … 1, without gradient. Each
  /// picture depends on its number and the seed only. The noise is cut and has the
  /// `scale`; nil for noise as in training.
  ///
  /// Throws a `TextError` if the caption has more tokens than the text tower reads.
  public func draw(
    _ caption: String, count: Int, seed: UInt64, scale: Float? = usualScale
  ) throws(TextError) -> Tensor {
    precondition(count > 0, "1 or more pictures are drawn, not \(count)")
    let sentence = try sentences([caption])  // [1, D]
    return pictures(sentence.expanded([count, sentence.shape[1]]), seed: seed, scale)
  }

  /// Draws one picture for each caption, [n, 3, H, W] in 0 … 1, without gradient. A picture depends
  /// on its caption, on its number from 0 on and on the seed.
  ///
  /// Throws a `TextError` if a caption has more tokens than the text tower reads.
  public func draw(
    oneForEach captions: [String], seed: UInt64, scale: Float? = usualScale
  ) throws(TextError) -> Tensor {
    precondition(!captions.isEmpty, "1 or more captions are drawn, not 0")
    return pictures(try sentences(captions), seed: seed, scale)
  }

  /// Sentences [n, D] → pictures [n, 3, H, W] in 0 … 1.
  private func pictures(_ sentences: Tensor, seed: UInt64, _ scale: Float?) -> Tensor {
    let random = Random(seed: seed).split("rival")
    return inParts(of: 32, count: sentences.shape[0]) { part in
      let noise = part.map { i in
        var random = random.split(i)
        return generator.noise(1, scale: scale, using: &random)
      }
      let pictures = generator(
        concatenate(noise, axis: 0), sentences.sliced(axis: 0, part))  // [n, H, W, 3]
      return pictures.affine(scale: 0.5, offset: 0.5).channelsFirst
    }
  }
}

// MARK: - Checkpoints

extension CaptionedGAN {
  /// The kind that its checkpoints state.
  public static let kind = "dfgan"
  /// The note of a trained rival's checkpoint with its learning curve.
  public static let curveNote = "curve"

  /// What a checkpoint states of the model.
  private struct Sizes: ModelConfiguration {
    let generator: DFGANConfiguration
    let text: CLIPConfiguration.Text

    var parameterCount: Double { generator.parameterCount + text.parameterCount }
    var flaw: String? {
      generator.sentence == text.width
        ? nil
        : "the generator reads sentences of \(generator.sentence) numbers, the text tower writes "
          + "\(text.width)"
    }
  }

  /// The model in a checkpoint.
  ///
  /// Throws a `CheckpointError` or a `TextError` if the file holds something else.
  public init(_ checkpoint: Checkpoint) throws {
    let (note, path) = (try checkpoint.note(Tokenizer.note), checkpoint.file.path)
    let sizes = try checkpoint.config(Sizes.self).text
    let tokenizer = try Tokenizer(
      note: note, of: checkpoint.card.notes, in: path, vocabularySize: sizes.vocabulary)
    self = try checkpoint.model { CaptionedGAN($0, tokenizer, &$1) }
  }

  private init(_ sizes: Sizes, _ tokenizer: Tokenizer, _ random: inout Random) {
    generator = DFGANGenerator(sizes.generator, &random)
    text = TextTower(sizes.text, &random)
    self.sizes = sizes.text
    self.tokenizer = tokenizer
  }

  /// The card for a checkpoint of this model, with further notes.
  public func card(_ notes: [String: String] = [:]) -> ModelCard {
    ModelCard(
      kind: Self.kind, config: Sizes(generator: generator.configuration, text: sizes),
      notes: notes.merging(tokenizer.notes) { $1 })
  }
}
