// What needs the font: pictures as codes, and what judges say of pictures.

import Checkpoints
import DVAETraining
import DiscreteVAE
import EmojiJudge
import EmojiWorld
import Images
import Notebook
import TensorCore

/// What is seen of the emoji world where there is a font.
struct Seen: Codable {
  /// Captions of validation scenes.
  let captions: [String]
  /// The codes of their pictures, [n · 16 · 16].
  let codes: [Int32]
  /// Of 128 validation pictures, in dB.
  let psnr: Double
  /// How many codes these have.
  let used: Int
  /// How alike the codes of a thing are in two pictures.
  let repeats: [Repeat]
  /// How well the judge that knows the drawings does, and how well the network.
  let drawings, network: [Row]

  /// A kind of pictures in a judge's exam.
  struct Row: Codable {
    let kind: String
    /// Whether captions of this kind are true.
    let isTrue: Bool
    let right, count: Int

    /// The share of right answers, 0 … 1.
    var share: Double { Double(right) / Double(count) }
    /// Its standard error.
    var error: Double { (share * (1 - share) / Double(count)).squareRoot() }
  }

  /// How many codes of a thing stay as they are when something changes.
  struct Repeat: Codable {
    let change: String
    /// Of the codes that lie within the thing's square, all but those at its rim; of those at the rim;
    /// and of those around it, 0 … 1.
    let inside, rim, around: Double
  }

  /// Draws, encodes and judges. Throws an `EmojiFontError` without a font.
  init(_ dvae: DiscreteVAE, _ judge: EmojiNet, seed: UInt64) throws {
    let world = try EmojiWorld(things: judge.things)
    let samples = (0..<18).map { world.sample(.validation, seed: seed, index: $0) }
    captions = samples.map(\.caption)
    codes = dvae.encode(Tensor(samples.map { world.render($0.scene, $0.layout) })).values
    var random = Random(seed: seed)
    let report = dvae.report(
      world.pictures(.validation, size: 64, seed: 3, count: 128), using: &random)
    (psnr, used) = (report.psnr, report.used)
    repeats = Repeat.all(world, dvae)
    let exam = EmojiExam(world, pictures: 250, seed: seed) {
      Image.pictures(of: dvae.decode(dvae.encode(Tensor($0))))
    }
    func rows(_ judge: some EmojiReader) -> [Row] {
      exam.run(judge).map { kind, right in
        Row(
          kind: kind.rawValue, isTrue: kind.isTrue,
          right: Int((right.value * Double(right.count)).rounded()), count: right.count)
      }
    }
    (drawings, network) = (rows(EmojiJudge(world)), rows(judge))
  }
}

extension Seen.Repeat {
  /// Each thing, 28 points large, in two pictures: 8 points further on, or on another ground.
  static func all(_ world: EmojiWorld, _ dvae: DiscreteVAE) -> [Self] {
    /// Thing `i` with its middle at (x, y), as codes [16 · 16].
    func codes(_ i: Int, _ ground: EmojiScene.Ground, x: Double, y: Double) -> [Int32] {
      let scene = EmojiScene(.single(world.things[i], size: nil, position: nil), ground: ground)
      var layout = EmojiLayout(for: scene, seed: 0)
      layout.places = [EmojiLayout.Place(x: x, y: y, half: half)]
      return dvae.encode(Tensor([world.render(scene, layout)])).values
    }
    func compare(_ change: String, _ ground: EmojiScene.Ground, right: Int, down: Int) -> Self {
      var shares = [[Double]](repeating: [], count: 3)
      for i in world.things.indices {
        let here = codes(i, .pink, x: middle, y: middle)
        let there = codes(
          i, ground, x: middle + Double(4 * right), y: middle + Double(4 * down))
        for row in 0..<16 - down {
          for column in 0..<16 - right {
            let (x, y) = (Double(column) * 4 + 2, Double(row) * 4 + 2)
            let beyond = max(abs(x - middle), abs(y - middle)) - half  // the thing's square, points
            guard beyond < 4 else { continue }
            let isEqual =
              here[16 * row + column] == there[16 * (row + down) + column + right]
            shares[beyond < -4 ? 0 : beyond < 0 ? 1 : 2].append(isEqual ? 1 : 0)
          }
        }
      }
      let means = shares.map { $0.reduce(0, +) / Double($0.count) }
      return Self(change: change, inside: means[0], rim: means[1], around: means[2])
    }
    return [
      compare("8 points to the right", .pink, right: 2, down: 0),
      compare("8 points down", .pink, right: 0, down: 2),
      compare("another ground", .sky, right: 0, down: 0),
    ]
  }

  private static let (half, middle) = (14.0, 28.0)
}
