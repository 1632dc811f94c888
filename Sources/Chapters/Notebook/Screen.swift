import Foundation

/// Where a chapter speaks to its reader.
struct Screen {
  /// Whether all characters are ASCII.
  var isPlain: Bool
  /// Whether headings are bold.
  var hasColour: Bool
  /// Puts out some text.
  var write: (String) -> Void

  /// Standard output: colour and Unicode on a terminal, unless NO_COLOR or `plain` say no.
  static func standardOutput(plain: Bool) -> Screen {
    let environment = ProcessInfo.processInfo.environment
    let isRich =
      !plain && isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty
      && environment["TERM"] != "dumb"
    return Screen(isPlain: !isRich, hasColour: isRich) {
      FileHandle.standardOutput.write(Data($0.utf8))
    }
  }

  /// A line, or several.
  func line(_ text: String = "") { write((isPlain ? plain(text) : text) + "\n") }

  /// A line in bold.
  func heading(_ text: String) { line(hasColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text) }
}

/// A text in ASCII: everything the notebook itself writes has a counterpart, other characters
/// stay.
func plain(_ text: String) -> String {
  String(text.flatMap { character in substitutes[character].map(Array.init) ?? [character] })
}

private let substitutes: [Character: String] = [
  "−": "-", "–": "-", "—": "-", "─": "-", "…": "...", "⋮": ":", "→": "->", "×": "x", "Δ": "d",
  "∞": "inf", "·": ".", "≤": "<=", "≥": ">=", "░": ".", "▒": "+", "▓": "%", "█": "#", "’": "'",
  "“": "\"", "”": "\"",
]
