// A candidate on a sheet of candidates.

import Foundation
import Images

extension RankedPicture {
  /// The picture with its number and score, for a sheet.
  public var labelled: (picture: Image, label: String) {
    (picture, "\(candidate)  \(String(format: "%.3f", score))")
  }
}
