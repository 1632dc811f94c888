// benchmark: times the core, beside PyTorch when a Python that has it is named.
//
//     swift run -c release benchmark
//     swift run -c release benchmark --peer python3
//
// Both sides take turns, pair by pair, so that a machine that slows down slows both; the
// figure of a row is the median over pairs.

import ArgumentParser
import Commands
import Files
import Foundation
import Kernels
import TensorCore

@main
struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times the core, beside PyTorch if a Python with torch is named.",
    discussion: "Example: benchmark --peer python3 --rows gemm --rows conv")

  static func main() { executeAndExit() }

  @Option(help: "A Python with torch: runs the same rows in turn and prints the ratio.")
  var peer: String?
  @Option(help: "Only the row of this name, or those whose name contains it; may be repeated.")
  var rows: [String] = []
  @Option(parsing: .unconditional, help: "Pairs of measurements per row.")
  var pairs = 7
  @Option(parsing: .unconditional, help: "Seconds per measurement.")
  var seconds = 0.2
  @Option(parsing: .unconditional, help: "Threads on both sides.")
  var threads = 2
  @Option(help: "Where the figures go as JSON.")
  var output = "build/bench.json"
  @Option(help: .hidden)
  var memory: String?

  struct Report: Encodable {
    struct Figure: Encodable {
      let name: String
      let unit: String
      let ours: Double
      let peer: Double?
      let ratio: Double?
    }
    let machine: String
    let threads: Int
    let peer: String?
    let rows: [Figure]
  }

  mutating func validate() throws {
    guard (1...1000).contains(pairs), seconds > 0, seconds <= 60, (1...64).contains(threads) else {
      throw ValidationError(
        "--pairs must be 1 to 1000, --seconds above 0 and at most 60, --threads 1 to 64")
    }
  }

  func run() throws {
    Threads.count = threads
    if Threads.count < threads {
      complain("note: ours runs on \(Threads.count) threads, as there are no more processors\n")
    }
    if let memory {
      try measureOwnMemory(memory)
      return
    }
    let chosen = Row.all.filter { row in
      rows.isEmpty
        || rows.contains { wanted in
          // A whole name means this row and not those that begin with it.
          row.name == wanted
            || (row.name.contains(wanted) && !Row.all.contains { $0.name == wanted })
        }
    }
    guard !chosen.isEmpty else {
      throw ValidationError("--rows: no row has a name with \(rows.joined(separator: " or "))")
    }
    let machine = "\(processorName()), \(threads) threads"
    print(machine)
    let other = try peer.map { try Peer($0, [peerScript, "\(threads)"]) }
    let version = try other?.hello().replacing("ready ", with: "")
    if let version { print("peer: \(version)") }
    print(line("", "ours", peer == nil ? "" : "peer", peer == nil ? "" : "ratio"))
    var figures: [Report.Figure] = []
    for row in chosen {
      figures.append(try time(row, other))
      show(figures.last!)
    }
    for row in Row.trainingSteps where chosen.contains(where: { $0.name == row.name }) {
      figures.append(try compareMemory(row))
      show(figures.last!)
    }
    other?.stop()
    showGrowth(figures)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let report = Report(machine: machine, threads: threads, peer: version, rows: figures)
    let target = URL(filePath: output)
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try encoder.encode(report).write(to: target, options: .atomic)
    print("written to \(output)")
  }

  /// Prints how the time of an attention layer grows with the number of image tokens: the
  /// exponent between the two largest pictures.
  private func showGrowth(_ figures: [Report.Figure]) {
    let (large, small) = (Row.tokenCounts.suffix(1), Row.tokenCounts.suffix(2).prefix(1))
    guard let n = large.first, let m = small.first else { return }
    for kind in ["dense", "row", "column", "window"] {
      func time(_ count: Int) -> Double? {
        figures.first { $0.name == "attention layer \(kind), \(count) image tokens" }?.ours
      }
      guard let a = time(n), let b = time(m) else { continue }
      let exponent = log(a / b) / log(Double(n) / Double(m))
      print(
        "attention layer \(kind): time grows as n^\(String(format: "%.2f", exponent)) from \(m) to "
          + "\(n) image tokens")
    }
  }

  /// Pairs of measurements, and the medians of both sides and of the ratios.
  private func time(_ row: Row, _ other: Peer?) throws -> Report.Figure {
    let work = row.prepare()
    for _ in 0..<3 { work() }
    _ = try other?.ask("row \(row.name)")
    var (ours, theirs, ratios) = ([Double](), [Double](), [Double]())
    for _ in 0..<pairs {
      let mine = measure(work)
      ours.append(mine)
      if let other {
        let answer = try other.ask("time \(seconds)")
        guard let its = Double(answer) else {
          throw Peer.Failure(description: "the peer answered \(answer) for \(row.name)")
        }
        theirs.append(its)
        ratios.append(its / mine)
      }
    }
    Memory.trim()
    return Report.Figure(
      name: row.name, unit: "s", ours: median(ours), peer: other.map { _ in median(theirs) },
      ratio: other.map { _ in median(ratios) })
  }

  /// The median time of one run, over about `seconds`.
  private func measure(_ work: () -> Void) -> Double {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var times: [Double] = []
    repeat {
      let duration = clock.measure(work)
      times.append(
        Double(duration.components.attoseconds) * 1e-18 + Double(duration.components.seconds))
    } while clock.now < end
    return median(times)
  }

  /// Peak memory of a training step, each side in a process of its own.
  private func compareMemory(_ row: Row) throws -> Report.Figure {
    let own = try Peer(CommandLine.arguments[0], ["--memory", row.name, "--threads", "\(threads)"])
    let ours = Double(try own.hello()) ?? .nan
    own.stop()
    var theirs: Double?
    if let peer {
      let fresh = try Peer(peer, [peerScript, "\(threads)"])
      _ = try fresh.hello()
      theirs = Double(try fresh.ask("memory \(row.name)"))
      fresh.stop()
    }
    return Report.Figure(
      name: "peak memory, \(row.name)", unit: "bytes", ours: ours, peer: theirs,
      ratio: theirs.map { $0 / ours })
  }

  private func measureOwnMemory(_ name: String) throws {
    guard let row = Row.all.first(where: { $0.name == name }) else {
      throw ValidationError("there is no row \(name)")
    }
    let work = row.prepare()
    for _ in 0..<10 { work() }
    print(peakMemory())
  }

  private func show(_ figure: Report.Figure) {
    func format(_ value: Double) -> String {
      figure.unit == "s"
        ? value < 1e-3
          ? String(format: "%.1f us", value * 1e6) : String(format: "%.2f ms", value * 1e3)
        : String(format: "%.0f MB", value / 1_048_576)
    }
    print(
      line(
        figure.name, format(figure.ours), figure.peer.map(format) ?? "",
        figure.ratio.map { String(format: "%.2f", $0) } ?? ""))
    fflush(nil)  // a row can take minutes, and the output may be a file
  }

  private func line(_ name: String, _ columns: String...) -> String {
    columns.reduce(name.padding(toLength: 46, withPad: " ", startingAt: 0)) {
      $0 + String(repeating: " ", count: max(1, 11 - $1.count)) + $1
    }
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private var peerScript: String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "peers/peer.py").path()
  }
}

/// The processor as the system names it.
private func processorName() -> String {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let model = text.split(separator: "\n").first { $0.hasPrefix("model name") }
  let name = model?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
  return name ?? "unknown processor"
}
