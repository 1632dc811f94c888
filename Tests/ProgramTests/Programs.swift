import Foundation
import TestSupport

/// All programs of the package, each with arguments for which it prints something and ends at once.
let programs: [(name: String, arguments: [String])] =
  [
    ("dalle", ["help", "generate"]), ("demo", ["--help"]), ("benchmark", ["--help"]),
    ("course", ["list"]), ("my-dalle", ["--help"]), ("training-probe", []), ("answers", []),
    ("chapter0-map", ["--list"]), ("chapter1-vit", ["--list"]), ("chapter2-clip", ["--list"]),
    ("chapter3-dvae", ["--list"]),
    ("chapter4-sparse-attention", ["--list"]), ("chapter5-reranking", ["--list"]),
    ("chapter6-at-scale", ["--list"]), ("chapter7-yardsticks", ["--list"]),
    ("chapter8-your-pictures", ["--list"]),
    ("answers1", []),
  ]

/// The path of a program.
func path(_ program: String) -> String { programFolder.appending(path: program).path }
