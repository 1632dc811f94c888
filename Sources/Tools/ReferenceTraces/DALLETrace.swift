// Runs on weights and inputs from a file, to compare with ruDALL-E.

import Checkpoints
import DALLE
import NeuralNetwork
import TensorCore

extension DALLE {
  /// Every tensor of the runs in `file`, by name.
  ///
  /// The file holds `input_ids` [B, T + N], text ids (0 for padding) followed by codes; for
  /// each of its runs weights, `RUN.param.` and a name of ruDALL-E's; and in its metadata `config`
  /// the architecture. Runs are `plain` (ruDALL-E's version 3), `sandwich` (the same with two
  /// further norms in each block) and `v2`, which has no weights of its own but takes those of
  /// `plain`. The result has, for each run, what the model notes, `logits`, the losses and the
  /// gradients `RUN.grad.NAME`; for version 3 also greedy decoding, with and without a cache.
  ///
  /// Throws a `CheckpointError` when something is missing or does not fit.
  public static func referenceTrace(
    of file: SafetensorsFile
  ) throws(CheckpointError) -> [(name: String, tensor: Tensor)] {
    let sizes = try file.config(ReferenceSizes.self)
    let runs: [(name: String, weights: String, DALLEConfiguration.Convention)] = [
      ("plain", "plain", .ruDALLE3), ("sandwich", "sandwich", .ruDALLE3),
      ("v2", "plain", .ruDALLE2),
    ]
    let trace = Trace()
    for (run, weights, convention) in runs {
      let prefix = "\(weights).param."
      guard file.names.contains(where: { $0.hasPrefix(prefix) }) else { continue }
      let c = try sizes.configuration(convention, isSandwich: run == "sandwich", file)
      try file.check(parameters: c.parameterCount)
      var random = Random(seed: 0)
      let model = DALLE(c, &random)
      try file.load(into: model.tensors, prefix: prefix) { $0.hasSuffix("_mask") }
      try model.run(run, on: file, into: trace)
    }
    guard !trace.entries.isEmpty else {
      throw .mismatch(file: file.path, reason: "it has no weights \"plain.param.NAME\"")
    }
    return trace.entries
  }

  /// One run: activations, losses, gradients, decoding.
  private func run(
    _ name: String, on file: SafetensorsFile, into trace: Trace
  ) throws(CheckpointError) {
    let (text, image) = try inputs(in: file)
    let own = Trace()
    let y = hidden(text: text, image: image, trace: own)
    own.note("logits", logits(y))
    let loss = self(text: text, image: image)
    loss.total.backward()
    own.note("loss", loss.total)
    own.note("loss_text", loss.text)
    own.note("loss_image", loss.image)
    for (parameter, tensor) in parameters {
      own.note("grad.\(parameter)", tensor.gradient ?? .zeros(tensor.shape))
    }
    if configuration.convention == .ruDALLE2 {
      let last = keys.indices.last.map { configuration.patterns[$0].mask }
      if let last {
        own.note("conv_mask", Tensor(shape: last.shape, last.bytes.map { Float($0) }))
      }
    } else {
      decode(text, into: own)
    }
    for (entry, tensor) in own.entries { trace.note("\(name).\(entry)", tensor) }
  }

  /// Greedy decoding, the whole stream again for every token and then with a cache.
  private func decode(_ text: IndexTensor, into trace: Trace) {
    let (b, n) = (text.shape[0], configuration.imageTokens)
    var drawing = TokenDrawing(
      DALLEDecoder(self), text: text, random: [Random](repeating: Random(seed: 0), count: b),
      SamplingOptions(temperature: 0))
    var cached: [Tensor] = []
    var whole: [Tensor] = []
    while !drawing.isFinished {
      let place = drawing.count
      cached.append(drawing.logits)
      // What comes after is not seen: any code will do.
      let codes = (0..<b).map { drawing.codes.rows([$0]).values }
      let padded = codes.flatMap { $0 + Array(repeating: 0, count: n - $0.count) }
      let logits = withoutGradient {
        self.logits(hidden(text: text, image: IndexTensor(shape: [b, n], padded)))
      }
      let position = configuration.textPositions - 1 + place
      whole.append(
        logits.at(position, axis: 1).sliced(axis: 1, configuration.textIDs..<logits.shape[2]))
      drawing.step()
    }
    for (kind, all) in [("nocache", whole), ("cache", cached)] {
      let logits = stack(all, axis: 1)  // [B, N, K]
      trace.note("decode.\(kind).logits", logits)
      let tokens = logits.argmax(axis: 2)
      trace.note(
        "decode.\(kind).tokens", Tensor(shape: tokens.shape, tokens.values.map { Float($0) }))
    }
  }

  /// Text ids [B, T] and codes [B, N].
  private func inputs(
    in file: SafetensorsFile
  ) throws(CheckpointError) -> (text: IndexTensor, image: IndexTensor) {
    let ids = try file.integers("input_ids")
    let (c, t) = (configuration, configuration.textLength)
    let width = t + c.imageTokens
    guard ids.shape.count == 2, ids.shape[0] > 0, ids.shape[1] == width else {
      throw .mismatch(
        file: file.path, reason: "\"input_ids\" have the shape \(ids.shape), expected [B, \(width)]"
      )
    }
    var (text, image): ([Int32], [Int32]) = ([], [])
    for row in 0..<ids.shape[0] {
      text += ids.values[row * width..<row * width + t]
      image += ids.values[row * width + t..<(row + 1) * width]
    }
    guard text.allSatisfy({ 0..<Int32(c.textVocabulary) ~= $0 }),
      image.allSatisfy({ 0..<Int32(c.imageVocabulary) ~= $0 })
    else {
      throw .mismatch(
        file: file.path,
        reason: "\"input_ids\" are not \(t) text ids below \(c.textVocabulary) and "
          + "\(c.imageTokens) codes below \(c.imageVocabulary)")
    }
    return (
      IndexTensor(shape: [ids.shape[0], t], text),
      IndexTensor(shape: [ids.shape[0], c.imageTokens], image)
    )
  }
}

/// The sizes under ruDALL-E's names.
private struct ReferenceSizes: Decodable {
  let hidden_size, num_layers, num_attention_heads, vocab_size, text_seq_length: Int
  let image_vocab_size, image_tokens_per_dim, conv_kernel: Int
  let loss_img_weight: Float

  /// The configuration, if a model can have it.
  func configuration(
    _ convention: DALLEConfiguration.Convention, isSandwich: Bool, _ file: SafetensorsFile
  ) throws(CheckpointError) -> DALLEConfiguration {
    let (words, isOver) = vocab_size.subtractingReportingOverflow(text_seq_length)
    let c = DALLEConfiguration(
      textVocabulary: isOver ? 0 : words, textLength: text_seq_length,
      imageVocabulary: image_vocab_size, rows: image_tokens_per_dim,
      columns: image_tokens_per_dim, width: hidden_size, layers: num_layers,
      heads: num_attention_heads, kernel: conv_kernel, convention: convention,
      isSandwich: isSandwich, imageWeight: loss_img_weight)
    if let flaw = c.flaw {
      throw .mismatch(file: file.path, reason: "its config cannot be: \(flaw)")
    }
    return c
  }
}
