import Files

/// The result of reading a data set: how much was kept, what was left out and why.
///
///     print(data.report)
///     // pictures: 812, captions: 4061
///     //   picture files missing: 12 (a.png, b.png, c.png, d.png, e.png, …)
public struct DataReport: Equatable, Sendable, CustomStringConvertible {
  /// Why a picture or a caption was left out.
  public enum Reason: String, CaseIterable, Sendable {
    /// A list names the file, and it does not exist.
    case missing = "picture files missing"
    /// The file cannot be opened, is neither PNG nor JPEG, or is a broken one.
    case unreadable = "pictures unreadable"
    /// The picture is more than twice as wide as high, or more than twice as high as wide.
    case aspectRatio = "pictures too long or too tall"
    /// No caption was given, or none was kept.
    case noCaption = "pictures without a caption"
    /// Another picture of the same name, such as the PNG made of a JPEG, has the caption.
    case twin = "pictures beside another of the same name"
    /// The file of captions cannot be read as UTF-8.
    case captionsUnreadable = "caption files unreadable"
    /// A file of captions has no picture of its name beside it.
    case noPicture = "caption files without a picture"
    /// A caption of a picture that the data set does not list.
    case unknownPicture = "captions of unknown pictures"
    /// An entry of a list is damaged, or lacks what it should have.
    case badRecord = "entries that cannot be used"
    /// A folder in the data set cannot be opened.
    case badFolder = "folders that cannot be read"
    /// A file beside the pictures that is neither a picture nor captions.
    case notRead = "other files, which are not read"
    /// The caption has fewer than three words.
    case tooShort = "captions of fewer than three words"
    /// At most half of the caption's characters are letters from a to z.
    case notEnglish = "captions not in Latin letters"
    /// The caption says when the picture was taken, not what it shows.
    case boilerplate = "captions about the date"
    /// A list names a picture outside of its folder. It is read all the same.
    case outside = "pictures outside of the folder, which are read"
  }

  /// The number of names of each reason that `description` shows.
  public static let namesShown = 5

  /// The number of pictures that were kept.
  public internal(set) var pictures = 0
  /// The number of captions that were kept.
  public internal(set) var captions = 0
  /// The number of times that a known picture was named again; its captions were merged.
  public internal(set) var merged = 0
  private var names: [Reason: PackedStrings] = [:]

  /// The number of pictures or captions that were left out for `reason`.
  public func count(_ reason: Reason) -> Int { names[reason]?.count ?? 0 }

  /// The names of all that were left out for `reason`, with details.
  public func names(_ reason: Reason) -> [String] { names[reason].map(Array.init) ?? [] }

  /// Adds a name, with details, to those of a reason.
  mutating func note(_ name: String, _ reason: Reason) {
    names[reason, default: PackedStrings()].append(printable(name, limit: 400))
  }

  /// What was left out and why, a line for each reason with the first names; empty if nothing was.
  public var omissions: [String] {
    present.map { reason, names in
      let more = names.count > Self.namesShown ? ", …" : ""
      let first = names.prefix(Self.namesShown).joined(separator: ", ")
      return "\(reason.rawValue): \(names.count) (\(first)\(more))"
    }
  }

  /// What was left out and why, a line for each name; empty if nothing was.
  public var everything: String {
    present.map { reason, names in
      "\(reason.rawValue): \(names.count)\n" + names.map { "  \($0)\n" }.joined()
    }.joined()
  }

  private var present: [(Reason, PackedStrings)] {
    Reason.allCases.compactMap { reason in names[reason].map { (reason, $0) } }
  }

  /// The first line says what was kept, the lines after it what was left out.
  public var description: String {
    let again = merged > 0 ? ", pictures named again: \(merged)" : ""
    let kept = "pictures: \(pictures), captions: \(captions)\(again)"
    return ([kept] + omissions).joined(separator: "\n  ")
  }
}
