import Images
import PictureFiles
import TensorCore

/// Where pairs of a picture and a caption come from.
public protocol PairSource: Sendable {
  /// Width and height of its pictures.
  var size: Int { get }

  /// How many pairs there are; nil if they never end.
  var count: Int? { get }

  /// Pair number `index`. What is left to chance at each visit comes from `random`. Throws if the
  /// picture cannot be read.
  func pair(
    at index: Int, using random: inout Random
  ) throws -> (picture: Image, caption: String)
}

/// Pictures from the disk: at every visit another part of the picture and one of its captions.
public struct PicturePairs: PairSource {
  private let images: CaptionedImages
  private let augmentation: Augmentation
  private let unreadable: @Sendable (PictureError) -> Void

  /// The pictures of `images`, each made square by `augmentation`.
  ///
  /// `unreadable` is called, on any thread, with every picture that cannot be read after all: its
  /// header was sound, or it has gone since. A batch takes the next one in its place.
  public init(
    _ images: CaptionedImages, _ augmentation: Augmentation,
    unreadable: @escaping @Sendable (PictureError) -> Void
  ) {
    self.images = images
    self.augmentation = augmentation
    self.unreadable = unreadable
  }

  /// The captions of all pictures, made one after another: there may be a million.
  public var captions: some Sequence<String> {
    (0..<images.count).lazy.flatMap { [images] in images.captions(at: $0) }
  }
  /// Width and height of the pictures.
  public var size: Int { augmentation.size }
  /// How many pictures there are.
  public var count: Int? { images.count }

  /// Picture number `index` with one of its captions. Throws a `PictureError` if it cannot be read.
  public func pair(
    at index: Int, using random: inout Random
  ) throws -> (picture: Image, caption: String) {
    let captions = images.captions(at: index)
    let caption = captions[random.integer(below: captions.count)]
    do throws(PictureError) {
      return (augmentation(try images.picture(at: index), using: &random), caption)
    } catch {
      unreadable(error)
      throw error
    }
  }
}
