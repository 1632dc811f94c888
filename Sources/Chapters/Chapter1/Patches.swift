// From pixels to tokens.

import Images
import LinearAlgebra
import NeuralNetwork
import Notebook
import StickerWorld
import TensorCore
import VisionTransformer

extension Chapter1 {
  static var patchCells: [Cell<State>] {
    [
      Cell("picture", "A picture is 12,288 numbers") { state, out in
        // ANCHOR: picture
        let scene = try Scene(caption: state.caption)
        let image = scene.render(Layout(for: scene, seed: out.seed), size: 64)
        state.picture = Tensor([image])  // [1, C, H, W]
        out.show("picture", state.picture)
        // ANCHOR_END: picture
        out.figure(
          "picture", PictureGrid([image], labels: [state.caption], scale: 6),
          "The picture of this chapter, enlarged six times")
      },
      Cell("cost", "Why not pixels") { state, out in
        // ANCHOR: cost
        let (d, side) = (128.0, 64)
        let rows = [1, 2, 4, 8, 16].map { p -> [any TableValue] in
          let n = Double((side / p) * (side / p))  // N, tokens
          let pairs = n * n  // entries of one attention matrix
          let products = 12 * n * d * d + 2 * pairs * d  // multiplications of one block
          return [
            "\(p)×\(p)", Int(n), Int(pairs), pairs * 4 / 1e6, products / 1e6,
            2 * pairs * d / products * 100,
          ]
        }
        out.table(
          ["patch", "tokens", "pairs", "MB a head", "million products", "% attention"], rows)

        // The first term again, from the matrices of this chapter's trained block.
        let block = state.classifier.encoder.blocks[0]
        let matrices = block.parameters.map(\.tensor).filter { $0.rank == 2 }
        let n = 64  // 8×8 patches
        out.value("formula", 12 * n * 128 * 128 + 2 * n * n * 128)
        out.value("counted", matrices.reduce(0) { $0 + n * $1.count } + 2 * n * n * 128)
        // ANCHOR_END: cost
      },
      Cell("patches", "Cut the picture into patches") { state, out in
        // ANCHOR: patches
        state.patches = patchify(state.picture, patch: 8)  // [1, N, C·P·P]
        out.show("patches", state.patches)
        let again = unpatchify(state.patches, patch: 8, grid: (8, 8))  // [1, C, H, W]
        out.compare("cut and put together again", again, state.picture)
        // ANCHOR_END: patches
        let tiles = state.patches.reshaped(64, 3, 8, 8)  // [N, C, P, P]
        out.figure(
          "patches", PictureGrid(tiles, columns: 8, scale: 7, gutter: 4),
          "The same picture as 64 patches of 8×8 pixels")
      },
      Cell("embedding", "Patches become tokens by one matrix product") { state, out in
        // ANCHOR: embedding
        let embedding = state.classifier.encoder.patchEmbedding
        let inputs = state.patches * 2 - 1  // the model sees -1 … 1
        let tokens = embedding.embed(patches: inputs)  // [1, N, D]
        out.ledger(["patches": state.patches, "tokens": tokens])

        let convolved = convolution2D(
          (state.picture * 2 - 1).channelsLast, embedding.weight, embedding.bias, stride: 8,
          padding: 0)  // [1, 8, 8, D]
        out.compare("linear map vs. convolution", tokens, convolved.reshaped(1, 64, 128))
        // ANCHOR_END: embedding
      },
      Cell("filters", "What the first layer looks for") { state, out in
        // ANCHOR: filters
        let weight = state.classifier.encoder.patchEmbedding.weight  // [D, C, P, P]
        let filters = weight.reshaped(weight.shape[0], -1)  // [D, C·P·P]
        let (components, shares) = principalComponents(filters, count: 28)
        out.print(
          "the first 28 of \(filters.shape[1]) directions hold "
            + "\(Int((shares.reduce(0, +) * 100).rounded())) % of the variance")
        // ANCHOR_END: filters
        let largest = components.abs().maximum(axis: 1, keepingAxis: true)
        let tiles = (components / largest * 0.5 + 0.5).reshaped(28, 3, 8, 8)
        out.figure(
          "filters",
          PictureGrid(
            tiles, columns: 14, labels: (1...28).map { "\($0)" }, scale: 7, gutter: 4),
          "The first 28 principal components of the embedding's filters, as colours, by the variance "
            + "they hold")
      },
    ]
  }
}
