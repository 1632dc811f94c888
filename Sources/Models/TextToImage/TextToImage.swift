// From a caption to pictures: the transformer draws tokens, the dVAE turns them into pictures, and
// CLIP or a captioner chooses the best (DALL·E, §2.6).

import CLIP
import DALLE
import DiscreteVAE
import Images
import TensorCore
import Text

/// A complete DALL·E: transformer, dVAE and reranker.
///
///     let dalle = try Pretrained.dalle()
///     let candidates = try dalle.draw("a red star at night", count: 32, seed: 1, .usual)
///     let best = try dalle.ranked(candidates, "a red star at night").prefix(8)
public struct TextToImage {
  /// Draws tokens for captions.
  public let transformer: CaptionedDALLE
  /// Turns tokens into pictures.
  public let dvae: DiscreteVAE
  private let clip: CaptionMatcher?
  /// Pictures [n, 3, H, W] and a caption → n scores.
  private let reranker: (Tensor, String) throws(TextError) -> [Float]
  /// The transformer, prepared for decoding.
  package let decoder: DALLEDecoder

  /// Joins three models, the last of which is a CLIP; the transformer must have been trained on the dVAE's
  /// codes.
  public init(_ transformer: CaptionedDALLE, _ dvae: DiscreteVAE, _ matcher: CaptionMatcher) {
    self.init(transformer, dvae, matcher) { (pictures, caption) throws(TextError) in
      try matcher.scores(pictures, caption)
    }
  }

  /// Joins two models that draw, without one that chooses: it is an error to ask for scores.
  public init(_ transformer: CaptionedDALLE, _ dvae: DiscreteVAE) {
    self.init(transformer, dvae, nil) { _, _ in preconditionFailure("nothing chooses here") }
  }

  init(
    _ transformer: CaptionedDALLE, _ dvae: DiscreteVAE, _ clip: CaptionMatcher?,
    reranker: @escaping (Tensor, String) throws(TextError) -> [Float]
  ) {
    precondition(
      transformer.model.configuration.imageVocabulary == dvae.configuration.vocabulary,
      "a transformer of \(transformer.model.configuration.imageVocabulary) codes does not go with a "
        + "dVAE of \(dvae.configuration.vocabulary)")
    self.transformer = transformer
    self.dvae = dvae
    (self.clip, self.reranker) = (clip, reranker)
    decoder = DALLEDecoder(transformer.model)
  }

  /// The CLIP that chooses. It is an error to ask for it where a captioner does.
  public var matcher: CaptionMatcher {
    guard let clip else {
      preconditionFailure("a captioner chooses here, and it has no embeddings as CLIP has")
    }
    return clip
  }

  /// The number of candidates drawn at once; more would take more memory and save hardly any time.
  private static let atOnce = 64

  /// Draws candidates for a caption, [count, 3, H, W] in 0 … 1, with their codes [count, N].
  ///
  /// - Parameters:
  ///   - seed: The random seed. Candidate i of a seed is the same picture whatever `count` is.
  ///   - given: The codes that every picture begins with.
  ///   - truncate: Whether to cut a caption that is too long.
  ///   - progress: Called with the number of tokens drawn so far, over all candidates.
  /// - Throws: A `TextError` if the caption has more tokens than the transformer reads.
  public func draw(
    _ caption: String, count: Int, seed: UInt64,
    _ options: SamplingOptions = SamplingOptions(), given: [Int32] = [], truncate: Bool = false,
    progress: (_ tokens: Int) -> Void = { _ in }
  ) throws(TextError) -> Candidates {
    precondition(count > 0, "1 or more candidates are drawn, not \(count)")
    let c = transformer.model.configuration
    var (codes, pictures): ([Int32], [Tensor]) = ([], [])
    for part in (0..<count).parts(of: Self.atOnce) {
      let drawn = try transformer.draw(
        caption, candidates: part, seed: seed, options, given: given, truncate: truncate,
        decoder: decoder
      ) { tokens in
        progress(part.lowerBound * c.imageTokens + part.count * tokens)
      }
      codes += drawn.values
      pictures.append(
        dvae.decode(IndexTensor(shape: [part.count, c.rows, c.columns], drawn.values)))
    }
    return Candidates(
      codes: IndexTensor(shape: [count, c.imageTokens], codes),
      pictures: concatenate(pictures, axis: 0))
  }

  /// The first rows of codes as a picture of the usual size whose rest is grey.
  public func beginning(_ given: [Int32]) -> Image {
    let c = transformer.model.configuration
    return dvae.beginning(given, rows: c.rows, columns: c.columns)
  }

  /// Pictures [n, 3, H, W] in 0 … 1 → their n scores for a caption, the higher the better: cosines of
  /// CLIP, or log p(caption | picture) of a captioner, in nats.
  ///
  /// Throws a `TextError` if the caption cannot be encoded.
  public func scores(_ pictures: Tensor, _ caption: String) throws(TextError) -> [Float] {
    try reranker(pictures, caption)
  }

  /// Candidates with their scores, the best first; ties keep their order.
  ///
  /// Throws a `TextError` if the caption cannot be encoded.
  public func ranked(
    _ candidates: Candidates, _ caption: String
  ) throws(TextError) -> [RankedPicture] {
    let scores = try scores(candidates.pictures, caption)
    let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
    return order.map { i in
      RankedPicture(
        candidate: i, score: scores[i],
        picture: Image(candidates.pictures.at(i, axis: 0)),
        codes: candidates.codes.rows([i]).values)
    }
  }
}

extension [RankedPicture] {
  /// Different pictures first, then those whose codes are the same as an earlier one's: where a caption leaves
  /// little open, many candidates are one picture. Otherwise the order stays as it is.
  public var differentFirst: [RankedPicture] {
    var seen: Set<[Int32]> = []
    let isNew = map { seen.insert($0.codes).inserted }
    return indices.filter { isNew[$0] }.map { self[$0] }
      + indices.filter { !isNew[$0] }.map { self[$0] }
  }
}

/// Pictures drawn for one caption, and their codes.
public struct Candidates {
  /// The codes of each picture, row by row, [n, N]
  public let codes: IndexTensor
  /// The decoded pictures [n, 3, H, W] in 0 … 1
  public let pictures: Tensor

  /// Codes [n, N] and the pictures [n, 3, H, W] they stand for.
  public init(codes: IndexTensor, pictures: Tensor) {
    precondition(
      codes.shape.first == pictures.shape.first,
      "codes \(codes.shape) do not go with pictures \(pictures.shape)")
    self.codes = codes
    self.pictures = pictures
  }
}

/// A candidate and its score.
public struct RankedPicture {
  /// The number of the candidate, from 0.
  public let candidate: Int
  /// The cosine with the caption, -1 … 1, or the logarithm of the caption's probability in nats.
  public let score: Float
  /// The decoded codes.
  public let picture: Image
  /// The picture's N codes, row by row.
  public let codes: [Int32]

  /// Candidate number `candidate` of a seed.
  public init(candidate: Int, score: Float, picture: Image, codes: [Int32]) {
    self.candidate = candidate
    self.score = score
    self.picture = picture
    self.codes = codes
  }
}
