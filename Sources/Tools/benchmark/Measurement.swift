// Times a row on all sides, in rounds: ours in each precision, then PyTorch in each of its modes.

import ArgumentParser
import Files
import Foundation
import Kernels
import TensorCore

struct Measurement {
  let peaks: Peaks
  let peer: Peer?
  let repetitions: Int
  /// Of one measurement, which is the median of the runs that it has time for, one at least.
  let seconds: Double

  /// A figure for each precision that this machine has.
  ///
  /// Throws a `Peer.Failure` if the peer gives no time, or if the first loss of a model that has
  /// learnt nothing is not that of guessing.
  func figures(of row: Row) throws -> [Figure] {
    defer { Memory.trim() }
    let work = row.prepare()
    let precisions = row.precisions.filter { peaks[$0] != nil }
    for precision in precisions {
      withPrecision(precision) { for _ in 0..<3 { work() } }
    }
    try check(row)
    let modes = try peer?.prepare(row.name)
    var ours: [Precision: [Double]] = [:]
    var theirs: [PeerMode: [Double]] = [:]
    for _ in 0..<repetitions {
      for precision in precisions {
        ours[precision, default: []].append(withPrecision(precision) { measure(work) })
      }
      for mode in modes?.modes ?? [] {
        theirs[mode, default: []].append(try peer?.time(mode, seconds: seconds) ?? .nan)
      }
    }
    return precisions.compactMap { precision in
      guard let times = ours[precision] else { return nil }
      return Self.figure(row, precision, times, theirs, modes?.absent ?? [:], peaks)
    }
  }

  /// What the times of a row say; nil if there are none.
  static func figure(
    _ row: Row, _ precision: Precision, _ ours: [Double], _ theirs: [PeerMode: [Double]],
    _ absent: [PeerMode: String], _ peaks: Peaks
  ) -> Figure? {
    guard let spread = Spread(ours), let peak = peaks[precision] else { return nil }
    var figure = Figure(name: row.name, precision: precision, ours: spread)
    figure.operations = row.operations
    figure.percentOfPeak = row.operations.map { 100 * $0 / spread.median / peak }
    figure.tokens = row.tokens
    figure.firstLoss = precision == .f32 ? row.firstLoss?.value : nil
    figure.absent = absent
    if !theirs.isEmpty { figure.compare(ours, with: theirs) }
    return figure
  }

  private func check(_ row: Row) throws {
    guard let first = row.firstLoss, let loss = first.value else { return }
    guard abs(loss - first.expected) < 0.5 else {
      throw Peer.Failure(
        description: "\(row.name): the first loss is \(loss), not about \(first.expected)")
    }
  }

  /// The median time of one run, over about `seconds`.
  private func measure(_ work: () -> Void) -> Double {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var times: [Double] = []
    repeat { times.append(benchmark.seconds(work)) } while clock.now < end
    return Spread(times)?.median ?? .nan
  }

  /// Peak memory of a training step, each side in a process of its own, both in f32.
  static func peakMemory(of row: Row, python: String?) throws -> Figure {
    let arguments = ["--memory", row.name, "--threads", "\(Threads.count)"]
    let own = try Peer(CommandLine.arguments[0], arguments)
    let answer = try own.hello()
    own.stop()
    guard let ours = Double(answer) else {
      throw Peer.Failure(description: "\(answer) is not the peak memory of \(row.name)")
    }
    var figure = Figure(
      name: "peak memory, \(row.name)", precision: .f32, unit: .bytes, ours: Spread(ours))
    if let python {
      let fresh = try Peer.torch(python, threads: Threads.count)
      _ = try fresh.hello()
      let theirs = Double(try fresh.ask("memory \(row.name)"))
      fresh.stop()
      if let theirs { figure.compare([ours], with: [.eager: [theirs]]) }
    }
    return figure
  }

  /// The peak memory of this process after some runs of a row, in bytes.
  static func memory(of name: String) throws -> Int {
    guard let row = Row.all.first(where: { $0.name == name }) else {
      throw ValidationError("there is no row \(name)")
    }
    let work = row.prepare()
    for _ in 0..<10 { work() }
    return Files.peakMemory()
  }
}
