/// A line of a manifest.
private struct ManifestLine: Decodable {
  let image: String
  let caption: String?
  let captions: [String]?
}

let newline = UInt8(ascii: "\n")

extension Findings {
  /// Reads a manifest, a JSON object on each line:
  ///
  ///     {"image": "a.png", "caption": "a red bird"}
  ///     {"image": "b.png", "captions": ["a blue bird", "a bird on a branch"]}
  ///
  /// Several lines may name the same picture. Blank lines are allowed.
  mutating func readManifest(_ file: String) throws(DataError) {
    let text = try contents(of: file)
    let lines = text.split(separator: newline, omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      if line.allSatisfy({ $0 <= UInt8(ascii: " ") }) { continue }
      let entry = try decode(ManifestLine.self, from: line, file: file, line: number + 1)
      guard entry.caption != nil || entry.captions != nil else {
        throw .malformed(
          file: file, line: number + 1, reason: "there is neither \"caption\" nor \"captions\"")
      }
      let picture = picture(entry.image)
      for caption in [entry.caption].compactMap({ $0 }) + (entry.captions ?? []) {
        add(caption: caption, to: picture)
      }
    }
  }
}
