// Unicode's normal forms, which Foundation has and a page has too.

import CSupport

extension String {
  /// NFC: letters and their accents as one character where there is one.
  var precomposedStringWithCanonicalMapping: String { normalised(compatible: false) }

  /// NFKC: NFC, and ligatures and wide forms as ordinary letters.
  var precomposedStringWithCompatibilityMapping: String { normalised(compatible: true) }

  private func normalised(compatible: Bool) -> String {
    let text = Array(utf8)
    // A character becomes at most 18 (U+FDFA).
    var result = [UInt8](repeating: 0, count: 11 * text.count + 64)
    let count = support_normalise(text, text.count, compatible ? 1 : 0, &result, result.count)
    return String(decoding: result.prefix(count), as: UTF8.self)
  }
}
