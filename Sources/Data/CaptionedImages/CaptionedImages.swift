import Files
import Foundation
import Images
import PictureFiles
import TensorCore

/// Pictures on the disk with their captions: your own data.
///
///     let data = try CaptionedImages("birds")
///     print(data.report)
///     let picture = try data.picture(at: 0)
///     print(data.captions(at: 0))
///
/// The captions are in memory, a few dozen bytes each; pictures, PNG or JPEG whatever their names
/// say, are read one at a time. The path decides the format of the data set:
/// - a folder, with others in it or not, of pictures NAME.png, NAME.jpg, … with the captions in
///   NAME.txt or NAME.caption, one on each line, or NAME.json beside them; or in Hugging Face's
///   metadata.jsonl, metadata.csv or metadata.tsv;
/// - MS-COCO: a file captions_….json, or the folder with one in it or in its `annotations`;
/// - CUB-200-2011: the folder with `images.txt` and `images/` in it, and with the captions in
///   `text_c10/` (or `text/`) there or beside it;
/// - a list: a file .jsonl with a line `{"image": "a.png", "caption": "a red bird"}` for each
///   caption, or `{"image": "a.png", "captions": ["a red bird", …]}` for each picture; a file .json
///   with a list of these, or with captions by names of files; or a table .csv or .tsv whose first
///   line names its columns. "file_name" and "text" do as well.
///
/// Names in lists are relative to the list. They may be absolute or lead out of its folder; such
/// pictures are read, and counted in the report. If NAME.jpg does not exist, NAME.png is read. Case
/// and the composition of accents may differ from the file's name.
public struct CaptionedImages: Sendable {
  /// What was kept, what was left out, and why.
  public let report: DataReport
  /// The folder that the data set's file names are relative to.
  public let folder: String
  private let paths: PackedStrings
  private let texts: PackedStrings
  /// Where each picture's captions begin in `texts`.
  private let firsts: [Int]
  /// Where in the lists the pictures are; nil if all of them count.
  private var chosen: [Int]?

  /// Reads the lists and captions of the data set at `path`, and the header of every picture.
  ///
  /// - Parameters:
  ///   - path: The folder or file.
  ///   - images: The folder of a COCO data set's pictures, if it has an unusual name.
  ///   - filtered: Whether pictures and captions that the paper would not have used are left out.
  /// - Throws: A `DataError` if the data set is unreadable or malformed, or if nothing of it is left.
  public init(
    _ path: String, images: String? = nil, filtered: Bool = true
  ) throws(DataError) {
    let format = try DataFormat(of: path, images: images)
    folder = format.folder
    var findings = Findings(folder: folder)
    try format.read(into: &findings)
    (report, paths, texts, firsts) = findings.selection(filtered: filtered)
    if paths.isEmpty {
      throw .empty(path: path, omissions: report.omissions)
    }
  }

  /// The number of pictures.
  public var count: Int { chosen?.count ?? paths.count }

  /// The path of picture number `index`, as a line of text.
  public func path(at index: Int) -> String { file(at: index).text }

  /// The path of picture number `index`, as the file system has it.
  public func file(at index: Int) -> RawPath {
    RawPath(bytes: paths.bytes(at: place(of: index)))
  }

  /// The captions of picture number `index`, at least one.
  public func captions(at index: Int) -> [String] {
    let place = place(of: index)
    let end = place + 1 < firsts.count ? firsts[place + 1] : texts.count
    return (firsts[place]..<end).map { texts[$0] }
  }

  private func place(of index: Int) -> Int { chosen?[index] ?? index }

  /// Reads picture number `index`, turned upright; transparent parts become white.
  ///
  /// Throws a `PictureError` if the file cannot be read.
  public func picture(at index: Int) throws(PictureError) -> Image {
    try Image(contentsOf: file(at: index))
  }

  /// Two data sets: `count` pictures by chance, and all others. A file that is there twice may be in both.
  public func holdingOut(
    _ count: Int, seed: UInt64
  ) -> (rest: CaptionedImages, heldOut: CaptionedImages) {
    precondition(
      (1..<self.count).contains(count), "of \(self.count) pictures, \(count) cannot be held out")
    var random = Random(seed: seed).split("held out")
    var order = Array(0..<self.count)
    random.shuffle(&order)
    func those(_ part: ArraySlice<Int>) -> CaptionedImages {
      var images = self
      images.chosen = part.sorted().map(place)
      return images
    }
    return (those(order.dropFirst(count)), those(order.prefix(count)))
  }

  /// The number of bytes in use.
  var memory: Int {
    paths.memory + texts.memory + (firsts.capacity + (chosen?.capacity ?? 0))
      * MemoryLayout<Int>.stride
  }
}
