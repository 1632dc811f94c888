// Captions to pictures, a token at a time, with the loop that all programs draw with.

import DALLE
import DiscreteVAE
import Images
import TensorCore
import Text
import TextToImage

/// One picture, or several for a caption, that are being drawn.
struct Studio {
  let model: TextToImage
  var options = SamplingOptions()
  private var caption = ""
  private var drawing: TokenDrawing?

  init(_ model: TextToImage) { self.model = model }

  var configuration: DALLEConfiguration { model.transformer.model.configuration }
  /// N, tokens of a picture.
  var tokens: Int { configuration.imageTokens }

  /// What the page must know of the models, in lines: rows and columns of tokens, pixels of a token's
  /// side, layers, heads, text tokens and codes; the kind of each layer; the words they know.
  var description: String {
    let c = configuration
    let sizes = [
      c.rows, c.columns, model.dvae.configuration.factor, c.layers, c.heads, c.textLength,
      c.imageVocabulary,
    ].map { String($0) }
    let kinds = (0..<c.layers).map { layer in
      switch c.kind(of: layer) {
      case .full: "full"
      case .row, .sameRow: "row"
      case .column: "column"
      case .convolution, .upperLeft: "convolution"
      }
    }
    let words = model.transformer.tokenizer.knownWords
    return [sizes, kinds, words].map { $0.joined(separator: " ") }.joined(separator: "\n")
  }

  /// What is to be said of a caption, in lines: why it cannot be drawn, or nothing; how it is cut, or
  /// nothing; its tokens with a tab between them; then each unknown word and the known ones nearest to
  /// it, with tabs.
  func read(_ caption: String) -> String {
    let tokenizer = model.transformer.tokenizer
    if let flaw = tokenizer.flaw(of: caption) { return flaw }
    let ids = row(caption).filter { $0 != 0 }
    let isCut = (try? model.transformer.ids(caption)) == nil
    let tokens = ids.map { (try? tokenizer.decode([$0])) ?? "" }
    let unknown = tokenizer.unknownWords(in: caption).map { word, nearest in
      ([word] + nearest).joined(separator: "\t")
    }
    let notice = isCut ? cutting(caption, at: ids.count) : ""
    return (["", notice, tokens.joined(separator: "\t")] + unknown).joined(separator: "\n")
  }

  /// Text ids [T] of a caption, which is cut if it is too long, as the `dalle` command does it.
  func row(_ caption: String) -> [Int32] {
    // Encoding throws only if captions must not be cut.
    (try? model.transformer.ids(caption, truncate: true))
      ?? [Int32](repeating: 0, count: configuration.textLength)
  }

  /// Sets how tokens are drawn; 1 if that is possible, else the answer is why not.
  mutating func set(temperature: Float, topK: Int, topP: Double, guidance: Float) -> Int32 {
    let wish = SamplingOptions(
      temperature: temperature, topK: topK == 0 ? nil : topK, topP: topP == 1 ? nil : topP,
      guidance: guidance)
    if let flaw = wish.flaw {
      reply(flaw)
      return 0
    }
    options = wish
    return 1
  }

  /// Begins pictures; 1 if they can be drawn, else the answer is why not.
  mutating func begin(_ caption: String, seed: UInt64, candidates: Int, given: [Int32]) -> Int32 {
    if let flaw = model.transformer.tokenizer.flaw(of: caption) {
      reply(flaw)
      return 0
    }
    self.caption = caption
    let ids = row(caption)  // [T]
    drawing = TokenDrawing(
      model.decoder, text: IndexTensor(shape: [1, ids.count], ids),
      random: Random.candidates(0..<candidates, seed: seed), options, given: given)
    return 1
  }

  /// Draws a token of every picture; the number they have.
  mutating func step() -> Int32 {
    if !drawing!.isFinished { drawing!.step() }
    return Int32(drawing!.count)
  }

  /// The codes of a picture so far.
  func codes(_ candidate: Int, _ codes: UnsafeMutablePointer<Int32>) {
    let drawn = drawing!.codes.rows(candidate..<candidate + 1).values
    for (i, code) in drawn.enumerated() { codes[i] = code }
  }

  /// The rows of a picture that are begun; the last one is filled up with its last code.
  func picture(_ candidate: Int, _ rgba: UnsafeMutablePointer<UInt8>) -> Int32 {
    let (c, drawn) = (configuration, drawing!.codes)
    let count = drawn.shape[1]
    if count == 0 { return 0 }
    let rows = (count + c.columns - 1) / c.columns
    var codes = Array(drawn.values[candidate * count..<(candidate + 1) * count])
    codes += Array(repeating: codes[count - 1], count: rows * c.columns - count)
    paint([codes], rgba)
    return Int32(rows * model.dvae.configuration.factor)
  }

  /// The finished pictures, the best first.
  func rank(
    _ numbers: UnsafeMutablePointer<Int32>, _ scores: UnsafeMutablePointer<Float>,
    _ codes: UnsafeMutablePointer<Int32>, _ rgba: UnsafeMutablePointer<UInt8>
  ) {
    let (c, drawn) = (configuration, drawing!.codes)
    let pictures = model.dvae.decode(
      IndexTensor(shape: [drawn.shape[0], c.rows, c.columns], drawn.values))  // [n, 3, H, W]
    let candidates = Candidates(codes: drawn, pictures: pictures)
    // The reranker cuts captions that it cannot read whole.
    guard let ranked = try? model.ranked(candidates, caption) else { return }
    for (place, best) in ranked.enumerated() {
      (numbers[place], scores[place]) = (Int32(best.candidate), best.score)
      for (i, code) in best.codes.enumerated() { codes[place * tokens + i] = code }
      best.picture.write(rgba + place * best.picture.width * best.picture.height * 4)
    }
  }

  // MARK: Pictures

  /// The codes of a whole picture.
  func grid(_ codes: UnsafePointer<Int32>) -> [Int32] {
    Array(UnsafeBufferPointer(start: codes, count: tokens))
  }

  /// Decodes grids of codes of one size, RGBA.
  func paint(_ grids: [[Int32]], _ rgba: UnsafeMutablePointer<UInt8>) {
    let columns = configuration.columns
    let rows = grids[0].count / columns
    let pictures = model.dvae.decode(
      IndexTensor(shape: [grids.count, rows, columns], grids.flatMap { $0 }))  // [n, 3, H, W]
    let bytes = pictures.count / grids.count / 3 * 4
    for i in grids.indices { Image(pictures.at(i, axis: 0)).write(rgba + i * bytes) }
  }

  /// The codes of a picture, RGBA.
  func encode(_ rgba: UnsafePointer<UInt8>) -> [Int32] {
    let f = model.dvae.configuration.factor
    let (width, height) = (configuration.columns * f, configuration.rows * f)
    let picture = Image(width: width, height: height, rgba: rgba)
    return model.dvae.encode(Tensor([picture])).values
  }

  /// The cosines of pictures with a caption, which is cut if it is too long.
  func score(_ caption: String, _ grids: [[Int32]], _ scores: UnsafeMutablePointer<Float>) {
    let c = configuration
    let codes = IndexTensor(shape: [grids.count, c.rows, c.columns], grids.flatMap { $0 })
    let cosines = (try? model.scores(model.dvae.decode(codes), caption)) ?? []
    for (i, cosine) in cosines.enumerated() { scores[i] = cosine }
  }
}
