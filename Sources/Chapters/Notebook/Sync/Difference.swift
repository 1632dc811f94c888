/// What differs between two texts, line by line: "-" for expected lines, "+" for found ones, and a
/// few lines around them for context.
func difference(from expected: String, to found: String) -> String {
  let old = expected.split(separator: "\n", omittingEmptySubsequences: false)
  let new = found.split(separator: "\n", omittingEmptySubsequences: false)
  let change = new.difference(from: old)
  let removed = Set(
    change.removals.map { if case .remove(let i, _, _) = $0 { i } else { -1 } })
  let inserted = Set(
    change.insertions.map { if case .insert(let i, _, _) = $0 { i } else { -1 } })
  var lines: [(mark: Character, text: Substring)] = []
  var (i, j) = (0, 0)
  while i < old.count || j < new.count {
    if removed.contains(i) {
      lines.append(("-", old[i]))
      i += 1
    } else if inserted.contains(j) {
      lines.append(("+", new[j]))
      j += 1
    } else {
      lines.append((" ", old[i]))
      (i, j) = (i + 1, j + 1)
    }
  }
  let near = lines.indices.filter { k in
    lines[max(k - 2, 0)...min(k + 2, lines.count - 1)].contains { $0.mark != " " }
  }
  return near.map { "    \(lines[$0].mark) \(lines[$0].text)" }.joined(separator: "\n")
}
