// benchmark: times the core, beside the peaks of the machine, and beside PyTorch when a Python that
// has it is named.
//
//     swift run benchmark
//     swift run benchmark --peer python3 --markdown build/benchmark.md
//
// All sides and modes take turns, round by round, so that a machine that slows down slows all; the
// figure of a row is the median over rounds.

import ArgumentParser
import Commands
import Files
import Foundation
import Kernels
import TensorCore

@main
struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times the core beside the machine's peaks, and beside PyTorch if a Python has it.",
    discussion: "Example: benchmark --peer python3 --rows gemm --rows conv")

  static func main() { executeAndExit() }

  @Option(help: "A Python with torch: runs the same rows in turn, in four modes.")
  var peer: String?
  @Option(help: "Only the row of this name, or those whose name contains it; may be repeated.")
  var rows: [String] = []
  @Flag(help: "Prints the names of the chosen rows, and measures nothing.")
  var list = false
  @Option(
    parsing: .unconditional,
    help: "Rounds of measurements per row; the figures are their least, median and most.")
  var repetitions = 7
  @Option(parsing: .unconditional, help: "Seconds per measurement.")
  var seconds = 0.2
  @Option(parsing: .unconditional, help: "Threads on both sides.")
  var threads = Threads.count
  @Option(help: "Also writes all figures to this file, as JSON.")
  var json: String?
  @Option(help: "Also writes the tables of chapters/benchmarks.md to this file.")
  var markdown: String?
  @Option(help: .hidden)
  var memory: String?

  mutating func validate() throws {
    guard (1...1000).contains(repetitions), seconds > 0, seconds <= 60, (1...64).contains(threads)
    else {
      throw ValidationError(
        "--repetitions must be 1 to 1000, --seconds above 0 and at most 60, --threads 1 to 64")
    }
    do { _ = try Row.chosen(rows) } catch { throw ValidationError(error.description) }
  }

  func run() throws {
    let chosen = try Row.chosen(rows)
    if list { return chosen.forEach { print($0.name) } }
    Threads.count = threads
    if let memory { return print(try Measurement.memory(of: memory)) }
    // The load is read before this program adds to it.
    let machine = Machine.current
    var report = Report(machine: machine, peaks: .measure(), repetitions: repetitions)
    let torch = try peer.map { try Peer.torch($0, threads: Threads.count) }
    report.machine.peer = try torch?.hello().replacing("ready ", with: "")
    try write(report)  // whether the files can be written shows before the work, not after it
    for line in report.heading { print(line) }
    print(Report.columns(hasPeer: torch != nil))
    let measurement = Measurement(
      peaks: report.peaks, peer: torch, repetitions: repetitions, seconds: seconds)
    for row in chosen { try add(try measurement.figures(of: row), to: &report) }
    torch?.stop()
    for row in chosen where Row.trainingSteps.contains(where: { $0.name == row.name }) {
      try add([try Measurement.peakMemory(of: row, python: peer)], to: &report)
    }
    let sentences = report.rows.compactMap(\.lossSentence) + report.growth
    for line in sentences + [report.precisionSentence].compactMap({ $0 }) { print(line) }
    for path in [json, markdown].compactMap({ $0 }) { print("written to \(path)") }
  }

  /// Prints some figures, and writes them to the files: a run takes long and may be stopped.
  private func add(_ figures: [Figure], to report: inout Report) throws {
    for figure in figures { print(Report.line(of: figure, hasPeer: peer != nil)) }
    fflush(nil)
    report.rows += figures
    try write(report)
  }

  private func write(_ report: Report) throws {
    if let json { try Self.write([UInt8](try prettyJSON(report)) + [UInt8(ascii: "\n")], to: json) }
    if let markdown { try Self.write(Array(report.markdown.utf8), to: markdown) }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    let folder = URL(filePath: path).deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try AtomicFile.write(bytes, to: path)  // says why if the folder could not be made
  }
}
