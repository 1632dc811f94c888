// The world, how well its pictures come through a dVAE, and who judges them.

import Checkpoints
import DVAETraining
import DiscreteVAE
import EmojiJudge
import EmojiWorld
import Images
import Notebook
import TensorCore

extension Chapter8 {
  static var worldCells: [Cell<State>] {
    [
      Cell(
        "world", "A hundred things, in eighteen of their scenes",
        full: FullRun("a minute or two; needs the font (make emoji)") { state, out in
          try out.keep("world", Seen(state.dvae, seed: out.seed))
        }
      ) { state, out in
        // ANCHOR: world
        let seen = try out.recorded("world", as: Seen.self)
        let codes = IndexTensor(shape: [seen.captions.count, 16, 16], seen.codes)  // [B, h, w]
        let pictures = state.dvae.decode(codes)  // [B, C, H, W]
        out.value("psnr", seen.psnr, .fixed(1))  // dB, of 128 validation pictures
        // ANCHOR_END: world
        out.note("used", seen.used)
        out.figure(
          "world", PictureGrid(pictures, columns: 6, labels: seen.captions, scale: 2),
          "Eighteen scenes of the emoji world, as they come back from the discrete VAE's codes")
      },
      Cell("exam", "Who judges") { _, out in
        // ANCHOR: exam
        let seen = try out.recorded("world", as: Seen.self)
        out.table(
          ["pictures", "caption", "%", "±"],
          seen.exam.map { row in
            let share = Double(row.right) / Double(row.count)
            let error = (share * (1 - share) / Double(row.count)).squareRoot()
            return [row.kind, row.isTrue ? "found true" : "found wrong"]
              + [share, error].map(percent)
          })
        // ANCHOR_END: exam
        for row in seen.exam {
          out.note(row.kind, Double(row.right) / Double(row.count), .percent(1))
        }
      },
    ]
  }
}

/// What needs the font: pictures as codes, and what a judge says of pictures.
struct Seen: Codable {
  /// Captions of validation scenes.
  let captions: [String]
  /// The codes of their pictures, [n · 16 · 16].
  let codes: [Int32]
  /// Of 128 validation pictures, in dB.
  let psnr: Double
  /// How many codes these have.
  let used: Int
  /// How well the judge that knows the drawings does.
  let exam: [Row]

  /// A kind of pictures.
  struct Row: Codable {
    let kind: String
    /// Whether captions of this kind are true.
    let isTrue: Bool
    let right, count: Int
  }

  /// Draws, encodes and judges. Throws an `EmojiFontError` without a font.
  init(_ dvae: DiscreteVAE, seed: UInt64) throws {
    let world = try EmojiWorld(things: 100)
    let samples = (0..<18).map { world.sample(.validation, seed: seed, index: $0) }
    captions = samples.map(\.caption)
    codes = dvae.encode(Tensor(samples.map { world.render($0.scene, $0.layout) })).values
    var random = Random(seed: seed)
    let report = dvae.report(
      world.pictures(.validation, size: 64, seed: 3, count: 128), using: &random)
    (psnr, used) = (report.psnr, report.used)
    let exam = EmojiExam(world, pictures: 250, seed: seed) {
      Image.pictures(of: dvae.decode(dvae.encode(Tensor($0))))
    }
    self.exam = exam.run(EmojiJudge(world)).map { kind, right in
      Row(
        kind: kind.rawValue, isTrue: kind.isTrue,
        right: Int((right.value * Double(right.count)).rounded()), count: right.count)
    }
  }
}
