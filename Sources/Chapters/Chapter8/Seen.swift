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
  /// The codes of their pictures, [n · 8 · 8].
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
    /// Of the codes that see nothing but the thing, and of those that see the thing and the ground, 0 … 1.
    let covered, partly: Double
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
  /// Each thing, 28 points large, in two pictures: a square further on, or on another ground.
  static func all(_ world: EmojiWorld, _ dvae: DiscreteVAE) -> [Self] {
    func compare(_ change: String, _ ground: EmojiScene.Ground, right: Int, down: Int) -> Self {
      var (covered, partly) = ([Double](), [Double]())
      for thing in world.things {
        let here = picture(of: thing, on: .pink, right: 0, down: 0, world)
        let there = picture(of: thing, on: ground, right: right, down: down, world)
        let codes = [here, there].map { dvae.encode(Tensor([$0])).values }  // [8 · 8] each
        let opaque = zip(
          here.pixels, picture(of: thing, on: .sky, right: 0, down: 0, world).pixels
        ).map(==)
        for (row, column) in squares {
          let seen = window(row, column).map { opaque[$0] }
          guard seen.contains(true) else { continue }
          let isEqual =
            codes[0][8 * row + column] == codes[1][8 * (row + down) + column + right]
          if seen.contains(false) {
            partly.append(isEqual ? 1 : 0)
          } else {
            covered.append(isEqual ? 1 : 0)
          }
        }
      }
      func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
      return Self(change: change, covered: mean(covered), partly: mean(partly))
    }
    return [
      compare("a square to the right", .pink, right: 1, down: 0),
      compare("a square down", .pink, right: 0, down: 1),
      compare("another ground", .sky, right: 0, down: 0),
    ]
  }

  /// A thing whose middle is at (24, 24), or so many squares further on.
  private static func picture(
    of thing: EmojiThing, on ground: EmojiScene.Ground, right: Int, down: Int, _ world: EmojiWorld
  ) -> Image {
    let scene = EmojiScene(.single(thing, size: nil, position: nil), ground: ground)
    var layout = EmojiLayout(for: scene, seed: 0)
    layout.places = [
      EmojiLayout.Place(x: 24 + Double(8 * right), y: 24 + Double(8 * down), half: 14)
    ]
    return world.render(scene, layout)
  }

  /// The squares that a thing there may touch.
  private static let squares = (1..<5).flatMap { row in (1..<5).map { (row, $0) } }

  /// The places in `pixels` of all that a code sees, the 8×8 pixels of its square.
  private static func window(_ row: Int, _ column: Int) -> [Int] {
    (8 * row..<8 * row + 8).flatMap { y in
      (8 * column..<8 * column + 8).flatMap { x in (0..<3).map { 3 * (64 * y + x) + $0 } }
    }
  }
}
