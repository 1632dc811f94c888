// Learning without labels: masked patch prediction, and what it is worth.

import ClassifierTraining
import Images
import Notebook
import StickerWorld
import TensorCore
import VisionTransformer

extension Chapter1 {
  static var maskingCells: [Cell<State>] {
    [
      Cell("masking", "Hide half of the patches") { state, out in
        // ANCHOR: masking
        var random = out.random
        let corruption = PatchCorruption(pictures: 1, patches: 64, using: &random)
        let colours = MaskedPatchPrediction.meanColours(state.picture, patch: 8)  // [1, N]
        let sources = corruption.sources
        out.table(
          ["patches", "count"],
          [
            ["left alone", sources.count { $0 == nil }],
            ["hidden", sources.count { $0 == 64 }],
            ["exchanged", sources.indices.count { ![nil, 64, $0].contains(sources[$0]) }],
            ["asked for, but unchanged", sources.indices.count { sources[$0] == $0 }],
            ["mean colours in the picture", Set(colours.values).count],
          ])
        // ANCHOR_END: masking
        out.figure(
          "masking",
          PictureGrid(
            [
              Image(state.picture.at(0, axis: 0)), hidden(state.picture, corruption),
              mosaic(colours.values.map { $0 }),
            ],
            labels: ["the picture", "what the encoder gets", "mean colours, 3 bits a channel"],
            scale: 4),
          "Half of the patches are corrupted; their mean colours are to be guessed")
      },
      Cell(
        "probe", "What was learnt, by linear probes",
        full: FullRun("10,000 steps of 32 pictures, about 25 minutes on two cores") { state, out in
          let recipe = ClassifierRecipe(seed: out.seed)
          var random = out.random
          let fresh = ViTEncoder(.stickers, &random)
          let masked = MaskedPatchPrediction(encoder: ViTEncoder(.stickers, &random), &random)
          let curve = try masked.train(
            recipe, folder: out.trainingFolder(masked.card(recipe), every: 250))
          try out.keep(
            "probes",
            Probes(
              losses: curve.losses,
              rows: probes(
                [
                  ("untrained encoder", fresh), ("masked patches", masked.encoder),
                  ("supervised", state.classifier.encoder),
                ], &random)))
          try out.keep("guesses", guesses(masked, &random))
        }
      ) { _, out in
        // ANCHOR: probe
        let probes = try out.recorded("probes", as: Probes.self)
        out.table(
          ["features", "% thing", "% colour", "% background"],
          probes.rows.map { [$0.features] + $0.accuracies.map { $0 * 100 } })
        // ANCHOR_END: probe
        out.note("loss", probes.losses.last ?? 0, .fixed(2))
        let guesses = try out.recorded("guesses", as: [Guess].self)
        out.figure(
          "guesses",
          PictureGrid(
            guesses.map { mosaic($0.truth) } + guesses.map { mosaic($0.given) }
              + guesses.map { mosaic($0.guessed) },
            columns: guesses.count, rows: ["truth", "given", "guessed"], scale: 2),
          "Mean colours of validation pictures: all, those that were left, and those guessed")
      },
    ]
  }

  /// What the linear probes found.
  struct Probes: Codable {
    /// The accuracies of probes on one kind of features.
    struct Row: Codable {
      let features: String
      let accuracies: [Double]
    }

    let losses: [Float]
    let rows: [Row]
  }

  /// Colours of the patches of a picture: all of them, those that were not corrupted (-1 where
  /// they were), and those with what the model took the corrupted ones for.
  struct Guess: Codable {
    let truth, given, guessed: [Int32]
  }

  /// Linear probes on 4,000 training pictures, tested on 2,000 of the validation.
  private static func probes(
    _ encoders: [(name: String, encoder: ViTEncoder)], _ random: inout Random
  ) -> [Probes.Row] {
    let train = LabelledStickers(.train, count: 4000, using: &random)
    let test = LabelledStickers(.validation, count: 2000, using: &random)
    func row(_ name: String, _ features: (Tensor) -> Tensor) -> Probes.Row {
      let (x, y) = (features(train.images), features(test.images))
      let accuracies = StickerAttribute.allCases.enumerated().map { i, attribute in
        LinearProbe(x, train.labels[i], classes: attribute.values.count)
          .accuracy(y, test.labels[i])
      }
      return Probes.Row(features: name, accuracies: accuracies)
    }
    let means = row("mean colours of patches") { images in
      let patches = patchify(images, patch: 8)  // [B, N, C·P·P]
      return patches.reshaped(images.shape[0], 64 * 3, 64).mean(axis: 2)  // [B, N·C]
    }
    return [means] + encoders.map { name, encoder in row(name) { encoder.meanFeatures($0) } }
  }

  private static func guesses(_ model: MaskedPatchPrediction, _ random: inout Random) -> [Guess] {
    let stickers = LabelledStickers(.validation, count: 6, using: &random)
    let corruption = PatchCorruption(pictures: 6, patches: 64, using: &random)
    let truth = MaskedPatchPrediction.meanColours(stickers.images, patch: 8).values  // B·N
    let answers = withoutGradient {
      model(stickers.images, corruption).argmax(axis: 2).values  // B·N
    }
    return (0..<6).map { picture in
      let range = picture * 64..<(picture + 1) * 64
      return Guess(
        truth: Array(truth[range]),
        given: range.map { corruption.sources[$0] == nil ? truth[$0] : -1 },
        guessed: range.map { corruption.sources[$0] == nil ? truth[$0] : answers[$0] })
    }
  }

  /// 64 mean colours as a picture; -1 is grey.
  private static func mosaic(_ colours: [Int32]) -> Image {
    var image = Image(width: 64, height: 64, fill: (128, 128, 128))
    for (i, colour) in colours.enumerated() where colour >= 0 {
      func level(_ bits: Int32) -> UInt8 { UInt8((bits & 7) * 32 + 16) }
      let fill = (level(colour >> 6), level(colour >> 3), level(colour))
      image.paste(Image(width: 8, height: 8, fill: fill), x: i % 8 * 8, y: i / 8 * 8)
    }
    return image
  }

  /// The picture with hidden patches in grey and exchanged ones exchanged.
  private static func hidden(_ picture: Tensor, _ corruption: PatchCorruption) -> Image {
    let grey = Tensor(repeating: 0.5, shape: [1, 192])
    let patches = corruption(patchify(picture, patch: 8), mask: grey)  // [1, N, C·P·P]
    return Image(unpatchify(patches, patch: 8, grid: (8, 8)).at(0, axis: 0))
  }
}
