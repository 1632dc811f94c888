import Foundation

extension Findings {
  /// Reads CUB-200-2011 with the captions of Reed et al. (2016):
  ///
  ///     CUB_200_2011/images.txt                          "1 001.Albatross/A_0046_18.jpg", …
  ///     CUB_200_2011/images/001.Albatross/A_0046_18.jpg  (or .png)
  ///     CUB_200_2011/text_c10/001.Albatross/A_0046_18.txt    ten lines
  ///
  /// The folder of captions may be called `text`, and may be beside CUB_200_2011.
  mutating func readCUB(_ root: String) throws(DataError) {
    let folders = ["text_c10", "text", "../text_c10", "../text"]
    guard let texts = folders.first(where: { exists("\(root)/\($0)") }) else {
      throw .inaccessible(
        path: root, reason: "there are no captions: put the folder text_c10 there or beside it")
    }
    let file = "\(root)/images.txt"
    let list = try contents(of: file)
    for (number, line) in list.split(separator: newline, omittingEmptySubsequences: false)
      .enumerated()
    {
      let fields = String(decoding: line, as: UTF8.self).split(
        maxSplits: 1, whereSeparator: \.isWhitespace)
      if fields.isEmpty { continue }
      guard fields.count == 2, Int(fields[0]) != nil else {
        throw .malformed(
          file: file, line: number + 1, reason: "expected a number and the name of a picture")
      }
      let name = fields[1].trimmingCharacters(in: .whitespacesAndNewlines)
      let count = report.merged
      let picture = picture("images/\(name)")
      // A picture that is listed twice has one file of captions all the same.
      if report.merged == count {
        add(captionsIn: "\(texts)/\(splitExtension(name).stem).txt", to: picture)
      }
    }
  }
}
