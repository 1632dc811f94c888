// Four ranks that share the state of a training.

import Chapter4
import Collectives
import DALLE
import Foundation
import NeuralNetwork
import Notebook
import Optimization
import TensorCore
import Training

extension Chapter6 {
  static var sharingCells: [Cell<State>] {
    [
      Cell("machines", "Who holds what") { _, out in
        // ANCHOR: machines
        out.figure(
          "machines", machines(),
          "Two machines of three GPUs. A GPU keeps a third of every block; for one block at a time "
            + "it borrows the other two thirds from its neighbours")
        // ANCHOR_END: machines
      },
      Cell("sharding", "A third of the memory") { state, out in
        let pairs = try Pairs(.train, count: 8, seed: out.seed, state.painter)
        var c = state.painter.transformer.model.configuration
        (c.width, c.layers, c.heads) = (128, 16, 4)
        // ANCHOR: sharding
        var rows: [[any TableValue]] = []
        for count in [1, 2, 4] {
          // Ranks are threads here; with mpirun they are processes on one machine or on many.
          let results = Lockstep.run(count) { [c, seed = out.seed] ranks in
            shared(c, pairs, steps: 2, seed: seed, over: ranks)
          }
          let (loss, peak, whole) = results[0]
          rows.append([count, megabytes(peak), percent(peak / whole), String(format: "%.5f", loss)])
        }
        out.table(["ranks", "MB on each, at most", "% of one process", "loss after 2 steps"], rows)
        // ANCHOR_END: sharding
      },
    ]
  }

  private static func megabytes(_ bytes: Double) -> String { String(format: "%.1f", bytes / 1e6) }

  // ANCHOR: shared
  /// Trains for some steps on one of several ranks. Returns the last loss, the most bytes of weights,
  /// gradients and averages that the rank has held, and those of one process.
  private static func shared(
    _ c: DALLEConfiguration, _ pairs: Pairs, steps: Int, seed: UInt64, over ranks: Lockstep
  ) -> (loss: Float, peak: Double, whole: Double) {
    var random = Random(seed: seed)
    let model = DALLE(c, &random)
    let trainer = Trainer(
      "shared", model, Adam(model, rate: 0), steps: steps, seed: seed, rate: .constant(1e-3),
      ranks: ranks)
    trainer.isSharded = true
    trainer.terminal = Terminal(redraws: false, colours: false, columns: { 80 }, write: { _ in })
    var loss: Float = 0
    try? trainer.run { _, _ in
      let rows = Array(ranks.share(of: 8))  // this rank's part of the batch
      let result = model(text: pairs.text.rows(rows), image: pairs.codes.rows(rows)).total
      result.backward()
      loss = ranks.sum([result.item])[0] / Float(ranks.count)
      return Metrics(loss: result.item)
    }
    let whole = Double(16 * model.parameterCount)  // weight, gradient and two averages in 32 bits
    return (loss, trainer.heldBytes.map { Double($0.peak) } ?? whole, whole)
  }
  // ANCHOR_END: shared

  private static func machines() -> Diagram {
    var d = Diagram(
      "One block's parameters on six GPUs", height: 470,
      description: "Two machines side by side, each with three GPUs that hold a third of a block. "
        + "Fast links within a machine gather parameters and scatter gradients; slow links between "
        + "GPUs of the same number carry compressed gradients.")
    for machine in 0..<2 {
      let left = 24 + Double(machine) * 412
      d.group("machine \(machine + 1)", x: left, y: 52, width: 300, height: 350)
      for gpu in 0..<3 {
        let y = 88 + Double(gpu) * 104
        d.box("GPU \(gpu + 1)", x: left + 16, y: y, width: 64, height: 84, 6)
        d.box("keeps\nthird \(gpu + 1)", x: left + 92, y: y, width: 76, height: 84, gpu)
        for third in 0..<3 {
          d.box(
            "\(third + 1)", x: left + 216, y: y + Double(third) * 29, width: 66, height: 26, third,
            size: 12)
        }
        d.arrow((left + 170, y + 30), (left + 214, y + 30), "", 0)
        d.arrow((left + 214, y + 56), (left + 170, y + 56), "", 1)
        if machine == 0 {
          d.arrow((left + 304, y + 42), (left + 408, y + 42), "", 2, goesBothWays: true)
        }
      }
    }
    d.arrow((24, 430), (60, 430), "", 0)
    d.text("gathers a block before it is used", x: 70, y: 434.5, size: 13)
    d.arrow((360, 430), (324, 430), "", 1)
    d.text("sums its gradients and keeps a third of them", x: 370, y: 434.5, size: 13)
    d.arrow((24, 454), (60, 454), "", 2, goesBothWays: true)
    d.text("sums over machines: the slow link", x: 70, y: 458.5, size: 13)
    return d
  }
}
