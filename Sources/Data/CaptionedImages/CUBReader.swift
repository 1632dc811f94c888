import Files
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
    guard let texts = folders.first(where: { hasFolder("\(root)/\($0)") }) else {
      throw .inaccessible(
        path: root, reason: "there are no captions: put the folder text_c10 there or beside it")
    }
    let list = try contents(of: RawPath("\(root)/images.txt"))
    for (number, line) in list.split(separator: newline, omittingEmptySubsequences: false)
      .enumerated()
    {
      let fields = String(decoding: line, as: UTF8.self).split(
        maxSplits: 1, whereSeparator: \.isWhitespace)
      if fields.isEmpty { continue }
      guard fields.count == 2, Int(fields[0]) != nil else {
        report.note(
          "images.txt line \(number + 1): expected a number and the name of a picture", .badRecord)
        continue
      }
      let name = fields[1].trimmingCharacters(in: .whitespacesAndNewlines)
      let count = report.merged
      let picture = picture(named: "images/\(name)", in: root)
      // A picture that is listed twice has one file of captions all the same.
      let text = locator.path(of: "\(texts)/\(splitExtension(name).stem).txt", in: root)
      if report.merged == count, text.status != nil { add(captionsIn: text, to: picture) }
    }
  }
}
