import Files

/// The result of reading a data set: how much was kept, what was left out and why.
///
///     print(data.report)
///     // pictures: 812, captions: 4061
///     //   picture files missing: 12 (a.png, b.png, c.png, d.png, e.png, …)
public struct DataReport: Equatable, Sendable, CustomStringConvertible {
  /// Why a picture or a caption was left out.
  public enum Reason: String, CaseIterable, Sendable {
    /// The file does not exist.
    case missing = "picture files missing"
    /// The file is a JPEG.
    case jpeg = "JPEG pictures, which are not read"
    /// The file cannot be opened, is no PNG, or is a broken one.
    case unreadable = "pictures unreadable"
    /// The picture is more than twice as wide as high, or more than twice as high as wide.
    case aspectRatio = "pictures too long or too tall"
    /// No caption was given, or none was kept.
    case noCaption = "pictures without a caption"
    /// The file of captions cannot be read as UTF-8.
    case captionsUnreadable = "caption files unreadable"
    /// A caption of a picture that the data set does not list.
    case unknownPicture = "captions of unknown pictures"
    /// The caption has fewer than three words.
    case tooShort = "captions of fewer than three words"
    /// At most half of the caption's characters are letters from a to z.
    case notEnglish = "captions not in Latin letters"
    /// The caption says when the picture was taken, not what it shows.
    case boilerplate = "captions about the date"
  }

  /// The number of names that are kept for each reason.
  public static let namesKept = 5

  /// The folder that names are relative to.
  let folder: String
  /// The number of pictures that were kept.
  public internal(set) var pictures = 0
  /// The number of captions that were kept.
  public internal(set) var captions = 0
  /// The number of times that a known picture was named again; its captions were merged.
  public internal(set) var merged = 0
  private var counts: [Reason: Int] = [:]
  private var firstNames: [Reason: [String]] = [:]

  init(folder: String) {
    self.folder = folder
  }

  /// The number of pictures or captions that were left out for `reason`.
  public func count(_ reason: Reason) -> Int { counts[reason, default: 0] }

  /// The names of the first `namesKept` of them.
  public func names(_ reason: Reason) -> [String] { firstNames[reason, default: []] }

  mutating func leaveOut(_ name: String, _ reason: Reason) {
    counts[reason, default: 0] += 1
    if names(reason).count < Self.namesKept {
      firstNames[reason, default: []].append(printable(name))
    }
  }

  /// What was left out and why, with the names; empty if nothing was.
  public var omissions: [String] {
    let reasons = Reason.allCases.filter { count($0) > 0 }.map { reason in
      let names = names(reason).joined(separator: ", ")
      let more = count(reason) > Self.namesKept ? ", …" : ""
      return "\(reason.rawValue): \(count(reason)) (\(names)\(more))"
    }
    return reasons + (count(.jpeg) > 0 ? [conversion] : [])
  }

  /// How to make PNG files of all JPEG files of the folder.
  private var conversion: String {
    let quoted = "'\(folder.replacing("'", with: "'\\''"))'"
    return "PNG files beside the JPEGs are found: "
      + "find \(quoted) -iname '*.jp*g' -exec mogrify -format png {} + (ImageMagick) makes them"
  }

  /// The first line says what was kept, the lines after it what was left out.
  public var description: String {
    let again = merged > 0 ? ", pictures named again: \(merged)" : ""
    let kept = "pictures: \(pictures), captions: \(captions)\(again)"
    return ([kept] + omissions).joined(separator: "\n  ")
  }
}
