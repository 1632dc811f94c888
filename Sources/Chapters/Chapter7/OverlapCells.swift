// Does a model draw what it has seen? The nearest training pictures, and those of the same captions.

import CLIP
import Chapter5
import DFGAN
import Evaluation
import Notebook
import StickerWorld
import TensorCore

extension Chapter7 {
  static var overlapCells: [Cell<State>] {
    [
      Cell(
        "overlap", "The nearest training picture",
        full: FullRun("about a minute on two cores") { state, out in
          try out.keep("overlap", try Overlap(Networks(state.studio), state.rival, seed: out.seed))
        }
      ) { state, out in
        // ANCHOR: overlap
        let overlap = try out.recorded("overlap", as: Overlap.self)
        func mean(_ values: [Double]) -> [any TableValue] {
          let mean = Tally(values).estimate
          return [mean?.value ?? 0, mean?.standardError ?? 0].map { String(format: "%.4f", $0) }
        }
        out.table(
          "cosine with the nearest of \(overlap.training) training pictures",
          ["pictures", "mean", "±", "largest", "in scenes that differ in one claim, %", "±"],
          overlap.rows.map { row in
            let near = Estimate(right: row.neighbours, of: row.cosines.count)
            return [row.name] + mean(row.cosines)
              + [String(format: "%.4f", row.cosines.max() ?? 0), near.percent, near.errorPercent]
          } + [
            ["two pictures of one scene"] + mean(overlap.sameScene)
              + [String(format: "%.4f", overlap.sameScene.max() ?? 0), "", ""]
          ])
        out.table(
          "root mean square difference of pixels from a caption's own picture",
          ["captions", "another real one's", "±", "DALL·E's", "±", "DALL·E's is nearer, %", "±"],
          [("trained", overlap.learnt), ("never trained", overlap.unseen)].map { name, pairs in
            let nearer = Overlap.nearer(pairs)
            return [name] + mean(pairs.map(\.other)) + mean(pairs.map(\.drawn))
              + [nearer.percent, nearer.errorPercent]
          })
        // ANCHOR_END: overlap
        out.note("training", overlap.training)
        let (learnt, unseen) = (Overlap.nearer(overlap.learnt), Overlap.nearer(overlap.unseen))
        let squares = [learnt, unseen].map { $0.standardError * $0.standardError }
        out.note("trained", learnt.value, .percent(1))
        out.note("never-trained", unseen.value, .percent(1))
        out.note("difference", 100 * (learnt.value - unseen.value), .fixed(1))
        out.note("error", 100 * squares.reduce(0, +).squareRoot(), .fixed(1))
        let shown = Samples(0..<6, seed: out.seed)
        let drawn = try state.studio.dalle.draw(
          oneForEach: shown.captions, seed: out.seed, .usual)
        let nearest = Overlap.training(overlap.nearest.prefix(6)).pictures
        out.figure(
          "overlap",
          PictureGrid(
            concatenate([drawn, nearest], axis: 0), columns: 6,
            labels: [String](repeating: "", count: 6) + shown.captions,
            rows: ["drawn", "nearest"], scale: 2),
          "Drawn pictures, and below each the training picture that CLIP finds nearest to it")
      }
    ]
  }
}

/// What training pictures are like several sets of pictures.
struct Overlap: Codable {
  /// A set of pictures.
  struct Row: Codable {
    let name: String
    /// The cosine of each picture with its nearest training picture.
    let cosines: [Double]
    /// The number of pictures whose nearest one shows a scene that differs in a single claim.
    let neighbours: Int
  }

  /// The number of training pictures.
  private(set) var training = 20_000
  /// Real pictures of the validation split, drawn ones, and the rival's.
  private(set) var rows: [Row] = []
  /// The cosines of real pictures with another picture of the same scene.
  private(set) var sameScene: [Double] = []
  /// The numbers of the training pictures that are nearest to the drawn ones.
  private(set) var nearest: [Int] = []
  /// For captions with pictures from training, and for captions that were never trained: how far from
  /// the caption's picture a drawn one is, and another real one.
  private(set) var learnt: [Distances] = []
  private(set) var unseen: [Distances] = []

  /// How often a drawn picture is nearer than another real one.
  static func nearer(_ pairs: [Distances]) -> Estimate {
    Estimate(right: pairs.count { $0.drawn < $0.other }, of: pairs.count)
  }

  /// Distances from a caption's picture.
  struct Distances: Codable {
    let drawn, other: Double
  }

  init(_ networks: Networks, _ rival: CaptionedGAN, seed: UInt64) throws {
    let (clip, dalle) = (networks.clip, networks.studio.dalle)
    let embeddings = concatenate(
      (0..<training).parts(of: 500).map { clip.embed(Self.training($0).pictures) },
      axis: 0)  // [training, E]
    let samples = Samples(0..<256, seed: seed)
    let sets = [
      ("real pictures", samples.pictures),
      ("real ones through the dVAE", networks.studio.reconstructed(samples.pictures)),
      ("DALL·E", try dalle.draw(oneForEach: samples.captions, seed: seed, .usual)),
      ("DF-GAN", try rival.draw(oneForEach: samples.captions, seed: seed)),
    ]
    for (name, pictures) in sets {
      let cosines = matmul(clip.embed(pictures), embeddings, transposeB: true)  // [256, training]
      let found = cosines.argmax(axis: 1).values.map { Int($0) }  // [256]
      let scenes = Self.training(found).scenes
      rows.append(
        Row(
          name: name, cosines: cosines.maximum(axis: 1).scalars.map(Double.init),
          neighbours: zip(scenes, samples.scenes).count { $1.alternatives.contains($0) }))
      if name == "DALL·E" { nearest = found }
    }
    let again = Self.rendered(samples.scenes, seed: seed)
    sameScene = (clip.embed(samples.pictures) * clip.embed(again)).sum(axis: 1).scalars
      .map(Double.init)

    let trained = Self.training(0..<256)
    let drawn = try dalle.draw(oneForEach: trained.captions, seed: seed, .usual)
    learnt = Self.compared(drawn, trained.pictures, trained.scenes, seed: seed)
    unseen = Self.compared(sets[2].1, samples.pictures, samples.scenes, seed: seed)
  }

  private static func compared(
    _ drawn: Tensor, _ real: Tensor, _ scenes: [Scene], seed: UInt64
  ) -> [Distances] {
    zip(distances(drawn, real), distances(rendered(scenes, seed: seed), real)).map {
      Distances(drawn: $0, other: $1)
    }
  }

  /// The root of the mean square of pixels, for each of two pictures [n, 3, H, W].
  private static func distances(_ a: Tensor, _ b: Tensor) -> [Double] {
    let squares = (a - b).square().reshaped(a.shape[0], -1).mean(axis: 1)  // [n]
    return squares.squareRoot().scalars.map(Double.init)
  }

  /// Other pictures of some scenes, [n, 3, 64, 64].
  private static func rendered(_ scenes: [Scene], seed: UInt64) -> Tensor {
    let random = Random(seed: seed).split("other layouts")
    return Tensor(
      StickerWorld.render(
        scenes.enumerated().map { i, scene in
          var random = random.split(i)
          return (scene, Layout(for: scene, using: &random))
        }))
  }

  /// Training pictures of the bundled transformer, by number, [n, 3, 64, 64].
  static func training(
    _ numbers: some Sequence<Int>
  ) -> (pictures: Tensor, scenes: [Scene], captions: [String]) {
    let samples = numbers.map { StickerWorld.sample(.train, seed: 1, index: $0) }
    return (
      Tensor(StickerWorld.render(samples.map { ($0.scene, $0.layout) })), samples.map(\.scene),
      samples.map(\.caption)
    )
  }
}
