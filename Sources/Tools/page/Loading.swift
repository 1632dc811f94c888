// Models from the numbers of checkpoints, which the page unpacks: their headers are JSON, which
// JavaScript reads.

import CLIP
import DALLE
import DiscreteVAE
import NeuralNetwork
import TensorCore
import Text
import TextToImage
import VisionTransformer

/// The sizes of a model: the entries of its checkpoint's config, with dots between the names of
/// nested ones.
struct Sizes {
  private var values: [String: String] = [:]

  /// Reads lines "name value".
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
    }
  }

  /// A whole number, or `usual` where there is none.
  func whole(_ name: String, _ usual: Int = 0) -> Int { values[name].flatMap { Int($0) } ?? usual }

  /// A number, or `usual` where there is none. Those that are not whole are written as "b" and their
  /// bits: JavaScript reads decimals, so this program need not.
  func number(_ name: String, _ usual: Float) -> Float {
    guard let text = values[name] else { return usual }
    if text.utf8.first == UInt8(ascii: "b") {
      return UInt32(String(text.dropFirst())).map { Float(bitPattern: $0) } ?? usual
    }
    return Int(text).map { Float($0) } ?? usual
  }

  func word(_ name: String) -> String { values[name] ?? "" }

  /// The whole numbers "name.0", "name.1", …
  func list(_ name: String) -> [Int] {
    var numbers: [Int] = []
    while let number = values["\(name).\(numbers.count)"] { numbers.append(Int(number) ?? 0) }
    return numbers
  }
}

/// Models that are being loaded.
struct Loader {
  private var transformer: DALLE?
  private var dvae: DiscreteVAE?
  private var reranker: CLIP?
  private var clip: CLIP?
  /// Chapter 1's classifier.
  private(set) var classifier: AttributeClassifier?
  /// The tensors of each model, by name and in order.
  var tensors: [[(name: String, tensor: Tensor)]] = Array(repeating: [], count: 5)
  /// The tokenizer of each model.
  var tokenizers: [Tokenizer?] = Array(repeating: nil, count: 5)

  /// Makes model number `model` of these sizes.
  mutating func make(_ model: Int32, _ sizes: Sizes) {
    var random = Random(seed: 0)
    switch model {
    case 0:
      let made = DALLE(DALLEConfiguration(sizes), &random)
      (transformer, tensors[0]) = (made, made.tensors)
    case 1:
      let made = DiscreteVAE(DVAEConfiguration(sizes), &random)
      (dvae, tensors[1]) = (made, made.tensors)
    case 2:
      let made = CLIP(CLIPConfiguration(sizes), &random)
      (reranker, tensors[2]) = (made, made.tensors)
    case 3:
      let made = CLIP(CLIPConfiguration(sizes), &random)
      (clip, tensors[3]) = (made, made.tensors)
    default:
      let made = AttributeClassifier(
        ViTConfiguration(sizes), values: sizes.list("heads"), &random)
      (classifier, tensors[4]) = (made, made.tensors)
    }
  }

  /// Copies 16-bit floats into a tensor.
  func fill(_ tensor: Tensor, _ halves: UnsafePointer<UInt16>) {
    tensor.update { values in
      for i in values.indices { values[i] = float(halves[i]) }
    }
  }

  /// The three models that draw, as one; nil if one of them is missing.
  var drawing: TextToImage? {
    guard let transformer, let dvae, let reranker else { return nil }
    return TextToImage(
      CaptionedDALLE(transformer, tokenizers[0]!), dvae, CaptionMatcher(reranker, tokenizers[2]!))
  }

  /// Chapter 2's CLIP; nil if it is missing.
  var matcher: CaptionMatcher? { clip.map { CaptionMatcher($0, tokenizers[3]!) } }
}

/// A float of 16 bits, 5 of them for the exponent.
private func float(_ half: UInt16) -> Float {
  let sign = UInt32(half & 0x8000) << 16
  let magnitude = UInt32(half & 0x7FFF) << 13
  // 2¹¹² brings the exponent's bias from 15 to 127, also of numbers that are not normalised.
  return Float(bitPattern: sign | (Float(bitPattern: magnitude) * 0x1p112).bitPattern)
}

extension DALLEConfiguration {
  init(_ sizes: Sizes) {
    self.init(
      textVocabulary: sizes.whole("text_vocab_size"), textLength: sizes.whole("text_seq_length"),
      imageVocabulary: sizes.whole("image_vocab_size"), rows: sizes.whole("image_rows"),
      columns: sizes.whole("image_columns"), width: sizes.whole("hidden_size"),
      layers: sizes.whole("num_layers"), heads: sizes.whole("num_attention_heads"),
      kernel: sizes.whole("conv_kernel"),
      plan: AttentionPlan(rawValue: sizes.word("attention")) ?? .paper,
      isSandwich: sizes.word("sandwich") == "true")
  }
}

extension DVAEConfiguration {
  init(_ sizes: Sizes) {
    let decoderBlocks = sizes.whole("n_blk_per_group_decoder")
    let gain = sizes.number("post_gain", 0)
    self.init(
      hidden: sizes.whole("n_hid", 256), initial: sizes.whole("n_init", 128),
      blocks: sizes.whole("n_blk_per_group", 2),
      decoderBlocks: decoderBlocks == 0 ? nil : decoderBlocks,
      groups: sizes.whole("group_count", 4), vocabulary: sizes.whole("vocab_size", 8192),
      channels: sizes.whole("output_channels", 3), stem: sizes.whole("stem", 1),
      encoderKernel: sizes.whole("encoder_kernel", 3),
      bottleneck: sizes.whole("bottleneck", 4), postGain: gain == 0 ? nil : gain,
      logScaleFloor: sizes.number("log_scale_floor", -7))
  }
}

extension ViTConfiguration {
  init(_ sizes: Sizes) {
    self.init(
      imageSize: sizes.whole("image_size"), patch: sizes.whole("patch_size"),
      width: sizes.whole("hidden_size"), layers: sizes.whole("num_hidden_layers"),
      heads: sizes.whole("num_attention_heads"), hidden: sizes.whole("intermediate_size"),
      epsilon: sizes.number("layer_norm_eps", 1e-12))
  }
}

extension CLIPConfiguration {
  init(_ sizes: Sizes) {
    func whole(_ tower: String, _ name: String) -> Int { sizes.whole("\(tower)_config.\(name)") }
    self.init(
      text: Text(
        vocabulary: whole("text", "vocab_size"), context: whole("text", "max_position_embeddings"),
        width: whole("text", "hidden_size"), layers: whole("text", "num_hidden_layers"),
        heads: whole("text", "num_attention_heads"), hidden: whole("text", "intermediate_size")),
      vision: ViTConfiguration(
        imageSize: whole("vision", "image_size"), patch: whole("vision", "patch_size"),
        width: whole("vision", "hidden_size"), layers: whole("vision", "num_hidden_layers"),
        heads: whole("vision", "num_attention_heads"),
        hidden: whole("vision", "intermediate_size"), activation: .quickGelu,
        epsilon: sizes.number("vision_config.layer_norm_eps", 1e-5)),
      projection: sizes.whole("projection_dim"))
  }
}

/// The tokenizer of a note: lists of lines, each with an empty line after it.
func tokenizer(_ text: String) -> Tokenizer {
  var lists: [[String]] = [[]]
  for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
    if line.isEmpty { lists.append([]) } else { lists[lists.count - 1].append(String(line)) }
  }
  let merges = lists[2].map { merge in
    let parts = merge.split(separator: " ")
    return (left: String(parts[0]), right: String(parts[1]))
  }
  var tokenizer = Tokenizer(
    style: TextStyle(rawValue: lists[0][0])!, vocabulary: lists[1], merges: merges)
  if !lists[3].isEmpty { tokenizer.wordsRead = lists[3] }
  return tokenizer
}
