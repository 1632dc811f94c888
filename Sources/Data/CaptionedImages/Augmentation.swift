import Images
import TensorCore

/// A way to make a square picture of `size`×`size` pixels from a picture of any size.
///
///     var random = Random(seed: 7)
///     let picture = Augmentation.transformer(size: 64)(image, using: &random)
///
/// The paper's two ways (arXiv 2102.12092, Listings 1 and 2) are for 256 pixels; here their numbers
/// scale with `size`. A picture whose shorter side is below `size`, which the paper's data does
/// not contain, is enlarged as far as needed.
public enum Augmentation: Equatable, Sendable {
  /// For the dVAE (Listing 1): a random square, scaled at random, a random part of it, mirrored in
  /// half of all cases.
  case dVAE(size: Int)
  /// For the transformer (Listing 2): a random square near the middle, scaled a little at random, a
  /// random part of it. Never mirrored: the picture may contain text, the caption "left".
  case transformer(size: Int)
  /// For evaluation: the square in the middle. Nothing is random.
  case none(size: Int)

  /// Width and height of the result.
  public var size: Int {
    switch self {
    case .dVAE(let size), .transformer(let size), .none(let size): size
    }
  }

  /// The square picture that `image` becomes; the same for the same state of `random`.
  public func callAsFunction(_ image: Image, using random: inout Random) -> Image {
    precondition(size > 0, "a picture cannot have \(size) pixels a side")
    let side = min(image.width, image.height)
    // 9/8 and 12/8 of the size: the range of scales, as far as the picture is large enough.
    let (nine, twelve) = (min(side, eighths(9)), min(side, eighths(12)))

    switch self {
    case .none:
      return image.centerCropped(width: side, height: side)
        .resized(width: size, height: size, .area)
    case .transformer:
      let x = random.whole(in: middle(of: image.width - side))
      let y = random.whole(in: middle(of: image.height - side))
      let square = image.cropped(x: x, y: y, width: side, height: side)
      return part(of: square, scaledTo: size...max(size, nine), &random)
    case .dVAE:
      let x = random.whole(in: 0...image.width - side)
      let y = random.whole(in: 0...image.height - side)
      let square = image.cropped(x: x, y: y, width: side, height: side)
      let result = part(of: square, scaledTo: max(size, nine)...max(size, twelve), &random)
      return random.integer(below: 2) == 0 ? result : result.flippedHorizontally()
    }
  }

  /// `count` eighths of the size, rounded; of two equally near whole numbers, the even one.
  private func eighths(_ count: Int) -> Int {
    Int((Double(count * size) / 8).rounded(.toNearestOrEven))
  }

  /// The offsets of a crop that leaves `rest` pixels out: from 3/8 to 5/8 of them.
  private func middle(of rest: Int) -> ClosedRange<Int> {
    let first = 3 * rest / 8
    return first...max(first, 5 * rest / 8 - 1)
  }

  /// Random `size`×`size` pixels of `square`, scaled to one of `sides`.
  private func part(
    of square: Image, scaledTo sides: ClosedRange<Int>, _ random: inout Random
  ) -> Image {
    let side = random.whole(in: sides)
    let scaled = square.resized(width: side, height: side, .area)
    return scaled.cropped(
      x: random.whole(in: 0...side - size), y: random.whole(in: 0...side - size),
      width: size, height: size)
  }
}

extension Random {
  fileprivate mutating func whole(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + integer(below: range.count)
  }
}
