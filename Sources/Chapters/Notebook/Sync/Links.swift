import Foundation

/// The broken links of a Markdown file: those to a file that does not exist, or to a heading that a
/// Markdown file does not have. Links to the web are not followed.
func brokenLinks(in path: String, root: String) throws -> [String] {
  var problems: [String] = []
  let folder = (path as NSString).deletingLastPathComponent
  let name = path.hasPrefix("\(root)/") ? String(path.dropFirst(root.count + 1)) : path
  for (line, target) in links(in: try readText(path)) {
    if target.contains(#/^([a-z]+:|\/\/)/#) { continue }
    let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let file = parts[0].isEmpty ? path : "\(folder)/\(parts[0].removingPercentEncoding ?? "")"
    if !FileManager.default.fileExists(atPath: file) {
      problems.append("\(name):\(line): the link \(target) leads to no file")
    } else if parts.count > 1, file.hasSuffix(".md"),
      !anchors(in: try readText(file)).contains(String(parts[1]))
    {
      problems.append("\(name):\(line): the link \(target) leads to no heading")
    }
  }
  return problems
}

/// All targets of links and images, with their lines. Code is skipped.
private func links(in markdown: String) -> [(line: Int, target: String)] {
  prose(of: markdown).flatMap { number, line -> [(line: Int, target: String)] in
    let line = line.replacing(#/`[^`]*`/#, with: "``")
    let inline = line.matches(of: #/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/#).map(\.1)
    let defined = line.matches(of: #/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/#).map(\.1)
    let tags = line.matches(of: #/<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]+)"/#).map(\.1)
    return (inline + defined + tags).map { (number, String($0)) }
  }
}

/// The names that a link into this file may have after `#`, as code hosts make them.
private func anchors(in markdown: String) -> Set<String> {
  var result: Set<String> = []
  for (_, line) in prose(of: markdown) {
    for match in line.matches(of: #/<[a-z]+[^>]*\b(?:id|name)="([^"]+)"/#) {
      result.insert(String(match.1))
    }
    guard let heading = line.wholeMatch(of: #/ {0,3}#{1,6}\s+(.*?)\s*#*\s*/#)?.1 else { continue }
    let name = slug(String(heading))
    var (unique, count) = (name, 0)
    while !result.insert(unique).inserted {
      count += 1
      unique = "\(name)-\(count)"
    }
  }
  return result
}

/// A heading as the name of an anchor: lower-case letters, digits, `-` and `_`, with a dash for each
/// space. A link in it contributes only its text.
func slug(_ heading: String) -> String {
  let text = heading.replacing(#/\[([^\]]*)\]\([^)]*\)/#) { $0.1 }.replacing(#/<[^>]*>/#, with: "")
  return text.lowercased().compactMap { character in
    if character == " " { return "-" }
    return character.isLetter || character.isNumber || character == "-" || character == "_"
      ? String(character) : nil
  }.joined()
}

/// The lines of a Markdown file outside fences, with their numbers.
private func prose(of markdown: String) -> [(number: Int, line: String)] {
  var fence: Substring?
  var result: [(Int, String)] = []
  for (i, line) in markdown.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    if let mark = line.firstMatch(of: #/^ *(```+|~~~+)/#)?.1 {
      if fence == nil { fence = mark } else if fence.map(mark.hasPrefix) == true { fence = nil }
    } else if fence == nil {
      result.append((i + 1, String(line)))
    }
  }
  return result
}
