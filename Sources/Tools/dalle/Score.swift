import ArgumentParser
import CLIP
import CaptionedImages
import Checkpoints
import Files
import Foundation
import Images
import PictureFiles
import Pretrained
import TensorCore
import Text
import TextToImage

/// Ranks captions for a picture, or pictures for a caption.
struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ranks captions for a picture, or pictures for a caption.",
    discussion: """
      One picture ranks captions; one caption ranks several pictures. Pictures are PNG or JPEG \
      files of any size, of which the middle square is used. The CLIP of chapter 2 gives the cosine of picture \
      and caption; the scores that dalle prints for its own drawings come from another, that of chapter 5. \
      With --world emoji a captioner gives the logarithm of the caption's probability, in nats.

      Examples:
        dalle score picture.png "a red star" "a blue house" "a red star above a blue house"
        dalle score "a red star at night" a.png b.png c.png
        dalle score picture.png "a fox above a pizza" "a pizza above a fox" --world emoji
      """)

  @Argument(
    help: ArgumentHelp(
      "Pictures (files, or names that end in .png, .jpg or .jpeg) and captions.",
      valueName: "picture or caption")
  )
  var things: [String]
  @Option(help: ArgumentHelp("A CLIP to use instead of the bundled one.", valueName: "file"))
  var model: String?
  @Option(help: "The bundled model that scores: that of stickers or of emoji.")
  var world = WorldName.stickers
  @Flag(help: "Print JSON, for programs.")
  var json = false

  private var pictures: [String] { things.filter(isPicture) }
  private var captions: [String] { things.filter { !isPicture($0) } }

  /// Whether an argument is a picture: by the promise of its name, or as a file that is one.
  private func isPicture(_ thing: String) -> Bool {
    if [".png", ".jpg", ".jpeg"].contains(where: thing.lowercased().hasSuffix) { return true }
    let start = try? readStart(of: RawPath(thing), count: 64).bytes
    return start.flatMap(pictureFormat) != nil
  }

  func validate() throws {
    guard model == nil || world == .stickers else {
      throw ValidationError("--world is for the bundled models; --model names another")
    }
    guard !pictures.isEmpty else {
      throw ValidationError("there is no picture to score: give a PNG or JPEG file")
    }
    guard !captions.isEmpty else {
      throw ValidationError("there is no caption to score: give one in quotes")
    }
    guard pictures.count == 1 || captions.count == 1 else {
      throw ValidationError(
        "give one picture and captions, or one caption and pictures; there are "
          + "\(pictures.count) pictures and \(captions.count) captions")
    }
    guard captions.allSatisfy({ $0.contains { !$0.isWhitespace } }) else {
      throw ValidationError("a caption is empty")
    }
  }

  /// One line of the ranking.
  private struct Entry: Encodable {
    let picture: String
    let caption: String
    /// The cosine with CLIP, -1 … 1
    let cosine: Float?
    /// ln p(caption | picture) of a captioner, in nats
    let logProbability: Float?
    /// 0 … 1, among what was ranked
    let probability: Float
  }

  func run() throws {
    let scorer = try scorer()
    let flaws = captions.compactMap { scorer.tokenizer.flaw(of: $0) }
    if flaws.count == captions.count { throw CommandError(flaws[0]) }
    for caption in captions {
      warnOfWords(caption, scorer.tokenizer)
      warnOfCut(caption, at: scorer.length, encode: scorer.encode)
    }
    var random = Random(seed: 0)
    let images = try pictures.map { path in
      Augmentation.none(size: scorer.size)(try Image(contentsOf: path), using: &random)
    }
    let scores = try scorer.scores(images, captions)
    let logits = Tensor(shape: [scores.count], scores.map { $0 * scorer.scale })  // [n]
    let probabilities = logits.softmax()  // [n]
    let entries = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }.map { i in
      Entry(
        picture: pictures[pictures.count == 1 ? 0 : i],
        caption: captions[captions.count == 1 ? 0 : i],
        cosine: scorer.isCLIP ? scores[i] : nil, logProbability: scorer.isCLIP ? nil : scores[i],
        probability: probabilities[i])
    }
    try show(entries, isCLIP: scorer.isCLIP)
  }

  private func show(_ entries: [Entry], isCLIP: Bool) throws {
    if json {
      print(try jsonText(entries))
      return
    }
    print(pictures.count == 1 ? pictures[0] : captions[0])
    print(isCLIP ? "  cosine   share" : "    nats   share")
    for entry in entries {
      let score = entry.cosine ?? entry.logProbability ?? 0
      let numbers = String(
        format: isCLIP ? "  %6.3f  %5.1f%%" : "  %6.1f  %5.1f%%", score, entry.probability * 100)
      print("\(numbers)  \(pictures.count == 1 ? entry.caption : entry.picture)")
    }
  }
}

extension Score {
  /// What says how well pictures and captions go together.
  private struct Scorer {
    let isCLIP: Bool
    let tokenizer: Tokenizer
    /// T, the tokens of a caption that are read.
    let length: Int
    /// Throws a `TextError` if a caption is too long.
    let encode: (String) throws -> Void
    /// The side of the pictures that are read.
    let size: Int
    /// Scores times this are logits.
    let scale: Float
    /// One score for each picture or each caption, of which one list has one element.
    let scores: ([Image], [String]) throws -> [Float]
  }

  private func scorer() throws -> Scorer {
    if world == .emoji {
      let dalle = try Pretrained.emoji()
      let c = dalle.transformer.model.configuration
      return Scorer(
        isCLIP: false, tokenizer: dalle.transformer.tokenizer, length: c.textLength,
        encode: { _ = try dalle.transformer.ids($0) },
        size: c.rows * dalle.dvae.configuration.factor,
        scale: 1
      ) { images, captions in
        try captions.flatMap { try dalle.scores(Tensor(images), $0) }
      }
    }
    let matcher =
      try model.map { try CaptionMatcher(Checkpoint($0, kind: CaptionMatcher.kind)) }
      ?? Pretrained.clip()
    return Scorer(
      isCLIP: true, tokenizer: matcher.tokenizer,
      length: matcher.clip.configuration.text.context, encode: { _ = try matcher.ids([$0]) },
      size: matcher.clip.configuration.vision.imageSize.rows,
      scale: matcher.clip.logitScale.exp().item
    ) { images, captions in
      try matcher.similarities(images, captions, truncate: true).flattened.scalars
    }
  }
}
