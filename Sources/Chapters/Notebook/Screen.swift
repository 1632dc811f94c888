import Foundation

/// Where a chapter prints its output.
struct Screen {
  /// Whether all characters are ASCII.
  var isPlain: Bool
  /// Whether headings are bold.
  var hasColour: Bool
  /// Writes text.
  var write: (String) -> Void

  /// Standard output: colour and Unicode on a terminal, unless NO_COLOR or `plain` forbids them.
  static func standardOutput(plain: Bool) -> Screen {
    let environment = ProcessInfo.processInfo.environment
    let isRich =
      !plain && isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty
      && environment["TERM"] != "dumb"
    return Screen(isPlain: !isRich, hasColour: isRich) {
      print($0, terminator: "")
      fflush(nil)  // a cell can take minutes, and the output may be a file
    }
  }

  /// A line, or several.
  func line(_ text: String = "") { write((isPlain ? plain(text) : text) + "\n") }

  /// A line in bold.
  func heading(_ text: String) { line(hasColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text) }
}

/// A text in ASCII: all characters that the notebook itself writes are replaced, others stay.
func plain(_ text: String) -> String {
  String(text.flatMap { character in substitutes[character].map(Array.init) ?? [character] })
}

private let substitutes: [Character: String] = [
  "−": "-", "–": "-", "—": "-", "─": "-", "…": "...", "⋮": ":", "→": "->", "×": "x", "Δ": "d",
  "∞": "inf", "·": ".", "≤": "<=", "≥": ">=", "░": ".", "▒": "+", "▓": "%", "█": "#", "’": "'",
  "“": "\"", "”": "\"",
]
