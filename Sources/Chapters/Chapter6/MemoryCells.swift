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
        out.note("parameters", n / 1e9, .fixed(1))
      },
      Cell(
        "checkpointing", "Forgetting and computing again",
        full: FullRun("a few seconds") { state, out in
          let pairs = try Pairs(.train, count: 8, seed: out.seed, state.painter)
          _ = step(state, pairs, checkpointed: false)  // makes room for what all later ones use
          try out.keep(
            "checkpointing",
            [false, true].map { step(state, pairs, checkpointed: $0).megabytes })
        }
      ) { state, out in
        // ANCHOR: checkpointing
        let megabytes = try out.recorded("checkpointing", as: [Double].self)
        out.table(
          ["8 pairs", "MB kept for the backward pass"],
          [["everything", megabytes[0]], ["inputs of blocks", megabytes[1]]])
        let pairs = try Pairs(.train, count: 8, seed: out.seed, state.painter)
        let usual = step(state, pairs, checkpointed: false).gradients
        let again = step(state, pairs, checkpointed: true).gradients
        let areEqual = zip(usual, again).allSatisfy { $0.scalars == $1.scalars }
        out.print("gradients of all parameters: \(areEqual ? "the same bits" : "different")")
        // ANCHOR_END: checkpointing
        out.note("share", megabytes[1] / megabytes[0], .percent(0))
      },
    ]
  }

  // ANCHOR: step
  /// A forward and a backward pass. Returns what the memory of tensors grew by in the first, and the
  /// gradients.
  private static func step(
    _ state: State, _ pairs: Pairs, checkpointed: Bool
  ) -> (megabytes: Double, gradients: [Tensor]) {
    let model = state.painter.transformer.model
    for parameter in model.parameters { parameter.tensor.clearGradient() }
    let before = Memory.statistics.live
    let loss = withCheckpointedBlocks(checkpointed) {
      model(text: pairs.text, image: pairs.codes)
    }
    let kept = Memory.statistics.live - before
    loss.total.backward()
    return (Double(kept) / 1e6, model.parameters.compactMap(\.tensor.gradient))
  }
  // ANCHOR_END: step

  private static func gigabytes(_ bytes: Double) -> String { String(format: "%.2f", bytes / 1e9) }
}
