// Pooling of pictures [B, H, W, C]. It takes no noticeable share of a training step, so the loops
// are plain ones; pictures share the threads.

import Vectors

/// Sizes of a pooling window.
public struct PoolingShape {
  /// Pictures.
  public var batch: Int
  /// Rows of a picture.
  public var height: Int
  /// Columns of a picture.
  public var width: Int
  /// Values per pixel.
  public var channels: Int
  /// Side of the window.
  public var kernel: Int
  /// Distance between neighbouring windows.
  public var stride: Int

  /// A window over pictures.
  public init(
    batch: Int, height: Int, width: Int, channels: Int, kernel: Int, stride: Int
  ) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
  }

  /// Rows of the result; a window that does not fit is dropped.
  public var outputHeight: Int { max(0, (height - kernel) / stride + 1) }
  /// Columns of the result.
  public var outputWidth: Int { max(0, (width - kernel) / stride + 1) }

  /// Calls `body` with every pixel of the result and every pixel of its window, as offsets of
  /// their channel 0.
  @inline(__always)
  func forEachWindow(_ image: Int, _ body: (_ out: Int, _ in: Int, _ first: Bool) -> Void) {
    for oy in 0..<outputHeight {
      for ox in 0..<outputWidth {
        let out = ((image * outputHeight + oy) * outputWidth + ox) * channels
        var first = true
        for y in oy * stride..<oy * stride + kernel {
          for x in ox * stride..<ox * stride + kernel {
            body(out, ((image * height + y) * width + x) * channels, first)
            first = false
          }
        }
      }
    }
  }
}

/// y = the largest value of each window, NaN if it holds one; `places` remembers where it stood
/// (the first one).
public func maximumPool(
  _ s: PoolingShape, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
  _ places: UnsafeMutablePointer<Int32>
) {
  parallelFor(s.batch) { image in
    s.forEachWindow(image) { out, source, first in
      // Nothing is larger than NaN, so the first NaN of a window stays.
      for c in 0..<s.channels
      where first || x[source + c] > y[out + c] || x[source + c].isNaN && !y[out + c].isNaN {
        y[out + c] = x[source + c]
        places[out + c] = Int32(source + c)
      }
    }
  }
}

/// dx[places[i]] += dy[i], image by image.
public func maximumPoolGradient(
  _ s: PoolingShape, _ dy: UnsafePointer<Float>, _ places: UnsafePointer<Int32>,
  _ dx: UnsafeMutablePointer<Float>
) {
  let inputs = s.height * s.width * s.channels
  let outputs = s.outputHeight * s.outputWidth * s.channels
  parallelFor(s.batch) { image in
    (dx + image * inputs).update(repeating: 0, count: inputs)
    for i in image * outputs..<(image + 1) * outputs { dx[Int(places[i])] += dy[i] }
  }
}
