// The sampling loop: pictures drawn a token at a time.

import TensorCore

/// Unfinished pictures: each step draws the next image token of all of them.
///
///     var drawing = TokenDrawing(decoder, text: ids, random: randoms, options)
///     while !drawing.isFinished { drawing.step() }
///     drawing.codes  // [B, N]
///
/// Commands, chapters, the course and the training of rerankers all draw with this loop.
public struct TokenDrawing {
  /// The functions that a step applies between the model's logits and the tokens. The course
  /// replaces them with a reader's.
  public struct Rules {
    /// Classifier-free guidance: logits with the caption and without it, each [B, K] → [B, K].
    public var guide: (_ conditional: Tensor, _ unconditional: Tensor, _ scale: Float) -> Tensor
    /// Logits [B, K] and a uniform number in 0 ..< 1 for each row → B codes.
    public var choose: (_ logits: Tensor, _ uniform: [Float], SamplingOptions) -> [Int32]

    /// Rules; the defaults are the package's.
    public init(
      guide: @escaping (Tensor, Tensor, Float) -> Tensor = guided,
      choose: @escaping (Tensor, [Float], SamplingOptions) -> [Int32] = chosen
    ) {
      self.guide = guide
      self.choose = choose
    }
  }

  private let decoder: DALLEDecoder
  private let options: SamplingOptions
  private let rules: Rules
  private var random: [Random]
  /// The streams that have read the caption.
  private var conditional: DALLEDecoder.Streams
  /// With guidance, the streams that have read a caption without words.
  private var unconditional: DALLEDecoder.Streams?
  private var drawn: [[Int32]]

  /// Begins B pictures.
  ///
  /// - Parameters:
  ///   - conditional: One stream that has read the caption of all pictures, or B streams.
  ///   - unconditional: The same for a caption without words; required for guidance.
  ///   - random: A generator for each of B pictures. A picture depends only on its own one, not on
  ///     the others.
  ///   - given: The codes that all pictures begin with.
  ///   - rules: The functions from logits to tokens.
  public init(
    _ decoder: DALLEDecoder, _ conditional: DALLEDecoder.Streams,
    unconditional: DALLEDecoder.Streams?, random: [Random], _ options: SamplingOptions,
    given: [Int32] = [], rules: Rules = Rules()
  ) {
    let (n, b) = (decoder.model.configuration.imageTokens, random.count)
    precondition(options.flaw == nil, options.flaw ?? "")
    precondition(given.count <= n, "\(given.count) codes are given for a picture of \(n)")
    for case let streams? in [conditional, unconditional] {
      precondition(
        b > 0 && [1, b].contains(streams.batch) && streams.count == 0,
        "\(streams.batch) captions with \(streams.count) image tokens for \(b) pictures are not one "
          + "caption, or one for each, without image tokens")
    }
    precondition(
      options.guidance == 1 || unconditional != nil,
      "guidance \(options.guidance) needs streams without a caption")
    /// The streams after the given codes, one for each picture.
    func begun(_ streams: DALLEDecoder.Streams) -> DALLEDecoder.Streams {
      var streams = streams
      if !given.isEmpty && given.count < n {
        let all = (0..<streams.batch).flatMap { _ in given }
        decoder.add(IndexTensor(shape: [streams.batch, given.count], all), to: &streams)
      }
      return streams.batch == b ? streams : streams.repeated(b)
    }
    self.decoder = decoder
    self.options = options
    self.rules = rules
    self.random = random
    self.conditional = begun(conditional)
    self.unconditional = options.guidance == 1 ? nil : unconditional.map(begun)
    drawn = [[Int32]](repeating: given, count: b)
  }

  /// Begins B pictures: reads captions, text ids [1, T] for all pictures or [B, T], 0 for padding.
  public init(
    _ decoder: DALLEDecoder, text: IndexTensor, random: [Random], _ options: SamplingOptions,
    given: [Int32] = []
  ) {
    let wordless = IndexTensor(
      shape: [1, text.shape[1]], [Int32](repeating: 0, count: text.shape[1]))
    self.init(
      decoder, decoder.read(text),
      unconditional: options.guidance == 1 ? nil : decoder.read(wordless), random: random,
      options, given: given)
  }

  /// n, the number of image tokens that every picture has so far.
  public var count: Int { drawn[0].count }
  /// Whether all tokens of all pictures are drawn.
  public var isFinished: Bool { count == decoder.model.configuration.imageTokens }
  /// The codes so far, [B, n].
  public var codes: IndexTensor {
    IndexTensor(shape: [drawn.count, count], drawn.flatMap { $0 })
  }

  /// Logits [B, K] of the next token, guided if the options ask for it.
  public var logits: Tensor {
    guard let unconditional else { return conditional.logits }
    return rules.guide(conditional.logits, unconditional.logits, options.guidance)
  }

  /// Draws the next token of every picture.
  public mutating func step() {
    precondition(!isFinished, "a picture of \(count) tokens has no next one")
    let uniform = random.indices.map { random[$0].uniform() }
    let next = rules.choose(logits, uniform, options)
    for (picture, code) in next.enumerated() { drawn[picture].append(code) }
    if isFinished { return }
    let newest = IndexTensor(shape: [next.count, 1], next)
    decoder.add(newest, to: &conditional)
    if unconditional != nil { decoder.add(newest, to: &unconditional!) }
  }
}

/// Classifier-free guidance: unconditional + (conditional - unconditional) · scale, for logits
/// [B, K] with the caption and without it (Ho and Salimans, 2022).
public func guided(_ conditional: Tensor, _ unconditional: Tensor, _ scale: Float) -> Tensor {
  unconditional + (conditional - unconditional) * scale
}

/// A code for each row of logits [B, K]: the one that `uniform` [B] in 0 ..< 1 draws.
public func chosen(_ logits: Tensor, _ uniform: [Float], _ options: SamplingOptions) -> [Int32] {
  let (b, k) = (logits.shape[0], logits.shape[1])
  let values = logits.scalars
  return parallelMap(0..<b) { row in
    options.draw(Array(values[row * k..<(row + 1) * k]), uniform[row])
  }
}

extension DALLEDecoder {
  /// Draws pictures for a caption.
  ///
  /// - Parameters:
  ///   - text: Text ids [T], 0 for padding.
  ///   - candidates: The numbers of the pictures. Picture i of a seed is the same whatever others
  ///     are drawn with it, and on any number of threads.
  ///   - given: The codes that all pictures begin with.
  ///   - progress: Called with the number of tokens that each picture has so far.
  /// - Returns: Codes [candidates, N].
  public func draw(
    _ text: [Int32], candidates: Range<Int>, seed: UInt64, _ options: SamplingOptions,
    given: [Int32] = [], progress: (_ tokens: Int) -> Void = { _ in }
  ) -> IndexTensor {
    var drawing = TokenDrawing(
      self, text: IndexTensor(shape: [1, text.count], text),
      random: Random.candidates(candidates, seed: seed), options, given: given)
    return drawing.finish(progress: progress)
  }
}

extension TokenDrawing {
  /// Draws all remaining tokens and returns the codes [B, N]. `progress` is called with the number
  /// of tokens that each picture has so far.
  public mutating func finish(progress: (_ tokens: Int) -> Void = { _ in }) -> IndexTensor {
    while !isFinished {
      step()
      progress(count)
    }
    return codes
  }
}

extension Random {
  /// A random generator for each candidate in `range`, which depends on its number and the seed.
  public static func candidates(_ range: Range<Int>, seed: UInt64) -> [Random] {
    range.map { Random(seed: seed).split("candidate").split($0) }
  }
}
