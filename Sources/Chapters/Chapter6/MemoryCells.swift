// Where the memory of a training step goes, and how machines share it.

import Chapter4
import DALLE
import Kernels
import NeuralNetwork
import Notebook
import StickerWorld
import TensorCore

extension Chapter6 {
  static var memoryCells: [Cell<State>] {
    [
      Cell("twelve", "What one step of 12 billion parameters needs") { _, out in
        // ANCHOR: twelve
        let c = DALLEConfiguration()  // the paper's
        let (n, gpus) = (c.parameterCount, 8.0)
        let tables = ["parameters", "gradients", "Adam's means", "Adam's variances"]
        out.table(
          ["GB", "in 32 bits", "in 16 bits", "on each of 8 GPUs"],
          (tables.map { ($0, n) } + [("all four", 4 * n)]).map { name, count in
            [name, gigabytes(4 * count), gigabytes(2 * count), gigabytes(2 * count / gpus)]
          })
        // What the backward pass needs at each position of a layer, in 16 bits: two norms, q, k, v and
        // context, 4 D before and after GELU; and for each head its scores of the keys.
        let numbers = 14 * c.width + c.heads * (c.textPositions + c.columns + 1)
        let all = Double(2 * c.layers * c.positions * numbers)  // bytes
        let inputs = Double(2 * c.layers * c.positions * 4 * c.width)  // of 2 L resblocks, 32 bits
        out.table(
          ["GB of activations, one picture", ""],
          [
            ["all that was computed", gigabytes(inputs + all)],
            ["inputs of resblocks only", gigabytes(inputs)],
            ["and one resblock at a time", gigabytes(all / Double(2 * c.layers))],
          ])
        // ANCHOR_END: twelve
        out.value("parameters", n / 1e9, .fixed(1))
      },
      Cell("checkpointing", "Forgetting and computing again") { state, out in
        // ANCHOR: checkpointing
        let pairs = try Pairs(.train, count: 8, seed: out.seed, state.painter)
        let model = state.painter.transformer.model
        func step(checkpointed: Bool) -> (megabytes: Double, gradients: [Tensor]) {
          for parameter in model.parameters { parameter.tensor.clearGradient() }
          let before = Memory.statistics.live
          let loss = withCheckpointedBlocks(checkpointed) {
            model(text: pairs.text, image: pairs.codes)
          }
          let kept = Memory.statistics.live - before
          loss.total.backward()
          return (Double(kept) / 1e6, model.parameters.compactMap(\.tensor.gradient))
        }
        _ = step(checkpointed: false)  // the first run also makes room for what all later ones use
        let (usual, again) = (step(checkpointed: false), step(checkpointed: true))
        out.table(
          ["8 pairs", "MB kept for the backward pass"],
          [["everything", usual.megabytes], ["inputs of blocks", again.megabytes]])
        let areEqual = zip(usual.gradients, again.gradients).allSatisfy { $0.scalars == $1.scalars }
        out.print("gradients of all parameters: \(areEqual ? "the same bits" : "different")")
        // ANCHOR_END: checkpointing
        out.value("share", again.megabytes / usual.megabytes, .percent(0))
      },
      Cell("machines", "Who holds what") { _, out in
        // ANCHOR: machines
        out.figure(
          "machines", machines(),
          "Two machines of three GPUs. A GPU keeps a third of every block; for one block at a time "
            + "it borrows the other two thirds from its neighbours")
        // ANCHOR_END: machines
      },
    ]
  }

  private static func gigabytes(_ bytes: Double) -> String { String(format: "%.2f", bytes / 1e9) }

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
          d.arrow((left + 304, y + 42), (left + 408, y + 42), "P, Q", 2, goesBothWays: true)
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
