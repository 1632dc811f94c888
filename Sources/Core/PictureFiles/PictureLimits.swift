/// The sizes of pictures that are read.
public enum PictureLimits {
  /// No picture is wider or higher than this.
  public static let side = 1 << 16
  /// No picture has more pixels than this. A PNG that has takes 512 MB as samples; a progressive
  /// JPEG, half a gigabyte as coefficients.
  public static let pixels = 1 << 26

  /// Throws a `PictureError` if a file of `fileSize` bytes cannot or must not have so many pixels.
  /// A byte of it holds at most `pixelsPerByte`, however well compressed.
  static func check(
    width: Int, height: Int, fileSize: Int, pixelsPerByte: Int, _ name: String
  ) throws(PictureError) {
    guard width <= side, height <= side, width * height <= pixels else {
      throw .tooLarge(file: name, width: width, height: height)
    }
    guard width * height <= fileSize * pixelsPerByte else {
      throw .overstated(file: name, width: width, height: height, bytes: fileSize)
    }
  }
}
