// The captions and pictures that the paper left out (arXiv 2102.12092, §2.3): captions that are too
// short, not in English or boilerplate such as "photographed on <date>", and pictures of an
// aspect ratio outside [1/2, 2]. The paper gives no numbers for the first three; these are ours.
// Its language detector is replaced by a rule that needs no model: most characters must be letters
// from a to z, which lets other languages in Latin script pass.

/// Shorter captions name a thing at best, or are file names.
private let minimumWords = 3

/// The reason to leave out `caption`, whose words are separated by single spaces; nil to keep it.
package func objection(to caption: String) -> DataReport.Reason? {
  let letters = caption.utf8.count { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 }
  let words = caption.split(separator: " ")
  let characters = caption.unicodeScalars.count - (words.count - 1)
  if 2 * letters <= characters { return .notEnglish }
  if words.count < minimumWords { return .tooShort }
  return isBoilerplate(words) ? .boilerplate : nil
}

/// Whether pictures of this size are left out.
package func isTooLong(width: Int, height: Int) -> Bool {
  max(width, height) > 2 * min(width, height)
}

/// "… photographed on 12 May 2009", "taken on the 3rd of June", "Captured on Monday, …"
private func isBoilerplate(_ words: [Substring]) -> Bool {
  func plain(_ word: Substring) -> String {
    word.lowercased().filter { $0.isLetter || $0.isNumber }
  }
  return words.indices.dropLast(2).contains { i in
    guard words[i + 1] == "on", verbs.contains(plain(words[i])) else { return false }
    let date = plain(words[(i + 2)...].first { $0 != "the" } ?? "")
    return date.first?.isNumber ?? false || months.contains(date) || weekdays.contains(date)
  }
}

private let verbs: Set = ["photographed", "pictured", "taken", "captured", "shot", "uploaded"]
private let months = withAbbreviations([
  "january", "february", "march", "april", "may", "june", "july", "august", "september",
  "october", "november", "december",
])
private let weekdays = withAbbreviations([
  "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
])

private func withAbbreviations(_ names: [String]) -> Set<String> {
  Set(names + names.map { String($0.prefix(3)) })
}
