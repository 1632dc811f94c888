// HTML's names and numbers for characters.

/// Replaces entities once, from left to right.
///
/// Strictly, `&name;`, `&#decimal;` and `&#xhexadecimal;` are entities, and names of small letters
/// may be written in capitals for the capital letter. Leniently, as in browsers, the semicolon may
/// be missing after a number and after the old names, also if letters follow.
func resolvingEntities(in text: String, leniently: Bool) -> String {
  guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
  var result = String.UnicodeScalarView()
  var rest = text.unicodeScalars[...]
  while let scalar = rest.popFirst() {
    if scalar == "&", let (entity, after) = entity(at: rest, leniently: leniently) {
      result += entity.unicodeScalars
      rest = after
    } else {
      result.append(scalar)
    }
  }
  return String(result)
}

private typealias Entity = (text: String, after: Substring.UnicodeScalarView)

/// The entity that `text`, what follows a "&", begins with, and what follows the entity.
private func entity(at text: Substring.UnicodeScalarView, leniently: Bool) -> Entity? {
  if text.first == "#" { return number(at: text.dropFirst(), leniently: leniently) }
  let name = text.prefix { $0.isASCII && $0.properties.isAlphabetic || "0"..."9" ~= $0 }
  if text[name.endIndex...].first == ";" {
    let after = text[name.endIndex...].dropFirst()
    if let scalar = entities[String(name)] { return (String(scalar), after) }
    let small = String(name).lowercased()
    guard !leniently, String(name) == small.uppercased() else { return nil }
    return entities[small].map { (String($0).uppercased(), after) }
  }
  guard leniently else { return nil }
  // The longest name that needs no semicolon has 6 letters.
  for length in stride(from: min(6, name.count), to: 1, by: -1) {
    let start = name.prefix(length)
    if namesWithoutSemicolon.contains(String(start)), let scalar = entities[String(start)] {
      return (String(scalar), text[start.endIndex...])
    }
  }
  return nil
}

/// The number that `text`, what follows "&#", begins with.
private func number(at text: Substring.UnicodeScalarView, leniently: Bool) -> Entity? {
  let isHexadecimal = text.first == "x" || text.first == "X"
  let digits = text.dropFirst(isHexadecimal ? 1 : 0).prefix {
    "0"..."9" ~= $0 || isHexadecimal && ("a"..."f" ~= $0 || "A"..."F" ~= $0)
  }
  let rest = text[digits.endIndex...]
  guard !digits.isEmpty, leniently || rest.first == ";" && digits.count < 25 else { return nil }
  let value = UInt32(String(digits), radix: isHexadecimal ? 16 : 10) ?? .max
  // Like ftfy: a semicolon could end an entity that is written around it.
  if !leniently && value == 0x3B { return nil }
  return (character(value), rest.first == ";" ? rest.dropFirst() : rest)
}

/// The character of a number, as HTML 5 says: windows-1252 for C1 controls, nothing for other
/// control characters, U+FFFD for what is none.
private func character(_ value: UInt32) -> String {
  switch value {
  case 0: "\u{FFFD}"
  case 0x80...0x9F: String(windows1252[Int(value) - 0x80])
  case 1...8, 0x0B, 0x0E...0x1F, 0x7F, 0xFDD0...0xFDEF: ""
  case _ where value <= 0x10_FFFF && value & 0xFFFE == 0xFFFE: ""
  default: Unicode.Scalar(value).map { String($0) } ?? "\u{FFFD}"
  }
}

/// The characters of the bytes 0x80 … 0x9F in windows-1252; five have none and stay.
let windows1252 = Array(
  "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)

// MARK: Names

/// The names of U+00A0 … U+00FF.
private let latin1 = """
  nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn
  sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave
  Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml
  ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN
  szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave
  iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute
  ucirc uuml yacute thorn yuml
  """.split(whereSeparator: { $0.isWhitespace }).map { String($0) }

/// HTML 4's other names: the number of the first character, the names of it and its followers.
private let others = """
  152 OElig oelig 160 Scaron scaron 178 Yuml 192 fnof 2C6 circ 2DC tilde
  391 Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho
  3A3 Sigma Tau Upsilon Phi Chi Psi Omega 3B1 alpha beta gamma delta epsilon zeta eta theta iota
  kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega
  3D1 thetasym upsih 3D6 piv 2002 ensp emsp 2009 thinsp 200C zwnj zwj lrm rlm 2013 ndash mdash
  2018 lsquo rsquo sbquo 201C ldquo rdquo bdquo 2020 dagger Dagger bull 2026 hellip 2030 permil
  2032 prime Prime 2039 lsaquo rsaquo 203E oline 2044 frasl 20AC euro 2111 image 2118 weierp
  211C real 2122 trade 2135 alefsym 2190 larr uarr rarr darr harr 21B5 crarr
  21D0 lArr uArr rArr dArr hArr 2200 forall 2202 part exist 2205 empty 2207 nabla isin notin
  220B ni 220F prod 2211 sum minus 2217 lowast 221A radic 221D prop infin 2220 ang
  2227 and or cap cup int 2234 there4 223C sim 2245 cong 2248 asymp 2260 ne equiv 2264 le ge
  2282 sub sup nsub 2286 sube supe 2295 oplus 2297 otimes 22A5 perp 22C5 sdot
  2308 lceil rceil lfloor rfloor 25CA loz 2660 spades 2663 clubs 2665 hearts diams 27E8 lang rang
  22 quot 26 amp 27 apos 3C lt 3E gt 22 QUOT 26 AMP 3C LT 3E GT A9 COPY AE REG
  """

let namesWithoutSemicolon = Set(
  latin1 + ["quot", "amp", "lt", "gt", "QUOT", "AMP", "LT", "GT", "COPY", "REG"])

let entities: [String: Unicode.Scalar] = {
  var table: [String: Unicode.Scalar] = [:]
  for (offset, name) in latin1.enumerated() { table[name] = Unicode.Scalar(UInt8(0xA0 + offset)) }
  var value: UInt32 = 0
  for word in others.split(whereSeparator: { $0.isWhitespace }) {
    // Numbers begin with a digit, or are A9 and AE.
    if let first = UInt32(word, radix: 16) {
      value = first
    } else {
      table[String(word)] = Unicode.Scalar(value)
      value += 1
    }
  }
  return table
}()
