// Lists name pictures in many ways; this finds the files they mean.

import Files
import Foundation

/// Finds the files that names in a list stand for.
struct Locator {
  /// The names in each folder that was searched, by their form without case and with accents
  /// composed; nil for two names of one form.
  private var folders: [String: [String: RawPath?]] = [:]
  /// The folders of pictures beside each folder of lists that was searched.
  private var neighbours: [String: [String]] = [:]

  /// The file that `name` means, relative to `base`; if there is none, its path all the same.
  ///
  /// Tried are the name itself, with slashes for Windows' backslashes, NAME.png for a NAME.jpg that
  /// was converted, and a name that differs only in case or in how accents are composed; then the
  /// same in a folder of pictures beside the list, such as Images.
  mutating func path(of name: String, in base: String) -> RawPath {
    let first = RawPath(resolve(name, in: base))
    if let found = file(called: name, in: base) { return found }
    if name.hasPrefix("/") { return first }
    for folder in picturesBeside(base) {
      if let found = file(called: name, in: folder) { return found }
    }
    return first
  }

  /// The folders beside a list that usually hold its pictures.
  private mutating func picturesBeside(_ base: String) -> [String] {
    if let known = neighbours[base] { return known }
    let usual: Set = ["images", "flicker8k_dataset", "flickr8k_dataset", "flickr30k_images"]
    let here = [base, base == "." ? ".." : parent(of: base)]
    let found = here.flatMap { folder in
      ((try? RawPath(folder).entries()) ?? []).map(\.name.text)
        .filter { usual.contains($0.lowercased()) }.map { "\(folder)/\($0)" }
    }
    neighbours[base] = found
    return found
  }

  private mutating func file(called name: String, in base: String) -> RawPath? {
    let first = resolve(name, in: base)
    if exists(first) { return RawPath(first) }
    var names = [name]
    if name.contains("\\") { names.append(name.replacing("\\", with: "/")) }
    if isJPEG(name) { names += names.map { "\(splitExtension($0).stem).png" } }
    for path in names.dropFirst().map({ resolve($0, in: base) }) where exists(path) {
      return RawPath(path)
    }
    for path in names.map({ resolve($0, in: base) }) {
      if let found = similar(to: path) { return found }
    }
    return nil
  }

  /// The only file in the folder of `path` whose name differs in case or accents alone.
  private mutating func similar(to path: String) -> RawPath? {
    let folder = parent(of: path)
    if folders[folder] == nil {
      var names: [String: RawPath?] = [:]
      for entry in (try? RawPath(folder).entries()) ?? [] where !entry.isFolder {
        let form = comparable(entry.name.text)
        names[form] = names[form] == nil ? .some(entry.name) : .some(nil)
      }
      folders[folder] = names
    }
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    return (folders[folder]?[comparable(RawPath(name).text)] ?? nil).map {
      RawPath(folder).appending($0)
    }
  }
}

/// The form in which names are compared: lower case. Strings that differ only in how accents are
/// composed are equal in Swift.
func comparable(_ name: String) -> String { name.lowercased() }

/// The path of `name`, which may be absolute or begin with "..", seen from where `base` is.
private func resolve(_ name: String, in base: String) -> String {
  let parts = name.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  return name.hasPrefix("/") ? "/\(parts)" : "\(base)/\(parts)"
}

/// Whether a name in a list leads out of the list's folder.
func leadsOutside(_ name: String) -> Bool {
  if name.hasPrefix("/") { return true }
  var depth = 0
  for part in name.split(separator: "/") where part != "." {
    depth += part == ".." ? -1 : 1
    if depth < 0 { return true }
  }
  return false
}
