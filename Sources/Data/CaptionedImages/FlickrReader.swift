import Files

extension Findings {
  /// Reads the captions of Flickr8k and Flickr30k as they were published, in files .token:
  ///
  ///     1000268201_693b08cb0e.jpg#0<TAB>A child in a pink dress .
  mutating func readTokens(_ file: RawPath, in base: String) throws(DataError) {
    let text = String(decoding: try contents(of: file), as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      if let (name, caption) = token(line), Record.flaw(ofName: name) == nil {
        add(captions: [caption], toPicture: name, in: base)
      } else {
        report.note(
          "\(shown(file)) line \(number + 1): expected NAME.jpg#0, a tab and a caption", .badRecord)
      }
    }
  }
}

/// The picture and the caption of a line of a file .token; nil if it is none.
func token(_ line: Substring) -> (name: String, caption: String)? {
  guard let tab = line.firstIndex(of: "\t"), let sign = line[..<tab].lastIndex(of: "#"),
    Int(line[sign...].dropFirst().prefix { $0 != "\t" }) != nil
  else { return nil }
  return (String(line[..<sign]), String(line[tab...].dropFirst()))
}
