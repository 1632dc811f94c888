import ArgumentParser
import CaptionedImages
import Training

/// How many pictures of a drawn world are shown or written, and where to.
struct SampleFlags: ParsableArguments {
  @Option(parsing: .unconditional, help: "How many samples to draw. (default: 64)")
  var count: Int?
  @Option(
    parsing: .unconditional, help: "Random seed: the same seed gives the same pictures.")
  var seed: UInt64 = 1
  @Option(parsing: .unconditional, help: "Pixels per side of a picture, 8 to 256.")
  var size = 64
  @Option(parsing: .unconditional, help: "Pictures per row of the sheet.")
  var columns = 8
  @Option(help: ArgumentHelp("Where to write the sheet.", valueName: "file.png"))
  var output: String?
  @Option(help: ArgumentHelp("Where to write samples as PNG and text files.", valueName: "folder"))
  var export: String?
  @Flag(help: "Export to a folder that is not empty, replacing files of the same names.")
  var overwrite = false

  func validate() throws {
    try check("--count", samples, in: 1...10_000_000)
    try check("--size", size, in: 8...256)
    try check("--columns", columns, in: 1...1000)
    guard output?.lowercased().hasSuffix(".png") ?? true else {
      throw ValidationError("--output must end in .png, got \(output ?? "")")
    }
    guard output != nil || export != nil else {
      throw ValidationError("say where to: --output FILE.png, --export FOLDER, or both")
    }
    guard export != nil || !overwrite else {
      throw ValidationError("--overwrite is for --export")
    }
  }

  /// The number of samples.
  var samples: Int { count ?? 64 }

  /// Throws if options for samples stand beside a `sheet` that shows all there are.
  func checkShowsSamples(_ isShown: Bool, sheet: some Any, hasSplit: Bool) throws {
    if isShown { return }
    guard export == nil else {
      throw ValidationError("--export writes samples, so it does not go with --sheet \(sheet)")
    }
    guard count == nil && !hasSplit else {
      throw ValidationError(
        "--sheet \(sheet) shows all there are, so --count and --split do not go with it")
    }
  }

  /// Writes samples to the folder for them, if there is one.
  func write(_ pairs: some DrawnPairs) throws {
    guard let export else { return }
    let progress = ProgressBar("export", total: samples, unit: "picture")
    try pairs.export(samples, to: export, overwrite: overwrite) { progress.update($0, "") }
    progress.end()
    print("\(export): \(pictures(samples)) with captions beside them")
  }

  /// "1 picture", "2 pictures"
  func pictures(_ count: Int) -> String { "\(count) picture\(count == 1 ? "" : "s")" }
}
