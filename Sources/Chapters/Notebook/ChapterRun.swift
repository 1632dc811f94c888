import Foundation
import TensorCore

/// One run through the cells of a chapter.
struct ChapterRun<C: Chapter> {
  let files: ChapterFiles
  let seed: UInt64
  /// Whether the full run of a cell happens.
  var trains: (String) -> Bool = { _ in false }
  /// What full runs have kept.
  let kept: KeptData
  /// Called with each event as it happens.
  var hear: (Event) throws -> Void = { _ in }

  enum Event {
    case begins(Cell<C.State>)
    case trains(Cell<C.State>, estimate: String)
    case says(Block, after: Block?)
    case ends(Cell<C.State>, Output, seconds: Double)
  }

  init(_ files: ChapterFiles, seed: UInt64 = 1) {
    self.files = files
    self.seed = seed
    kept = KeptData(files)
  }

  /// Runs the cells up to the last one that `isWanted`; those that are not wanted report nothing, and run
  /// only if they pass something on.
  /// Returns the record of the wanted ones.
  ///
  /// Throws what a cell or `hear` throws.
  @discardableResult
  func callAsFunction(_ isWanted: (String) -> Bool = { _ in true }) throws -> ChapterRecord {
    let cells = C.cells
    checkNames(cells.map(\.name))
    guard let last = cells.lastIndex(where: { isWanted($0.name) }) else {
      return ChapterRecord(chapter: C.name, seed: seed, cells: [])
    }
    var state = try C.State(
      Context(seed: seed, random: Random(seed: seed).split("\(C.name)/state")))
    var records: [CellRecord] = []
    for cell in cells[...last] {
      let isQuiet = !isWanted(cell.name)
      if isQuiet && cell.isAside { continue }
      var failure: (any Error)?
      if !isQuiet { try hear(.begins(cell)) }
      let output = output(of: cell) { block, previous in
        if isQuiet || failure != nil { return }
        do { try hear(.says(block, after: previous)) } catch { failure = error }
      }
      if trains(cell.name), !isQuiet, let full = cell.full {
        try hear(.trains(cell, estimate: full.estimate))
        // What the full run prints is reported but not recorded.
        let fullOutput = self.output(of: cell, named: "\(cell.name)/full") { block, previous in
          do { try hear(.says(block, after: previous)) } catch { failure = error }
        }
        try full.code(&state, fullOutput)
      }
      let start = ContinuousClock.now
      try cell.code(&state, output)
      if let failure { throw failure }
      if isQuiet { continue }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      records.append(
        CellRecord(
          cell: cell.name, seconds: (seconds * 10).rounded() / 10, blocks: output.blocks,
          values: output.values, figures: output.figures.map(\.figure)))
      try hear(.ends(cell, output, seconds: seconds))
    }
    checkFigures(records)
    return ChapterRecord(chapter: C.name, seed: seed, cells: records)
  }

  private func output(
    of cell: Cell<C.State>, named name: String? = nil,
    hear: @escaping (Block, _ previous: Block?) -> Void
  ) -> Output {
    Output(
      cell: name ?? cell.name, chapter: C.name, seed: seed,
      trainingFolder: files.training(cell.name), kept: kept, hear: hear)
  }

  private func checkNames(_ names: [String]) {
    precondition(
      Set(names).count == names.count, "cells of a chapter have different names, got \(names)")
  }

  private func checkFigures(_ records: [CellRecord]) {
    let files = records.flatMap(\.figures).map(\.name)
    precondition(
      Set(files).count == files.count, "figures of a chapter have different names, got \(files)")
  }
}
