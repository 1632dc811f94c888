// Pictures of any size, a tile at a time: memory does not grow with the picture.

import Images
import TensorCore

extension DiscreteVAE {
  /// A picture of any size → its codes [h, w], where h and w are its height and width divided by
  /// `configuration.factor`, rounded up. The missing part of the last squares is filled with the
  /// picture's edge.
  ///
  /// Tiles overlap by as much as a code can see, so the codes are those of the picture encoded as a
  /// whole. A tile has about `tile` pixels a side, plus its margins.
  public func encode(_ image: Image, tile: Int = 256) -> IndexTensor {
    let f = configuration.factor
    let (h, w) = ((image.height + f - 1) / f, (image.width + f - 1) / f)
    var codes = [Int32](repeating: 0, count: h * w)
    for part in tiles(
      h, w, side: max(1, tile / f), margin: (configuration.encoderSight + f - 1) / f)
    {
      let pixels = image.extended(
        x: part.outer.columns.lowerBound * f, y: part.outer.rows.lowerBound * f,
        width: part.outer.columns.count * f, height: part.outer.rows.count * f)
      let found = encode(Tensor([pixels]))  // [1, h', w']
      for row in part.inner.rows {
        for column in part.inner.columns {
          let place =
            (row - part.outer.rows.lowerBound) * part.outer.columns.count
            + column - part.outer.columns.lowerBound
          codes[row * w + column] = found.values[place]
        }
      }
    }
    return IndexTensor(shape: [h, w], codes)
  }

  /// Codes [h, w] → the picture, cut to `width` × `height` pixels. Tiles have about `tile` pixels a
  /// side and overlap by as far as a code's influence reaches.
  public func decode(_ codes: IndexTensor, width: Int, height: Int, tile: Int = 256) -> Image {
    let f = configuration.factor
    precondition(
      codes.shape.count == 2 && (1...codes.shape[0] * f).contains(height)
        && (1...codes.shape[1] * f).contains(width),
      "codes \(codes.shape) do not make a picture of \(width)×\(height) pixels")
    let (h, w) = (codes.shape[0], codes.shape[1])
    var image = Image(width: width, height: height)
    for part in tiles(
      h, w, side: max(1, tile / f), margin: (configuration.decoderSight + f - 1) / f)
    {
      let (rows, columns) = (part.outer.rows, part.outer.columns)
      let values = rows.flatMap { row in
        codes.values[row * w + columns.lowerBound..<row * w + columns.upperBound]
      }
      let picture = Image(
        decode(IndexTensor(shape: [1, rows.count, columns.count], values)).at(0, axis: 0))
      let (x, y) = (part.inner.columns.lowerBound * f, part.inner.rows.lowerBound * f)
      image.paste(
        picture.cropped(
          x: x - columns.lowerBound * f, y: y - rows.lowerBound * f,
          width: min(part.inner.columns.count * f, width - x),
          height: min(part.inner.rows.count * f, height - y)), x: x, y: y)
    }
    return image
  }

  /// The first codes of a grid of rows × columns, in whole rows, as a picture whose rest is grey.
  public func beginning(_ given: [Int32], rows: Int, columns: Int) -> Image {
    precondition(
      !given.isEmpty && given.count % columns == 0 && given.count <= rows * columns,
      "\(given.count) codes are not 1 to \(rows) whole rows of \(columns)")
    let part = IndexTensor(shape: [1, given.count / columns, columns], given)
    let f = configuration.factor
    var image = Image(width: columns * f, height: rows * f, fill: (128, 128, 128))
    image.paste(Image(decode(part).at(0, axis: 0)), x: 0, y: 0)
    return image
  }

  /// A box of a grid.
  private struct Box {
    var rows, columns: Range<Int>
  }

  /// Cuts a grid into boxes of side × side places (`inner`), each also with a margin of up to
  /// `margin` places on every side (`outer`).
  private func tiles(
    _ h: Int, _ w: Int, side: Int, margin: Int
  ) -> [(inner: Box, outer: Box)] {
    func cuts(_ n: Int) -> [(inner: Range<Int>, outer: Range<Int>)] {
      (0..<n).parts(of: side).map { part in
        (part, max(0, part.lowerBound - margin)..<min(n, part.upperBound + margin))
      }
    }
    return cuts(h).flatMap { rows in
      cuts(w).map { columns in
        (
          inner: Box(rows: rows.inner, columns: columns.inner),
          outer: Box(rows: rows.outer, columns: columns.outer)
        )
      }
    }
  }
}

extension DVAEConfiguration {
  /// The distance, in pixels, from which the picture around its square can change a code.
  var encoderSight: Int { sight(blocks: encoderKernel == 1 ? 0 : blocks) }

  /// How far, in pixels, a code's influence reaches beyond its square.
  var decoderSight: Int { sight(blocks: decoderBlocks ?? blocks) }

  /// Each block has three convolutions that see one place further, at its own resolution.
  private func sight(blocks: Int) -> Int {
    let input = stem == 1 ? 3 : stem
    return (0..<groups).reduce(input) { $0 + 3 * blocks * (stem << $1) }
  }
}

extension Image {
  /// A part of this picture; right of it and below, its last column and row are repeated.
  fileprivate func extended(x: Int, y: Int, width: Int, height: Int) -> Image {
    let inside = cropped(
      x: x, y: y, width: min(width, self.width - x), height: min(height, self.height - y))
    if inside.width == width && inside.height == height { return inside }
    var result = Image(width: width, height: height)
    for row in 0..<height {
      for column in 0..<width {
        result[column, row] = inside[min(column, inside.width - 1), min(row, inside.height - 1)]
      }
    }
    return result
  }
}
