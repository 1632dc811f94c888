// Checks before any work is done.

import ArgumentParser
import Commands
import DiscreteVAE
import Files
import Foundation
import PictureFiles
import Text
import TextToImage
import Training

/// An error message for the user.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Throws unless a number that was asked for is in the range it must be in.
func check(_ option: String, _ value: Int, in range: ClosedRange<Int>) throws {
  guard range.contains(value) else {
    throw ValidationError(
      "\(option) must be \(range.lowerBound) to \(range.upperBound), got \(value)")
  }
}

/// Throws if a sheet of `count` pictures would have more pixels than a picture may have.
func checkSheet(of count: Int, side: Int, columns: Int) throws {
  // Three lines of label and a gutter take some 45 pixels.
  let width = min(columns, count) * (side + 6)
  let height = ((count - 1) / columns + 1) * (side + 45)
  if max(width, height) > PictureLimits.side || width * height > PictureLimits.pixels {
    throw CommandError(
      "a sheet of \(count) pictures would have about \(width)×\(height) pixels, too many; choose a "
        + "lower --count, --size or --scale, or other --columns")
  }
}

/// How many steps a training may have: far more than there is time for.
let possibleSteps = 1...100_000_000

/// Throws unless a training can have these settings.
func check(steps: Int, batch: Int, atLeast smallest: Int = 1, rate: Float = 1) throws {
  try check("--steps", steps, in: possibleSteps)
  try check("--batch", batch, in: smallest...65_536)
  guard rate > 0, rate.isFinite else {
    throw ValidationError("--rate must be a number above 0, got \(rate)")
  }
}

/// Throws unless a dVAE of these sizes, from `file`, goes with colour pictures of size × size pixels.
func check(_ sizes: DVAEConfiguration, from file: String, size: Int) throws {
  if sizes.channels != 3 {
    throw CommandError(
      "\(file): is for pictures of \(sizes.channels) channels (\"output_channels\"), ours have 3")
  }
  if size % sizes.factor != 0 {
    throw CommandError(
      "\(file): a code stands for \(sizes.factor)×\(sizes.factor) pixels (stem × 2^(groups - 1)), "
        + "and pictures of \(size)×\(size) do not divide into such squares")
  }
}

/// Warns, in one line, of what a model has never read in a caption.
func warnOfWords(_ caption: String, _ tokenizer: Tokenizer) {
  let unknown = tokenizer.unknownWords(in: caption)
  if unknown.isEmpty { return }
  let named = unknown.prefix(4).map { word, nearest in
    let cut = word.count > 30 ? word.prefix(29) + "…" : word
    let others = nearest.isEmpty ? "" : " (near are \(nearest.joined(separator: ", ")))"
    return "\"\(printable(cut))\"\(others)"
  }
  let rest = unknown.count > 4 ? " and \(unknown.count - 4) more" : ""
  complain("warning: the model has never read \(named.joined(separator: ", "))\(rest)\n")
}

/// Warns if a model with a row of `length` tokens has to cut a caption, as it cuts those it learns
/// from; `encode` throws then.
func warnOfCut(_ caption: String, at length: Int, encode: (String) throws -> Void) {
  if (try? encode(caption)) != nil { return }
  complain("warning: \(cutting(caption, at: length))\n")
}

/// Checks before any work is done that its result can be written.
enum OutputCheck {
  /// Throws unless a file can be written at `path` that is not one of the inputs.
  static func file(_ path: String, reading inputs: [String] = []) throws {
    guard !path.isEmpty else { throw CommandError("the output file has no name") }
    var isFolder: ObjCBool = false
    let files = FileManager.default
    if files.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw CommandError("\(path): cannot be written (it is a folder); name a file")
    }
    if let refusal = AtomicFile.refusal(of: path) {
      throw CommandError("\(path): cannot be written (\(refusal)); name another file")
    }
    if inputs.contains(where: { areSame($0, path) }) {
      throw CommandError("\(path): is an input, so it cannot also be the output; name another file")
    }
    try trial(in: resolved(path).deletingLastPathComponent().path, for: path)
  }

  /// Whether two paths mean the same file.
  static func areSame(_ a: String, _ b: String) -> Bool { resolved(a) == resolved(b) }

  private static func resolved(_ path: String) -> URL {
    URL(fileURLWithPath: path).resolvingSymlinksInPath()
  }

  /// The same for a picture, whose name must say so.
  static func picture(_ path: String, reading inputs: [String] = []) throws {
    guard path.isEmpty || path.lowercased().hasSuffix(".png") else {
      throw CommandError("\(path): pictures are PNG files; name one that ends in .png")
    }
    try file(path, reading: inputs)
  }

  /// Makes the folder if need be, and sees whether files can be made there.
  static func folder(_ path: String) throws {
    guard !path.isEmpty else { throw CommandError("the output folder has no name") }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CommandError(
        "\(path): the folder cannot be made (\(reasonAgainst(path))); name one that can be written to"
      )
    }
    try trial(in: path, for: path)
  }

  /// Why the folder at `path` cannot be made: what the system says of the first part that is missing.
  private static func reasonAgainst(_ path: String) -> String {
    var missing = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    while missing.path != "/" {
      let parent = missing.deletingLastPathComponent()
      for url in [missing, parent]
      where FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) {
        if !isFolder.boolValue { return "\(url.path) is a file" }
        if mkdir(missing.path, 0o777) != 0 { return String(cString: strerror(errno)) }
        rmdir(missing.path)
        return "it could be made just now"
      }
      missing = parent
    }
    return String(cString: strerror(ENOENT))
  }

  /// Throws if a run in `stages`, folders in the order of training, would replace what cannot be
  /// had back: a finished model whose training state is gone, or stages that have begun although
  /// this is a new run, or a stage before them is gone.
  ///
  /// - Parameter models: Paths of finished models, each with the number of the stage that ends it.
  static func run(
    _ stages: [String], models: [(path: String, stage: Int)], resume: Bool
  ) throws {
    let hasBegun = stages.map(TrainingFolder.hasBegun)
    for (path, stage) in models
    where !hasBegun[stage] && FileManager.default.fileExists(atPath: path) {
      throw CommandError(
        "\(path): is a finished model, and the state of its training (\(stages[stage])) is gone, so "
          + "this run would replace it; move it away, or name another --output")
    }
    for stage in stages { try TrainingFolder.checkFree(stage, resume: resume) }
    if let gone = hasBegun.firstIndex(of: false), let later = hasBegun.lastIndex(of: true),
      gone < later
    {
      throw CommandError(
        "\(stages[gone]): the training state is gone, but that of a later stage is there "
          + "(\(stages[later])); put it back, or name another --output")
    }
  }

  /// Makes an empty file in a folder and removes it: what permissions say is not all.
  private static func trial(in folder: String, for path: String) throws {
    let name = "\(folder)/.dalle-\(UUID().uuidString)"
    let file = open(name, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard file >= 0 else {
      throw CommandError(
        "\(path): cannot be written (\(folder): \(String(cString: strerror(errno))))")
    }
    close(file)
    unlink(name)
  }
}
