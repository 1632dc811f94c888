// The simplest codebook, and decoders that make more and more of its codes.

import DVAETraining
import Foundation
import NeuralNetwork
import Notebook
import Optimization
import StickerTraining
import TensorCore
import Training
import VisionTransformer

// ANCHOR: grown
/// A decoder in three versions. Each has what the one before it has, and one part more.
struct Grown: Module {
  /// Version 1: for each code its square, 4·4·3 numbers, K × 48.
  let codebook: Tensor
  /// Version 2: a 3×3 convolution, which corrects each square by those around it,
  /// and at first by 0.
  let correction: Convolution2D?
  /// Version 3: before it a convolution from 48 channels to D = 64, and three pairs of
  /// convolutions; what a pair makes is added to its input.
  let widening: Convolution2D?
  let blocks: [[Convolution2D]]

  init(version: Int, centres: Tensor, width d: Int, _ random: inout Random) {
    func convolution(_ inputs: Int, _ outputs: Int, _ start: Initializer) -> Convolution2D {
      Convolution2D(inputs, outputs, kernel: 3, padding: 1, initializer: start, &random)
    }
    // A copy: training changes it in place.
    codebook = Tensor(shape: centres.shape, centres.scalars).requiringGradient()
    correction = version == 1 ? nil : convolution(version == 2 ? 48 : d, 48, .zeros)
    widening = version >= 3 ? convolution(48, d, .kaimingNormal) : nil
    blocks = (0..<(version == 3 ? 3 : 0)).map { _ in
      (0..<2).map { _ in convolution(d, d, .kaimingNormal) }
    }
  }

  var members: Members {
    ("codebook", codebook)
    ("correction", correction)
    ("widening", widening)
    ("blocks", blocks.flatMap { $0 })
  }

  /// Codes [B, h, w] → the squares of pictures, [B, h, w, 48].
  func callAsFunction(_ codes: IndexTensor) -> Tensor {
    let squares = embedding(codebook, codes)  // [B, h, w, 48]
    var x = widening?(squares) ?? squares  // [B, h, w, D]
    for pair in blocks { x = x + pair[1](pair[0](x.relu()).relu()) * 0.25 }
    return correction.map { squares + $0(x) } ?? squares
  }
}
// ANCHOR_END: grown

extension Chapter3 {
  static var growingCells: [Cell<State>] {
    [
      Cell("squares", "The simplest codebook") { state, out in
        // ANCHOR: squares
        let train = patchify(DVAETraining.stickers(.train, count: 1024), patch: 4)  // [1024, N, 48]
        let clusters = Clusters(
          train.reshaped(-1, 48), count: 1024, rounds: 10, using: &out.random
        ) { _ in }
        state.centres = clusters.centres  // [K, 48]
        let codes = nearest(patchify(state.picture, patch: 4), state.centres)  // [1, N]
        let chosen = embedding(state.centres, codes)  // [1, N, 48]
        let again = unpatchify(chosen, patch: 4, grid: (16, 16))  // [1, C, H, W]
        out.value("psnr", psnrOfPictures(again, state.picture), .fixed(1))
        // ANCHOR_END: squares
        out.figure(
          "squares",
          PictureGrid(
            concatenate([state.picture, again], axis: 0), columns: 2,
            labels: ["picture", "256 squares out of 1,024"], scale: 4),
          "A picture, and the same picture put together from the nearest of 1,024 squares")
      },
      Cell("grow", "Two hundred steps of a decoder that sees neighbours", isAside: true) {
        state, out in
        // ANCHOR: grow
        let train = squares(DVAETraining.stickers(.train, count: 400))  // [400, h, w, 48]
        let codes = nearest(train, state.centres)  // [400, h, w]
        let model = Grown(version: 2, centres: state.centres, width: 64, &out.random)
        let adam = Adam(model, rate: 1e-3)
        for step in 0..<200 {
          let start = step * 4 % 400
          let part = start..<start + 4
          model.clearGradients()
          let loss = meanSquaredError(model(codes.rows(part)), train.sliced(axis: 0, part))  // []
          loss.backward()
          adam.step()
        }
        let real = squares(state.picture)
        let again = withoutGradient { model(nearest(real, state.centres)) }
        out.value("psnr", psnrOfPictures(again, real), .fixed(1))
        // ANCHOR_END: grow
      },
      Cell(
        "growth", "What a decoder makes of codes",
        full: FullRun("two decoders, 4,000 steps each, about ten minutes on two cores") {
          _, out in
          try out.keep("growth", growths(out))
        }
      ) { _, out in
        // ANCHOR: growth
        let growths = try out.recorded("growth", as: [Growth].self)
        out.table(
          ["decoder", "parameters", "PSNR (dB)"],
          growths.map { [$0.name, $0.parameters, $0.psnr] })
        // ANCHOR_END: growth
        for (name, growth) in zip(["table", "neighbours", "pairs"], growths) {
          out.note(name, growth.psnr, .fixed(2))
        }
      },
    ]
  }

  /// What a version can do after its training.
  struct Growth: Codable {
    let name: String
    let parameters: Int
    /// Of 256 validation pictures, in dB.
    let psnr: Double
  }

  /// Trains all versions on the same codes in the same order.
  private static func growths(_ out: Output) throws -> [Growth] {
    var random = out.random
    let clusters = Clusters(
      squares(DVAETraining.stickers(.train, count: 1024)).reshaped(-1, 48), count: 1024,
      rounds: 10, using: &random
    ) { _ in }
    var recipe = DVAERecipe()
    recipe.seed = out.seed
    let batches = pictures(recipe)
    let validation = squares(DVAETraining.stickers(.validation, count: 256))
    let codes = nearest(validation, clusters.centres)
    let names = ["a table of squares", "+ one convolution", "+ three pairs"]
    return try names.enumerated().map { index, name in
      var random = out.random
      let model = Grown(version: index + 1, centres: clusters.centres, width: 64, &random)
      if index > 0 {
        let trainer = Trainer(
          name, model, Adam(model, rate: 0), steps: 4000, seed: out.seed,
          rate: .riseAndFall(to: 1e-3, steps: 4000))
        trainer.gradientLimit = 1
        try trainer.run { step, _ in
          let real = squares(try batches(step))  // [B, h, w, 48]
          let loss = meanSquaredError(model(nearest(real, clusters.centres)), real)  // []
          loss.backward()
          return Metrics(loss: loss.item)
        }
      }
      let parts = (0..<4).map { part in
        withoutGradient { model(codes.rows(part * 64..<part * 64 + 64)) }
      }
      return Growth(
        name: name, parameters: model.parameterCount,
        psnr: psnrOfPictures(concatenate(parts, axis: 0), validation))
    }
  }
}

/// The squares of 4×4 pixels of pictures, [B, C, H, W] → [B, h, w, 48].
private func squares(_ pictures: Tensor) -> Tensor {
  patchify(pictures, patch: 4).reshaped(-1, 16, 16, 48)
}

/// The number of the nearest centre [K, 48] of each square, [..., 48] → [...].
private func nearest(_ squares: Tensor, _ centres: Tensor) -> IndexTensor {
  let ids = Clusters.nearest(squares.reshaped(-1, 48), centres).ids
  return IndexTensor(shape: Array(squares.shape.dropLast()), ids.map { Int32($0) })
}
