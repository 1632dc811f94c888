import Foundation

/// The pages that readers meet first, by their paths in the repository.
let pages = [
  "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "chapters/README.md", "chapters/benchmarks.md",
  "chapters/exercises.md", "chapters/machines.md", "chapters/notation.md",
  "chapters/public-weights.md", "chapters/speedrun.md", "chapters/teaching.md", "chapters/tree.md",
  "chapters/your-pictures.md",
  "Tests/Reference/README.md",
]

/// The chapters.
let chapters = [
  "0-map", "1-vit", "2-clip", "3-dvae", "4-sparse-attention", "5-reranking", "6-at-scale",
  "7-yardsticks",
].map { "chapters/\($0).md" }

/// The folder of the repository.
let root = URL(filePath: #filePath).appending(path: "../../..").standardized

/// The text of a file of the repository.
///
/// Throws an error if it cannot be read.
func text(_ path: String) throws -> String {
  try String(contentsOf: root.appending(path: path), encoding: .utf8)
}

/// Whether the repository has such a file or folder.
func exists(_ path: String) -> Bool {
  FileManager.default.fileExists(atPath: root.appending(path: path).standardized.path())
}

/// The folders in a folder of the repository, sorted.
///
/// Throws an error if it cannot be read.
func folders(in path: String) throws -> [String] {
  let folder = root.appending(path: path)
  return try FileManager.default.contentsOfDirectory(
    at: folder, includingPropertiesForKeys: [.isDirectoryKey]
  ).filter(\.hasDirectoryPath).map(\.lastPathComponent).sorted()
}
