import ArgumentParser
import Commands
import DALLE
import Foundation
import Images
import PictureFiles
import Pretrained
import Sheets
import TensorCore
import TextToImage
import Training

/// Draws pictures for a caption: `dalle "CAPTION"`.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws pictures for a caption and keeps those that fit it best.",
    discussion: """
      "dalle CAPTION" is short for "dalle generate CAPTION". The bundled models know two worlds: \
      the stickers of this book, things in eight colours, alone, in pairs or wearing something, on \
      six backgrounds; and things of an emoji font. A caption is drawn by the models that know more \
      of its words.

      Examples:
        dalle "a yellow star above a blue house at night"
        dalle "a fox above a pizza at night"
        dalle "a green cat wearing a red hat" --candidates 64 --keep 4 --seed 7 --output cat.png
        dalle "a red boat on the beach" --complete beach.png --rows 6
      """)

  @Argument(
    help: ArgumentHelp("What the pictures should show, in quotes or not.", valueName: "caption"))
  var words: [String]
  @Option(parsing: .unconditional, help: "How many pictures to draw.")
  var candidates = 32
  @Option(
    parsing: .unconditional,
    help: "How many of them to keep, the best by the scores of CLIP or a captioner. (default: 8)")
  var keep: Int?
  @Option(
    parsing: .unconditional,
    help: "Random seed, 0 or more: the same seed draws the same pictures.")
  var seed: UInt64 = 1
  @OptionGroup var sampling: SamplingFlags
  @Option(
    help: ArgumentHelp(
      "A picture to complete, PNG or JPEG: its upper rows are given.", valueName: "picture"))
  var complete: String?
  @Option(
    parsing: .unconditional, help: "How many rows of its tokens to keep. (default: half of them)")
  var rows: Int?
  @Option(help: ArgumentHelp("Where to write the sheet of the best.", valueName: "file.png"))
  var output = "dalle.png"
  @Option(help: ArgumentHelp("A folder for the best, as single pictures.", valueName: "folder"))
  var each: String?
  @Flag(help: "Print JSON, for programs.")
  var json = false
  @OptionGroup var models: ModelFlags
  @Option(
    help:
      "The bundled models that draw: stickers or emoji. (default: those that know more of the words)"
  )
  var world: WorldName?

  private var caption: String { words.joined(separator: " ") }
  private var kept: Int { keep ?? 8 }

  func validate() throws {
    guard caption.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("the caption is empty: say what the picture should show")
    }
    try check("--candidates", candidates, in: 1...100_000)
    try check("--keep", kept, in: 1...100_000)
    guard rows == nil || complete != nil else {
      throw ValidationError("--rows goes with --complete")
    }
    guard world == nil || models.models == nil else {
      throw ValidationError("--world is for the bundled models; --models names others")
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    try checkOutputs()
    let dalle = try models.dalle(world, for: caption)
    let tokenizer = dalle.transformer.tokenizer
    if let flaw = tokenizer.flaw(of: caption) { throw CommandError(flaw) }
    warnOfWords(caption, tokenizer)
    warnOfCut(caption, at: dalle.transformer.model.configuration.textLength) {
      _ = try dalle.transformer.ids($0)
    }
    if let keep, keep > candidates {
      complain("note: all \(candidates) are kept: --keep \(keep) is more than are drawn\n")
    }
    let given = try givenCodes(dalle)

    let options = sampling.options(for: dalle)
    let tokens = candidates * dalle.transformer.model.configuration.imageTokens
    let progress = ProgressBar("drawing", total: tokens, unit: "token")
    let drawn = try dalle.draw(
      caption, count: candidates, seed: seed, options, given: given, truncate: true
    ) { progress.update($0, "") }
    progress.end()
    let ranked = try dalle.ranked(drawn, caption).differentFirst
    let best = Array(ranked.prefix(kept))
    let sheet = Image.sheet(
      best.map(\.labelled), titled: caption, given: given.isEmpty ? nil : dalle.beginning(given))
    let files = try write(best, sheet)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    if json {
      try printJSON(best, files, seconds, options)
    } else {
      printTable(best, different: Set(ranked.map(\.codes)).count, seconds)
    }
  }

  /// Throws unless the sheet and the single pictures can be written without loss of one another, or
  /// of the picture that is read.
  private func checkOutputs() throws {
    let inputs = [complete].compactMap(\.self)
    guard let each else { return try OutputCheck.picture(output, reading: inputs) }
    let files = files(in: each, min(kept, candidates))
    if !each.isEmpty && files.contains(where: { OutputCheck.areSame($0, output) }) {
      throw CommandError(
        "\(output): is also the name of a picture in --each \(each); name another file")
    }
    try OutputCheck.folder(each)
    try OutputCheck.picture(output, reading: inputs)
    if !inputs.isEmpty {
      for file in files { try OutputCheck.picture(file, reading: inputs) }
    }
  }

  /// The codes of the upper rows of the picture to complete.
  private func givenCodes(_ dalle: TextToImage) throws -> [Int32] {
    guard let complete else { return [] }
    let c = dalle.transformer.model.configuration
    let count = rows ?? c.rows / 2
    guard (0...c.rows).contains(count) else {
      throw CommandError("--rows \(count): a picture has \(c.rows) rows of tokens")
    }
    let f = dalle.dvae.configuration.factor
    let picture = try Image(contentsOf: complete).fitted(width: c.columns * f, height: c.rows * f)
    return Array(dalle.dvae.encode(Tensor([picture])).values.prefix(count * c.columns))
  }

  /// Writes the sheet and, if wanted, each picture; returns the files of the latter.
  private func write(_ best: [RankedPicture], _ sheet: Image) throws -> [String] {
    try sheet.writePNG(to: output)
    guard let each else { return [] }
    let files = files(in: each, best.count)
    for (file, picture) in zip(files, best) { try picture.picture.writePNG(to: file) }
    let older = numberOfPictures(in: each, after: best.count)
    if older > 0 {
      complain(
        "note: \(each) still holds pictures of an earlier run: \(older) after \(best.count)\n")
    }
    return files
  }

  private func files(in folder: String, _ count: Int) -> [String] {
    (1...count).map { file(in: folder, $0) }
  }

  private func file(in folder: String, _ place: Int) -> String {
    "\(folder)/\(String(format: "%03d", place)).png"
  }

  /// How many more pictures with consecutive numbers there are.
  private func numberOfPictures(in folder: String, after place: Int) -> Int {
    var count = 0
    while FileManager.default.fileExists(atPath: file(in: folder, place + count + 1)) { count += 1 }
    return count
  }

  private func printTable(_ best: [RankedPicture], different: Int, _ seconds: Double) {
    print("place  candidate    score")
    for (place, picture) in best.enumerated() {
      print(String(format: "%5d  %9d  %7.3f", place + 1, picture.candidate, picture.score))
    }
    let time = String(format: "%.1f s", seconds)
    let others =
      different == candidates
      ? "" : different == 1 ? ", which are all the same" : " (\(different) different)"
    print("\(output): the best \(best.count) of \(candidates)\(others), seed \(seed), \(time)")
  }

  private func printJSON(
    _ best: [RankedPicture], _ files: [String], _ seconds: Double, _ options: SamplingOptions
  ) throws {
    struct Entry: Encodable {
      let place, candidate: Int
      let score: Float
      let file: String?
    }
    struct Report: Encodable {
      let caption, output: String
      let seed: UInt64
      let candidates: Int
      let seconds: Double
      let sampling: SamplingOptions
      let pictures: [Entry]
    }
    let entries = best.enumerated().map { i, picture in
      Entry(
        place: i + 1, candidate: picture.candidate, score: picture.score,
        file: i < files.count ? files[i] : nil)
    }
    print(
      try jsonText(
        Report(
          caption: caption, output: output, seed: seed, candidates: candidates, seconds: seconds,
          sampling: options, pictures: entries)))
  }
}

extension Image {
  /// The middle of the picture in the shape of width × height, scaled to that size.
  fileprivate func fitted(width: Int, height: Int) -> Image {
    let scale = min(Double(self.width) / Double(width), Double(self.height) / Double(height))
    let (w, h) = (
      max(1, Int((Double(width) * scale).rounded())),
      max(1, Int((Double(height) * scale).rounded()))
    )
    return cropped(x: (self.width - w) / 2, y: (self.height - h) / 2, width: w, height: h)
      .resized(width: width, height: height, .area)
  }
}
