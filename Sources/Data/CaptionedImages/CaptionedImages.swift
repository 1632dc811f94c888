import Foundation
import Images

/// Pictures on the disk with their captions: the reader's own data.
///
///     let data = try CaptionedImages("birds")
///     print(data.report)
///     let picture = try data.picture(at: 0)
///     print(data.captions(at: 0))
///
/// The captions are in memory, a few dozen bytes each; pictures are read one at a time. What a
/// data set can be is told by its path:
/// - a folder of NAME.png and NAME.txt with one caption a line;
/// - MS-COCO: a file captions_….json, or the folder with `annotations/captions_….json` in it;
/// - CUB-200-2011: the folder with `images.txt` and `images/` in it, and with the captions in
///   `text_c10/` (or `text/`) there or beside it;
/// - a manifest: a file .jsonl with a line `{"image": "a.png", "caption": "a red bird"}` for each
///   caption, or `{"image": "a.png", "captions": ["a red bird", …]}` for each picture. Paths are
///   relative to the manifest.
///
/// Pictures must be PNG files. Where a data set names NAME.jpg, NAME.png beside it is read.
public struct CaptionedImages: Sendable {
  /// What was kept, what was left out, and why.
  public let report: DataReport
  private let paths: PackedStrings
  private let texts: PackedStrings
  /// Where each picture's captions begin in `texts`.
  private let firsts: [Int]

  /// Reads the lists and captions of the data set at `path`, and the header of every picture.
  ///
  /// - Parameters:
  ///   - path: The folder or file.
  ///   - images: The folder of a COCO data set's pictures, if it has an unusual name.
  ///   - filtered: Whether pictures and captions that the paper would not have used are left out.
  /// - Throws: A `DataError` if the data set is unreadable, malformed, or nothing of it is left.
  public init(
    _ path: String, images: String? = nil, filtered: Bool = true
  ) throws(DataError) {
    let format = try DataFormat(of: path, images: images)
    var findings = Findings(folder: format.folder)
    try format.read(into: &findings)
    (report, paths, texts, firsts) = findings.selection(filtered: filtered)
    if paths.isEmpty {
      throw .empty(path: path, omissions: report.omissions)
    }
  }

  /// How many pictures there are.
  public var count: Int { paths.count }

  /// The file of a picture.
  public func path(at index: Int) -> String { paths[index] }

  /// The captions of a picture, at least one.
  public func captions(at index: Int) -> [String] {
    let end = index + 1 < firsts.count ? firsts[index + 1] : texts.count
    return (firsts[index]..<end).map { texts[$0] }
  }

  /// Reads a picture, what is transparent over white.
  public func picture(at index: Int) throws(PNGError) -> Image { try Image(png: paths[index]) }

  /// Bytes of memory in use.
  var memory: Int {
    paths.memory + texts.memory + firsts.capacity * MemoryLayout<Int>.stride
  }
}
