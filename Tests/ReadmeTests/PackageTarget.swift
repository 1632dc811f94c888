// The targets of Package.swift, read from its text: the manifest declares them by four helpers and
// by the package manager's own functions.

import Foundation

/// A target and what it declares.
struct PackageTarget {
  let name: String
  /// Its folder, from the root of the package.
  let path: String
  /// The names of the targets and products that it declares.
  let dependencies: Set<String>
  /// Its files in that folder; nil if all files in it are.
  var sources: [String]?

  /// Whether it has Swift files.
  var isSwift: Bool { !files.isEmpty }
  /// Its Swift files, from the root of the package.
  var files: [String] { sources?.map { "\(path)/\($0)" } ?? (try? swiftFiles(in: path)) ?? [] }

  /// The lines of its Swift files, without those that only the browser's page has.
  func lines() throws -> Int {
    try files.filter { !$0.contains("/Browser/") }
      .reduce(0) { try $0 + text($1).count { $0 == "\n" } }
  }

  /// Which of `targets`, and of the products of other packages, its files import.
  func imports(among targets: [PackageTarget]) throws -> Set<String> {
    var names = ["ArgumentParser": "ArgumentParser"]
    for target in targets { names[target.name.replacing("-", with: "_")] = target.name }
    var found: Set<String> = []
    for file in files {
      for match in try text(file).matches(of: /(?m)^ *(?:@\w+ )?(?:public )?import (\w+)$/) {
        if let name = names[String(match.1)], name != self.name { found.insert(name) }
      }
    }
    return found
  }

  /// All targets of Package.swift whose folders exist: learners' copies lack some.
  static func all() throws -> [PackageTarget] {
    let manifest = try text("Package.swift").replacing(/(?m) *\/\/ .*$/, with: "")
    let heads =
      /(library|tests|chapter|single|exercises|\.executableTarget|\.testTarget|\.target|\.systemLibrary)\(/
    return manifest.matches(of: heads).flatMap { match in
      declared(by: String(match.1), arguments(in: manifest, from: match.range.upperBound))
    }.filter { exists($0.path) }
  }

  /// The targets that one call declares; none for calls inside of the helpers.
  private static func declared(by function: String, _ arguments: String) -> [PackageTarget] {
    let strings = arguments.matches(of: /"([^"]*)"/).map { String($0.1) }
    if function == "exercises" { return Int(arguments).map(exercises) ?? [] }
    if strings.contains(where: { $0.contains("\\(") }) || strings.isEmpty { return [] }
    func dependencies(_ names: some Collection<String>) -> Set<String> {
      Set(names).union(arguments.contains("argumentParser") ? ["ArgumentParser"] : [])
    }
    switch function {
    case "library":
      return [
        PackageTarget(
          name: strings[1], path: "Sources/\(strings[0])/\(strings[1])",
          dependencies: dependencies(strings.dropFirst(2)))
      ]
    case "tests":
      return [
        PackageTarget(
          name: "\(strings[0])Tests", path: "Tests/\(strings[0])Tests",
          dependencies: dependencies(strings))
      ]
    case "single":
      guard let folder = arguments.firstMatch(of: /folder: "([^"]*)"/)?.1,
        let files = arguments.firstMatch(of: /(?s)files: \[(.*?)\]/)?.1
      else { return [] }
      let sources = files.matches(of: /"([^"]*)"/).map { String($0.1) }
      let names = strings.dropFirst().filter { $0 != folder && !sources.contains($0) }
      return [
        PackageTarget(
          name: strings[0], path: "Sources/Course/\(folder)", dependencies: Set(names),
          sources: sources)
      ]
    case "chapter":
      let number = arguments.trimmingPrefix { $0.isWhitespace }.prefix { $0 != "," }
      return chapter(String(number), strings)
    default:
      guard let name = arguments.firstMatch(of: /name: "([^"]*)"/)?.1,
        let path = arguments.firstMatch(of: /path: "([^"]*)"/)?.1
      else { return [] }  // a library product
      let listed = arguments.firstMatch(of: /(?s)dependencies: (.*?)(?:path|swiftSettings):/)?.1
      return [
        PackageTarget(
          name: String(name), path: String(path),
          dependencies: dependencies(
            (listed ?? "").matches(of: /"([^"]*)"/).map { String($0.1) }))
      ]
    }
  }

  /// A chapter's module and program, as the helper `chapter` makes them.
  private static func chapter(_ number: String, _ strings: [String]) -> [PackageTarget] {
    let (module, program) = ("Chapter\(number)", "chapter\(number)-\(strings[0])")
    return [
      PackageTarget(
        name: module, path: "Sources/Chapters/\(module)",
        dependencies: Set(strings.dropFirst()).union(["Notebook", "TensorCore"])),
      PackageTarget(
        name: program, path: "Sources/Chapters/\(program)", dependencies: [module]),
    ]
  }

  /// A chapter's exercises and the program that answers, as the helper `exercises` makes them.
  private static func exercises(_ number: Int) -> [PackageTarget] {
    [
      PackageTarget(
        name: "Exercises\(number)", path: "Sources/Course/Exercises",
        dependencies: ["CourseKit", "TensorCore"],
        sources: ["Chapter\(number).swift", "Modules/Yours\(number).swift"]),
      PackageTarget(
        name: "answers\(number)", path: "Sources/Course/answers",
        dependencies: ["CourseKit", "Exercises\(number)"], sources: ["Answers\(number).swift"]),
    ]
  }

  /// What stands between a parenthesis that has just been opened and the one that closes it.
  private static func arguments(in manifest: String, from start: String.Index) -> String {
    var depth = 1
    let end = manifest[start...].indices.first { index in
      if manifest[index] == "(" { depth += 1 }
      if manifest[index] == ")" { depth -= 1 }
      return depth == 0
    }
    return String(manifest[start..<(end ?? manifest.endIndex)])
  }
}

/// The Swift files in a folder and its folders, from the root of the package, sorted.
func swiftFiles(in folder: String) throws -> [String] {
  let files = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
  return (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }
    .map { "\(folder)/\($0)" }.sorted()
}
