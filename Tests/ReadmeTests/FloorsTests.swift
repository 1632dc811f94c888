// Package.swift and the `import` lines say the same, and no arrow points upwards.

import Foundation
import Testing

@Suite("The floors") struct FloorsTests {
  /// From the bottom to the top: a module imports only what stands on its own floor or below.
  private static let floors = [
    "System", "Core", "Data", "Models", "Learning", "Judging", "Pretrained", "Chapters", "Course",
    "Tools",
  ]
  private let targets: [PackageTarget]

  init() throws { targets = try PackageTarget.all() }

  @Test func `every target is found, and every folder of sources belongs to one`() throws {
    #expect(targets.count > 80 && targets.contains { $0.name == "DalleCommand" })
    let paths = Set(targets.map(\.path))
    for floor in Self.floors where floor != "Pretrained" {
      for module in try folders(in: "Sources/\(floor)") {
        #expect(paths.contains("Sources/\(floor)/\(module)"), "\(floor)/\(module) has no target")
      }
    }
  }

  @Test func `every import is declared, and every declared dependency is imported`() throws {
    for target in targets where target.isSwift {
      let imported = try target.imports(among: targets)
      let undeclared = imported.subtracting(target.dependencies).sorted()
      let unused = target.dependencies.subtracting(imported).sorted()
      #expect(undeclared.isEmpty, "\(target.name) imports \(undeclared) without declaring it")
      #expect(unused.isEmpty, "\(target.name) declares \(unused) without importing it")
    }
  }

  @Test func `no module imports one of a higher floor`() throws {
    for target in targets where target.path.hasPrefix("Sources/") {
      let own = try #require(floor(of: target), "\(target.path) stands on no floor")
      for other in targets where target.dependencies.contains(other.name) {
        let its = try #require(floor(of: other), "\(target.name) depends on \(other.path)")
        #expect(its <= own, "\(target.path) imports \(other.path), which stands above it")
      }
    }
  }

  @Test func `drawing needs neither training nor stickers nor the judge`() throws {
    let below = try closure(of: "TextToImage")
    let strangers: Set<String> = [
      "Training", "StickerWorld", "StickerJudge", "CaptionedImages", "COpenBLAS",
    ]
    #expect(below.isDisjoint(with: strangers), "\(below.intersection(strangers).sorted())")
    let modules = targets.filter { below.contains($0.name) && $0.isSwift }
    #expect(modules.count <= 12, "\(modules.map(\.name).sorted())")
    let lines = try modules.reduce(0) { try $0 + $1.lines() }
    // Of these, products and convolutions in bf16 take 620, checkpointing, hooks and sharding 210,
    // noise on all threads and sums in one pass 70, members one a line and files of their own for
    // what a browser lacks 130, the transformer's forward pass in parts that a page can quote 20, a
    // captioner and what is said of it 310.
    #expect((5000...15_360).contains(lines), "TextToImage stands on \(lines) lines")
    #expect(try closure(of: "CaptionedImages").isDisjoint(with: ["StickerWorld", "TextToImage"]))
    #expect(try closure(of: "Pretrained").isDisjoint(with: strangers))
  }

  @Test func `OpenBLAS is imported by one file`() throws {
    let users = try swiftFiles(in: "Sources").filter {
      try text($0).contains(/(?m)^import COpenBLAS$/)
    }
    #expect(users == ["Sources/Core/LinearAlgebra/SymmetricMatrix.swift"])
  }

  @Test func `no function is longer than 60 lines`() throws {
    for file in try swiftFiles(in: "Sources") + swiftFiles(in: "Tests") {
      let lines = try text(file).split(separator: "\n", omittingEmptySubsequences: false)
      for (start, line) in lines.enumerated() {
        let isDeclaration = ["func ", "init(", "init?(", "init<"].contains { line.contains($0) }
        guard isDeclaration, line.contains(/^ *(?:[\w@()]+ )*(?:func|init)/) else { continue }
        let length = length(of: lines[start...])
        #expect(length <= 60, "\(file):\(start + 1) has \(length) lines")
      }
    }
  }

  /// How many lines a declaration has: up to where its braces are closed, or, for a requirement of
  /// a protocol, up to the next comment.
  private func length(of lines: ArraySlice<Substring>) -> Int {
    var depth = 0
    for (count, line) in lines.enumerated() {
      if depth == 0 && count > 0 && line.contains("///") { return count }
      let line = line.replacing(/"(?:[^"\\]|\\.)*"/, with: "")  // braces in text do not count
      let opened = line.count { $0 == "{" }
      depth += opened - line.count { $0 == "}" }
      if depth <= 0 && (opened > 0 || line.contains("}")) { return count + 1 }
    }
    return lines.count
  }

  /// All that `name` imports, and what that imports, without itself.
  private func closure(of name: String) throws -> Set<String> {
    var found: Set<String> = []
    var open = [name]
    while let next = open.popLast() {
      let target = try #require(targets.first { $0.name == next }, "there is no target \(next)")
      let new = target.dependencies.subtracting(found).filter { other in
        targets.contains { $0.name == other }
      }
      found.formUnion(new)
      open += new
    }
    return found
  }

  private func floor(of target: PackageTarget) -> Int? {
    target.path.split(separator: "/").dropFirst().first.flatMap {
      Self.floors.firstIndex(of: String($0))
    }
  }
}
