// Pairs that know more than their captions: which others are wrong, and why.

import Images
import TensorCore

/// Pairs with captions that are nearly right, and the knowledge which captions are true of which pictures.
public protocol ContrastedPairs: DrawnPairs {
  /// What a caption says.
  associatedtype Statement: Sendable

  /// The picture of pair number `index`, a caption of it, and then captions that are wrong in one respect
  /// each, all with what they say.
  func contrast(
    at index: Int, using random: inout Random
  ) -> (picture: Image, captions: [(text: String, says: Statement)])

  /// Tells whether what a caption says is true of the picture of pair number `index`.
  func isTrue(of index: Int) -> (Statement) -> Bool
}
