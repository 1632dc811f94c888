/// A drawing that can be written to a file.
public protocol Figure {
  /// The SVG file; equal figures give equal bytes.
  func fileBytes() -> [UInt8]
}
