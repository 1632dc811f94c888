import CPNG
import Files
import Images

extension Image {
  /// The picture as a PNG file in memory: 8-bit RGB. libpng allows a million pixels a side.
  public func pngData() -> [UInt8] {
    // This simple interface reports errors by its return value, so it is safe to call from Swift.
    var description = png_image()
    description.version = UInt32(PNG_IMAGE_VERSION)
    description.width = UInt32(width)
    description.height = UInt32(height)
    description.format = UInt32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&description) }
    // Pixels that cannot be compressed grow a little: by a byte per row for the filter, and by some
    // per block of deflate and per chunk.
    let room = pixels.count + height + pixels.count / 8 + 4096
    return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      var size = png_alloc_size_t(room)
      let success = png_image_write_to_memory(
        &description, buffer.baseAddress, &size, 0, pixels, 0, nil)
      precondition(success != 0, "libpng could not encode \(width)×\(height) pixels")
      count = Int(size)
    }
  }

  /// Writes the picture to the PNG file at `path`, completely or not at all.
  ///
  /// Throws a `PictureError` if the file cannot be written.
  public func writePNG(to path: String) throws(PictureError) {
    do throws(FileError) { try AtomicFile.write(pngData(), to: path) } catch {
      throw PictureError(error)
    }
  }
}
