// What CLIP is good for: classes from captions, retrieval, and where it is blind.

import CLIP
import CLIPTraining
import ClassifierTraining
import Images
import Notebook
import Pretrained
import StickerWorld
import TensorCore

extension Chapter2 {
  static var useCells: [Cell<State>] {
    [
      Cell("zero-shot", "A classifier made of captions", isAside: true) { state, out in
        // ANCHOR: zero-shot
        var random = out.random
        let train = LabelledStickers(.train, count: 2000, using: &random)
        let test = LabelledStickers(.validation, count: 1000, using: &random)
        let (known, images) = (state.matcher.embed(train.images), state.matcher.embed(test.images))
        let supervised = try Pretrained.classifier().evaluate(test)

        let rows = try StickerAttribute.allCases.enumerated().map { i, attribute in
          func share(_ prompts: [String]) throws -> Double {
            let classes = try state.matcher.zeroShotClassifier(
              attribute.words, prompts: prompts)  // [classes, E]
            let found = matmul(images, classes, transposeB: true).argmax(axis: 1).values
            return Double(zip(found, test.labels[i].values).count { $0 == $1 }) / 1000
          }
          let probe = LinearProbe(known, train.labels[i], classes: attribute.values.count)
          return [
            attribute.rawValue, try share([attribute.prompts[0]]) * 100,
            try share(attribute.prompts) * 100, probe.accuracy(images, test.labels[i]) * 100,
            supervised.accuracy(attribute) * 100,
          ] as [any TableValue]
        }
        out.table(["%", "one prompt", "ensemble", "linear probe", "chapter 1"], rows)
        // ANCHOR_END: zero-shot
      },
      Cell("retrieval", "Finding one in 256", isAside: true) { state, out in
        // ANCHOR: retrieval
        let splits = StickerWorld.Split.allCases
        let rows = try splits.map { split -> [any TableValue] in
          var random = out.random.split(split.name)
          let count = split == .unseenAccessories ? 64 : 256
          let found = try state.matcher.retrieval(split, count: count, using: &random)
          return [split.name, count, found.imageToText * 100, found.textToImage * 100]
        }
        out.table(["pairs of", "count", "% captions found", "% pictures found"], rows)
        // ANCHOR_END: retrieval
      },
      Cell("blind", "Nearly right captions", isAside: true) { state, out in
        // ANCHOR: blind
        let splits: [StickerWorld.Split] = [.validation, .unseenColours, .unseenPairs]
        let rows = try HardNegative.allCases.map { kind -> [any TableValue] in
          let count = [.colourSwap, .orderSwap].contains(kind) ? 512 : 192
          let shares = try splits.map { split -> any TableValue in
            var random = out.random.split("\(kind)/\(split)")
            let share = try state.matcher.accuracy(
              kind, split, count: count, wrongIn: split == .validation ? [.train, split] : nil,
              using: &random)
            return share.map { Share($0, of: count).text } ?? "–"
          }
          return [kind.rawValue] + shares
        }
        out.table(["% told apart"] + splits.map(\.name), rows)
        // ANCHOR_END: blind
      },
      Cell("search", "A picture for your words") { state, out in
        // ANCHOR: search
        let samples = (0..<512).map { StickerWorld.sample(.validation, seed: out.seed, index: $0) }
        let pictures = StickerWorld.render(samples.map { ($0.scene, $0.layout) })
        // Three of them, described in other words than their own captions.
        let wanted = [2, 5, 16]
        let queries = wanted.map { samples[$0].scene.captions.last ?? "" }
        let scores = try state.matcher.similarities(pictures, queries)  // [512, 3]
        let found = queries.indices.flatMap { query -> [Int] in
          let column = scores.at(query, axis: 1).scalars
          return Array(column.indices.sorted { column[$0] > column[$1] }.prefix(6))
        }
        for (i, query) in queries.enumerated() {
          let place = found[6 * i..<6 * i + 6].firstIndex(of: wanted[i]).map { $0 - 6 * i + 1 }
          out.print("\(query): found at place \(place.map { "\($0)" } ?? "7 or later")")
        }
        // ANCHOR_END: search
        out.figure(
          "search",
          PictureGrid(
            found.map { pictures[$0] }, columns: 6, rows: queries, scale: 2),
          "The six of 512 validation pictures that CLIP finds closest to three queries")
      },
    ]
  }
}

extension StickerAttribute {
  /// The words for each value in prompts.
  var words: [String] {
    switch self {
    case .thing, .colour: values
    case .background:
      ["in the sky", "at night", "on the grass", "on the beach", "in the snow", "at sunset"]
    }
  }

  /// Prompts, the plainest first; {} stands for the value.
  var prompts: [String] {
    let sceneries = Background.allCases.flatMap(\.phrases)
    switch self {
    case .thing: return ["a {}"] + sceneries.map { "a {} \($0)" }
    case .colour: return ["something {}"] + sceneries.map { "something {} \($0)" }
    case .background:
      return ["{}"] + Thing.allCases.map { "a \($0.name) {}" }
        + Colour.allCases.map { "something \($0.name) {}" }
    }
  }
}
