// Resizing, for all filters and both kinds of pictures. All our filters are separable: a new
// pixel is a weighted mean of a rectangle of old ones, each weighted by the weight of its row
// times that of its column. So each axis has a list of weights, and resizing is a loop over them.

/// How resizing computes new pixels from old ones.
public enum ResizeFilter: Equatable, Sendable {
  /// The mean over the rectangle that a new pixel covers, in which old pixels count by the part
  /// covered: OpenCV's INTER_AREA when shrinking. (TensorFlow's AREA with `align_corners`, which
  /// the DALL·E paper used, shifts these rectangles by less than one of them.)
  case area
  /// A tent of weights. With `antialias` it is widened when shrinking, so that no pixel is
  /// skipped; without, two pixels of each axis are always mixed.
  case bilinear(antialias: Bool)
  /// Keys' cubic convolution, which is sharper and overshoots at edges. As in PyTorch its
  /// parameter is -0.5 with `antialias` and -0.75 without.
  case bicubic(antialias: Bool)
}

extension Image {
  /// The picture scaled to `width`×`height`, computed exactly and rounded once.
  public func resized(width: Int, height: Int, _ filter: ResizeFilter) -> Image {
    let rows = filter.weights(from: self.height, to: height)
    let columns = filter.weights(from: self.width, to: width)
    let pixels = resample(
      pixels, width: self.width, channels: 3, rows, columns, read: { Double($0) }, write: byte)
    return Image(width: width, height: height, pixels: pixels)
  }
}

extension FloatImage {
  /// The picture scaled to `width`×`height`. Nothing is clamped: bicubic weights overshoot.
  public func resized(width: Int, height: Int, _ filter: ResizeFilter) -> FloatImage {
    let rows = filter.weights(from: self.height, to: height)
    let columns = filter.weights(from: self.width, to: width)
    let area = self.width * self.height
    let planes = (0..<3).map { channel in
      resample(
        values[channel * area..<(channel + 1) * area], width: self.width, channels: 1,
        rows, columns, read: { Double($0) }, write: { Float($0) })
    }
    return FloatImage(width: width, height: height, values: Array(planes.joined()))
  }
}

/// The weights of one new pixel along one axis: it is made of `values[k]` parts of the old pixel
/// `first + k`, of `total` parts. Division comes last, so that the mean of whole numbers with whole
/// weights (the area filter) is exact, and a value halfway between two bytes is recognised.
private struct Weights {
  var first: Int
  var values: [Double]
  var total: Double

  init(first: Int, _ values: [Double]) {
    self.first = first
    self.values = values
    total = values.reduce(0, +)
  }
}

/// Applies the weights of both axes to `samples`: [old height, width, channels] →
/// [rows.count, columns.count, channels]. Needs no other memory than one row of sums.
private func resample<Samples: RandomAccessCollection<Sample>, Sample>(
  _ samples: Samples, width: Int, channels: Int, _ rows: [Weights], _ columns: [Weights],
  read: (Sample) -> Double, write: (Double) -> Sample
) -> [Sample] where Samples.Index == Int {
  var sums = [Double](repeating: 0, count: width * channels)
  var result: [Sample] = []
  result.reserveCapacity(rows.count * columns.count * channels)
  for row in rows {
    for i in sums.indices { sums[i] = 0 }
    for (k, weight) in row.values.enumerated() {
      let start = samples.startIndex + (row.first + k) * sums.count
      for i in sums.indices { sums[i] += weight * read(samples[start + i]) }
    }
    for column in columns {
      for channel in 0..<channels {
        var sum = 0.0
        for (k, weight) in column.values.enumerated() {
          sum += weight * sums[(column.first + k) * channels + channel]
        }
        result.append(write(sum / (row.total * column.total)))
      }
    }
  }
  return result
}

extension ResizeFilter {
  /// The weights of each of `new` pixels that replace `old` ones.
  fileprivate func weights(from old: Int, to new: Int) -> [Weights] {
    precondition(new > 0, "a side cannot be resized to \(new) pixels")
    return switch self {
    case .area: (0..<new).map { Self.box($0, old, new) }
    case .bilinear(true): (0..<new).map { Self.window($0, old, new, radius: 1, Self.tent) }
    case .bilinear(false): (0..<new).map { Self.point($0, old, new, radius: 1, Self.tent) }
    case .bicubic(true):
      (0..<new).map { Self.window($0, old, new, radius: 2) { Self.cubic($0, a: -0.5) } }
    case .bicubic(false):
      (0..<new).map { Self.point($0, old, new, radius: 2) { Self.cubic($0, a: -0.75) } }
    }
  }

  /// In units of 1/`new` old pixels, the new pixel `i` reaches from i · old to (i + 1) · old, and
  /// the old pixel j from j · new to (j + 1) · new: the overlaps are whole numbers.
  private static func box(_ i: Int, _ old: Int, _ new: Int) -> Weights {
    let (start, end) = (i * old, (i + 1) * old)
    let pixels = start / new..<(end + new - 1) / new
    return Weights(
      first: pixels.lowerBound,
      pixels.map { Double(min(end, ($0 + 1) * new) - max(start, $0 * new)) })
  }

  /// The filter, stretched by old / new when shrinking, over existing pixels only.
  private static func window(
    _ i: Int, _ old: Int, _ new: Int, radius: Double, _ filter: (Double) -> Double
  ) -> Weights {
    let scale = Double(old) / Double(new)
    let stretch = max(scale, 1)
    let center = (Double(i) + 0.5) * scale
    let first = max(Int(center - radius * stretch + 0.5), 0)
    let end = min(Int(center + radius * stretch + 0.5), old)
    return Weights(
      first: first, (first..<end).map { filter((Double($0) + 0.5 - center) / stretch) })
  }

  /// The filter at its own width around a point. Beyond the border, the last pixel is repeated.
  private static func point(
    _ i: Int, _ old: Int, _ new: Int, radius: Int, _ filter: (Double) -> Double
  ) -> Weights {
    let center = (Double(i) + 0.5) * Double(old) / Double(new) - 0.5
    let left = Int(center.rounded(.down)) - radius + 1
    let pixels = left..<left + 2 * radius
    let first = min(max(left, 0), old - 1)
    let last = min(max(left + 2 * radius - 1, 0), old - 1)
    var values = [Double](repeating: 0, count: last - first + 1)
    for pixel in pixels {
      values[min(max(pixel, 0), old - 1) - first] += filter(Double(pixel) - center)
    }
    return Weights(first: first, values)
  }

  private static func tent(_ x: Double) -> Double {
    max(1 - abs(x), 0)
  }

  /// Keys, "Cubic convolution interpolation for digital image processing" (1981), eq. 4 and 15.
  private static func cubic(_ x: Double, a: Double) -> Double {
    let x = abs(x)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return 0
  }
}
