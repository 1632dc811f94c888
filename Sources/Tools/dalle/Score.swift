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

/// Ranks captions for a picture, or pictures for a caption.
struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ranks captions for a picture, or pictures for a caption, by CLIP.",
    discussion: """
      One picture ranks captions; one caption ranks several pictures. Pictures are PNG or JPEG \
      files of any size, of which the middle square is used. The CLIP is that of chapter 2; the scores that \
      dalle prints for its own drawings come from another, that of chapter 5.

      Examples:
        dalle score picture.png "a red star" "a blue house" "a red star above a blue house"
        dalle score "a red star at night" a.png b.png c.png
      """)

  @Argument(
    help: ArgumentHelp(
      "Pictures (files, or names that end in .png, .jpg or .jpeg) and captions.",
      valueName: "picture or caption")
  )
  var things: [String]
  @Option(help: ArgumentHelp("A CLIP to use instead of the bundled one.", valueName: "file"))
  var model: String?
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
    /// -1 … 1
    let cosine: Float
    /// 0 … 1, among what was ranked
    let probability: Float
  }

  func run() throws {
    let matcher =
      if let model {
        try CaptionMatcher(Checkpoint(model, kind: CaptionMatcher.kind))
      } else {
        try Pretrained.clip()
      }
    let flaws = captions.compactMap { matcher.tokenizer.flaw(of: $0) }
    if flaws.count == captions.count { throw CommandError(flaws[0]) }
    for caption in captions {
      warnOfWords(caption, matcher.tokenizer)
      warnOfCut(caption, at: matcher.clip.configuration.text.context) { _ = try matcher.ids([$0]) }
    }
    let size = matcher.clip.configuration.vision.imageSize.rows
    var random = Random(seed: 0)
    let images = try pictures.map { path in
      Augmentation.none(size: size)(try Image(contentsOf: path), using: &random)
    }
    let cosines = try matcher.similarities(images, captions, truncate: true).flattened  // [n]
    let scale = matcher.clip.logitScale.exp().item
    let probabilities = (cosines * scale).softmax()  // [n]
    let entries = cosines.scalars.indices.map { i in
      Entry(
        picture: pictures[pictures.count == 1 ? 0 : i],
        caption: captions[captions.count == 1 ? 0 : i], cosine: cosines[i],
        probability: probabilities[i])
    }.sorted { $0.cosine > $1.cosine }
    try show(entries)
  }

  private func show(_ entries: [Entry]) throws {
    if json {
      print(try jsonText(entries))
      return
    }
    print(pictures.count == 1 ? pictures[0] : captions[0])
    print("  cosine   share")
    for entry in entries {
      let numbers = String(
        format: "  %6.3f  %5.1f%%", entry.cosine, entry.probability * 100)
      print("\(numbers)  \(pictures.count == 1 ? entry.caption : entry.picture)")
    }
  }
}
