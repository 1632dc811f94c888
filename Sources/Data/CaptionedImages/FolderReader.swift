extension Findings {
  /// Reads a folder of NAME.png and NAME.txt, in the order of their names. Files of other kinds,
  /// folders in it and hidden files are ignored.
  mutating func readFolder(_ folder: String) throws(DataError) {
    let files = try names(in: folder)
    let texts = Set(files.filter { $0.hasSuffix(".txt") })
    let pngs = Set(
      files.filter { splitExtension($0).kind == "png" }.map { splitExtension($0).stem })

    var used: Set<String> = []
    for name in files {
      let (stem, kind) = splitExtension(name)
      // A JPEG with a PNG beside it has been converted and need not be reported.
      guard kind == "png" || isJPEG(name) && !pngs.contains(stem) else { continue }
      let number = picture(name)
      let text = "\(stem).txt"
      if texts.contains(text) && used.insert(text).inserted { add(captionsIn: text, to: number) }
    }
    for text in texts.subtracting(used).sorted() {
      report.leaveOut("\(splitExtension(text).stem).png", .missing)
    }
  }
}
