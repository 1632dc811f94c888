// What a parser of JSON does not say about a text.

/// Whether each of the first two lines that are not blank is an object: JSON lines, whatever the file
/// is called.
func areJSONLines(_ bytes: ArraySlice<UInt8>) -> Bool {
  let lines = bytes.lazy.split(separator: newline).filter { $0.contains { $0 > UInt8(ascii: " ") } }
  return lines.prefix(2).allSatisfy { (try? jsonObject($0)) is [String: Any] }
    && lines.prefix(2).count == 2
}

/// All values of each name that the outermost object of valid JSON has more than once, in order.
func repeatedMembers(ofJSON bytes: ArraySlice<UInt8>) -> [String: [Any]] {
  var members: [ArraySlice<UInt8>: [ArraySlice<UInt8>]] = [:]
  var (depth, isText) = (0, false)
  // Where the name and the value began that are not at their end.
  var (name, start): (ArraySlice<UInt8>, Int) = ([], bytes.startIndex)
  var place = bytes.startIndex
  while place < bytes.endIndex {
    switch bytes[place] {
    case UInt8(ascii: "\\") where isText: place += 1
    case UInt8(ascii: "\""): isText.toggle()
    case _ where isText: break
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      depth += 1
      if depth == 1 { start = place + 1 }
    case UInt8(ascii: ":") where depth == 1:
      let isGap: (UInt8) -> Bool = { $0 <= UInt8(ascii: " ") }
      name = bytes[start..<place].drop(while: isGap)
      while let last = name.last, isGap(last) { name.removeLast() }
      start = place + 1
    case UInt8(ascii: ",") where depth == 1, UInt8(ascii: "}") where depth == 1:
      members[name, default: []].append(bytes[start..<place])
      start = place + 1
      if bytes[place] != UInt8(ascii: ",") { depth = 0 }
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
    default: break
    }
    place += 1
  }
  var result: [String: [Any]] = [:]
  for (name, values) in members where values.count > 1 {
    if let name = (try? jsonObject(name)) as? String {
      result[name] = values.compactMap { try? jsonObject($0) }
    }
  }
  return result
}
