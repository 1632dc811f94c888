// What the program says: names of rows, tables and JSON, and what is absent from both.

import Foundation
import TensorCore
import Testing

@testable import benchmark

@Suite("The benchmark's report") struct ReportTests {
  private let machine = Machine(
    processor: "P", threads: 2, load: 0.5, system: "S", compiler: "C", peer: "PyTorch 2")
  private let full = Peaks(f32: 1e9, bf16: 4e9, bf16Instruction: "VDPBF16PS", bandwidth: 1e10)
  private let narrow = Peaks(f32: 1e9, bf16: nil, bf16Instruction: nil, bandwidth: nil)

  @Test func `an unknown row is answered by one sentence with those that exist`() {
    var said = ""
    let status = Benchmark.execute(["--rows", "gem 512"], complain: { said += $0 })
    #expect(status == 64)
    let first = said.split(separator: "\n").first ?? ""
    #expect(first.hasPrefix("Error: no row has \"gem 512\" in its name; the rows are \"gemm 28"))
    for row in Row.all { #expect(first.contains("\"\(row.name)\"")) }
  }

  @Test(arguments: [["--repetitions", "0"], ["--seconds", "-1"], ["--threads", "65"]])
  func `numbers out of range are refused`(arguments: [String]) {
    var said = ""
    #expect(Benchmark.execute(arguments, complain: { said += $0 }) == 64)
    #expect(said.contains("--repetitions must be 1 to 1000"))
  }

  @Test func `a whole name chooses one row, a part all that have it, none all`() throws {
    #expect(try Row.chosen(["gelu"]).map(\.name) == ["gelu"])
    #expect(try Row.chosen(["gel"]).map(\.name) == ["gelu", "gelu forward+backward"])
    #expect(try Row.chosen(["GPT-2", "exp"]).map(\.name) == ["exp", "GPT-2 training step"])
    #expect(try Row.chosen([]).count == Row.all.count)
    #expect(Set(Row.all.map(\.name)).count == Row.all.count)
  }

  @Test func `every product, convolution and step states its operations, in both precisions`() {
    for row in Row.trainingSteps + Row.largeProducts + Row.convolutions {
      #expect((row.operations ?? 0) > 0 && row.precisions == [.f32, .bf16], "\(row.name)")
    }
    for name in ["gemm 2816x256x768", "gemm 512x512x512", "gemm transposed 1024x2816x256"] {
      #expect(Row.all.contains { $0.name == name })
    }
    let gpt2 = Row.all.last { $0.name == "GPT-2 training step" }
    #expect(abs((gpt2?.operations ?? 0) - 190.7e9) < 0.1e9)
  }

  @Test func `shares are of the peak of the row's own precision`() throws {
    let row = Row.product(100, 100, 100)  // 2 MFLOP
    func share(_ precision: Precision) throws -> Double {
      try #require(Measurement.figure(row, precision, [0.004], [:], [:], full)?.percentOfPeak)
    }
    #expect(abs(try share(.f32) - 50) < 1e-6)
    #expect(abs(try share(.bf16) - 12.5) < 1e-6)
  }

  @Test func `without an instruction for bf16 its rows are absent, not zero`() throws {
    let row = Row.product(8, 8, 8)
    let measurement = Measurement(peaks: narrow, peer: nil, repetitions: 2, seconds: 0)
    let figures = try measurement.figures(of: row)
    #expect(figures.map(\.precision) == [.f32])
    #expect(Measurement.figure(row, .bf16, [1], [:], [:], narrow) == nil)
    let report = Report(machine: machine, peaks: narrow, repetitions: 2, rows: figures)
    #expect(!report.markdown.contains("gemm 8x8x8, bf16"))
    #expect(report.heading.joined().contains("no instruction for bf16"))
    let peaks = try #require(try json(report)["peaks"] as? [String: Any])
    #expect(peaks["bf16"] == nil && peaks["f32"] != nil)
    let both = Measurement(peaks: full, peer: nil, repetitions: 1, seconds: 0)
    #expect(try both.figures(of: row).map(\.precision) == [.f32, .bf16])
  }

  @Test func `a mode that cannot run a row is absent from table and JSON, with its reason`() throws
  {
    let times: [PeerMode: [Double]] = [.eager: [3, 4, 5], .bf16: [2, 3, 2.5]]
    let absent: [PeerMode: String] = [.compile: "why not", .both: "why not"]
    let row = Row.product(8, 8, 8)
    let figure = try #require(Measurement.figure(row, .f32, [1, 2, 1], times, absent, full))
    #expect(figure.ratioToEager == 3 && figure.best == .bf16 && figure.ratioToBest == 2)
    let report = Report(machine: machine, peaks: full, repetitions: 3, rows: [figure])
    let line = try #require(report.markdown.split(separator: "\n").first { $0.contains("gemm") })
    #expect(
      line.contains("| 1.00 s (1.00 s–2.00 s) | ")
        && line.contains("| 4.00 s (3.00 s–5.00 s) | – |")
        && line.hasSuffix("| – | 3.00 | 2.00 |"), "\(line)")
    #expect(report.markdown.contains("– under compile: why not (gemm 8x8x8)"))
    let rows = try #require(try json(report)["rows"] as? [[String: Any]])
    let peers = try #require(rows.first?["peers"] as? [String: Any])
    #expect(Set(peers.keys) == ["eager", "bf16"])
    #expect(
      rows.first?["absent"] as? [String: String] == ["compile": "why not", "both": "why not"])
  }

  @Test func `GPT-2's rows say tokens a second and the first loss`() throws {
    let sizes = GPT2.Sizes(layers: 1, width: 8, heads: 2, context: 6, vocabulary: 11)
    let row = Row.gpt2Step(sizes, batch: 2, tokens: 5)
    row.prepare()()
    let figure = try #require(
      Measurement.figure(row, .f32, [0.5], [.eager: [0.2]], [:], full))
    let report = Report(machine: machine, peaks: full, repetitions: 1, rows: [figure])
    #expect(report.markdown.contains("| GPT-2 training step: ours, f32 | 500.00 ms | 20 |"))
    #expect(report.markdown.contains("| GPT-2 training step: PyTorch, eager | 200.00 ms | 50 |"))
    #expect(report.markdown.contains(/GPT-2 training step: 2\.\d\d nats at the first step/))
  }

  @Test func `a run writes the same rows as JSON and as a table`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (data, page) = (folder.appending(path: "a/b.json"), folder.appending(path: "b.md"))
    let status = Benchmark.execute([
      "--rows", "gemm packed 1x256x768", "--repetitions", "5", "--seconds", "0.001", "--json",
      data.path, "--markdown", page.path,
    ])
    #expect(status == 0)
    let read = try JSONSerialization.jsonObject(with: Data(contentsOf: data)) as? [String: Any]
    let rows = try #require(read?["rows"] as? [[String: Any]])
    #expect(rows.count == 1 && rows[0]["name"] as? String == "gemm packed 1x256x768")
    let ours = try #require(rows[0]["ours"] as? [String: Double])
    #expect(ours["minimum"]! > 0 && ours["minimum"]! <= ours["median"]!)
    #expect(ours["median"]! <= ours["maximum"]!)
    #expect(try String(contentsOf: page, encoding: .utf8).contains("| gemm packed 1x256x768 |"))
  }

  private func json(_ report: Report) throws -> [String: Any] {
    let data = try JSONEncoder().encode(report)
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }
}
