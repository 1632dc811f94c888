// The page about the tree lists the modules that there are.

import Foundation
import Testing

@Suite("The tree") struct TreeTests {
  @Test func `the tree lists every module on its floor`() throws {
    let listed = try modules()
    // `Pretrained` is floor and module in one; the programs of chapters are not listed one by one.
    let floors = try folders(in: "Sources").filter { $0 != "Pretrained" && !$0.hasSuffix(".docc") }
    for floor in floors {
      let present = try folders(in: "Sources/\(floor)").filter { !$0.hasPrefix("chapter") }
      for module in present {
        #expect(listed[floor]?.contains(module) == true, "\(floor)/\(module) is not in the tree")
      }
    }
    for floor in listed.keys {
      #expect(exists("Sources/\(floor)"), "the tree has a floor \(floor)")
    }
    // Learners' copies have no solutions, so not all of `Course`.
    for (floor, modules) in listed where floor != "Pretrained" && floor != "Course" {
      for module in modules {
        #expect(exists("Sources/\(floor)/\(module)"), "the tree has a module \(floor)/\(module)")
      }
    }
  }

  /// The modules of each floor, as the page's table has them.
  private func modules() throws -> [String: [String]] {
    var floor = ""
    var modules: [String: [String]] = [:]
    for row in try text("chapters/tree.md").split(separator: "\n") where row.hasPrefix("| ") {
      let cells = row.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      let names = cells[2].matches(of: /`(\w[\w-]*)`/).map { String($0.1) }
      if names.isEmpty { continue }
      if !cells[1].isEmpty { floor = cells[1].trimmingCharacters(in: ["`"]) }
      let isRange = cells[2].contains("…")
      modules[floor, default: []] += isRange ? try folders(in: "Sources/\(floor)") : names
    }
    return modules
  }
}
