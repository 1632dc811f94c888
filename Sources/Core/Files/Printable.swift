// Text from files of strangers, made safe for a terminal.

/// The first `limit` characters of a text from a file or its name, on one line: characters that
/// control a terminal, change the direction of writing or end a line become escapes: `\u{1B}`, `\n`.
public func printable(_ text: String, limit: Int = 200) -> String {
  var result = ""
  for scalar in text.unicodeScalars.prefix(limit) {
    switch scalar.properties.generalCategory {
    // Joins emoji such as an astronaut's, and moves nothing.
    case .format where scalar == "\u{200D}": result.unicodeScalars.append(scalar)
    case .control where scalar == "\n": result += "\\n"
    case .control where scalar == "\t": result += "\\t"
    case .control, .format, .lineSeparator, .paragraphSeparator:
      result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return text.unicodeScalars.dropFirst(limit).isEmpty ? result : result + "…"
}
