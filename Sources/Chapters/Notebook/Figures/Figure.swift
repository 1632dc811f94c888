import Images
import PictureFiles

/// A picture or a plot that can be written to a file.
public protocol Figure {
  /// "png" or "svg".
  static var fileExtension: String { get }
  /// The contents of the file; equal figures give equal bytes.
  func fileBytes() -> [UInt8]
}

/// A picture as it is. Enlarge small ones with `enlarged(by:)`: a page is about 900 pixels wide.
extension Image: Figure {
  /// "png".
  public static var fileExtension: String { "png" }
  /// The picture as PNG.
  public func fileBytes() -> [UInt8] { pngData() }
}
