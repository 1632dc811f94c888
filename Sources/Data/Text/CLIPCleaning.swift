// Before CLIP splits a caption into words it repairs the text: the `ftfy` package corrects broken
// text, HTML entities are resolved twice (web pages often escape twice), white space is collapsed,
// and everything becomes lower-case. Of ftfy we do what ordinary captions need: control
// characters, curly quotes, ligatures, full-width letters and composed accents (NFC). Three things
// are left out on purpose: guessing wrong encodings ("Ã©" for "é"), which takes tables of likely
// mistakes; the rarer ones of HTML's 2,231 entity names; and the Greek sigma at the end of a word,
// which Python's lower-case handles and Swift's does not.

import Foundation

/// `caption` as CLIP reads it.
func cleanedForCLIP(_ caption: String) -> String {
  var text = caption
  if text.utf8.contains(UInt8(ascii: "&")) {
    text = resolvingEntities(resolvingEntities(text))
  }
  var clean = CleanText()
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x21...0x7E: clean.append(scalar)
    case 0x20, 0x09, 0x0A, 0x0C, 0x0D: clean.gap = true
    case 0..<0x20, 0x7F, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFC: break  // control characters
    case 0x02BC, 0x2018...0x201B: clean.append("'")
    case 0x201C...0x201F: clean.append("\"")
    case 0xFB00...0xFB06:
      for letter in ligatures[Int(scalar.value - 0xFB00)].unicodeScalars { clean.append(letter) }
    case 0xFF01...0xFF5E: clean.append(Unicode.Scalar(UInt8(scalar.value - 0xFF01 + 0x21)))
    default: if scalar.properties.isWhitespace { clean.gap = true } else { clean.append(scalar) }
    }
  }
  text = String(decoding: clean.bytes, as: UTF8.self)
  if clean.bytes.contains(where: { $0 >= 0x80 }) {
    text = text.precomposedStringWithCanonicalMapping
  }
  return text.lowercased()
}

/// UTF-8 text in which every gap is one space, with no gap at either end.
private struct CleanText {
  private(set) var bytes: [UInt8] = []
  var gap = false

  mutating func append(_ scalar: Unicode.Scalar) {
    if gap && !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
    gap = false
    if scalar.isASCII {
      bytes.append(UInt8(scalar.value))
    } else {
      bytes += String(scalar).utf8
    }
  }
}

/// U+FB00 … U+FB06.
private let ligatures = ["ff", "fi", "fl", "ffi", "ffl", "ſt", "st"]

// MARK: HTML entities

/// Replaces `&name;`, `&#number;` and `&#xnumber;` once, from left to right.
private func resolvingEntities(_ text: String) -> String {
  var result = ""
  var rest = text[...]
  while let ampersand = rest.utf8.firstIndex(of: UInt8(ascii: "&")) {
    result += rest[..<ampersand]
    rest = rest[ampersand...]
    // The longest name we know has 8 letters, the longest number 7 digits.
    if let semicolon = rest.utf8.prefix(12).firstIndex(of: UInt8(ascii: ";")),
      let scalar = entity(rest[rest.utf8.index(after: ampersand)..<semicolon])
    {
      result.unicodeScalars.append(scalar)
      rest = rest[rest.utf8.index(after: semicolon)...]
    } else {
      result += "&"
      rest = rest[rest.utf8.index(after: ampersand)...]
    }
  }
  return result + rest
}

private func entity(_ name: Substring) -> Unicode.Scalar? {
  guard name.hasPrefix("#") else { return entities[String(name)] }
  let digits = name.dropFirst()
  let value =
    digits.first == "x" || digits.first == "X"
    ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
  // Numbers that are no scalars become the replacement character, as in browsers.
  return value.map { $0 == 0 ? "\u{FFFD}" : Unicode.Scalar($0) ?? "\u{FFFD}" }
}

/// The names of U+00A0 … U+00FF and some others that captions contain.
private let entities: [String: Unicode.Scalar] = {
  var table: [String: Unicode.Scalar] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "ndash": "–", "mdash": "—",
    "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "bull": "•", "hellip": "…",
    "euro": "€", "trade": "™",
  ]
  let latin1 = """
    nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave
    Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml
    ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN
    szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave
    iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute
    ucirc uuml yacute thorn yuml
    """
  for (offset, name) in latin1.split(whereSeparator: \.isWhitespace).enumerated() {
    table[String(name)] = Unicode.Scalar(UInt8(0xA0 + offset))
  }
  return table
}()
