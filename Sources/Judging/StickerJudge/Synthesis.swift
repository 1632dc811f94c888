// A judge without training: analysis by synthesis. It draws what the caption says in many layouts,
// keeps the one that looks most like the picture, and checks whether a caption that differs in one
// claim can be drawn to look more like it.
//
// No caption says where clouds, stars and waves are. So backgrounds are not drawn but described by
// the mean and variance of every pixel: where a background varies, differences count less.

import Foundation
import Images
import StickerWorld
import TensorCore

/// Judges pictures by drawing what their captions say. Slower than `JudgeNet`, and independent of
/// it.
public enum Synthesis {
  /// Pictures are compared at this size, at which faces remain recognisable.
  fileprivate static let size = 32
  /// The expected error of a pixel, 0 … 1, since a drawing's layout is never quite the picture's.
  private static let tolerance: Float = 0.06

  /// How well `picture`, of any square size, shows what a caption of `scene` says: the mean
  /// over its pixels of the logarithm of their likelihood, up to a constant, for the best
  /// layout found. Only scores of the same picture can be compared.
  public static func score(_ picture: Image, _ scene: Scene) -> Float {
    search(pixels(of: picture), scene, from: nil, draws: 80).score
  }

  /// Whether no alternative to `scene` explains `picture` better.
  public static func matches(_ picture: Image, _ scene: Scene) -> Bool {
    let pixels = pixels(of: picture)
    let claim = search(pixels, scene, from: nil)
    let others = scene.alternatives.map { other in
      let start = other.liesLike(scene) ? claim.layout : nil
      return (scene: other, found: search(pixels, other, from: start))
    }
    // Only the best ones are worth a thorough search.
    let rivals = others.sorted { $0.found.score > $1.found.score }.prefix(4)
    let best = search(pixels, scene, from: claim.layout, draws: 80)
    return rivals.allSatisfy { other, found in
      let rival = search(pixels, other, from: found.layout, draws: 80)
      // If the rival was luckier with its layout, the claim may use it too.
      let shared = other.liesLike(scene) ? likelihood(pixels, scene, rival.layout) : best.score
      return rival.score < max(best.score, shared)
    }
  }

  /// Draws random layouts, closer and closer to the best one so far. The layouts of a scene form a
  /// box, so a mixture of two of them is always a valid layout.
  private static func search(
    _ picture: [Pixel], _ scene: Scene, from start: Layout?, draws: Int = 30
  ) -> (layout: Layout, score: Float) {
    var random = Random(seed: 0).split(scene.description)
    var best = start ?? Layout(for: scene, using: &random)
    var bestScore = likelihood(picture, scene, best)
    for i in 0..<draws {
      let share = pow(0.1, Float(i) / Float(draws))
      let other = best.mixed(with: Layout(for: scene, using: &random), share, &random)
      let score = likelihood(picture, scene, other)
      if score > bestScore { (best, bestScore) = (other, score) }
    }
    return (best, bestScore)
  }

  /// The score of one layout, with the scene's background or, if it is open, the best one.
  private static func likelihood(_ picture: [Pixel], _ scene: Scene, _ layout: Layout) -> Float {
    let drawing = Drawing(scene, layout)
    let candidates = scene.background.map { [$0] } ?? Background.allCases
    return candidates.map { candidate in
      let backdrop = Backdrop.all[Background.allCases.firstIndex(of: candidate)!]
      var sum: Float = 0
      for i in picture.indices {
        let open = drawing.openness[i]
        let difference = picture[i] - drawing.stickers[i] - open * backdrop.mean[i]
        let variance = tolerance * tolerance + open * open * backdrop.variance[i]
        // The density of a t distribution, so that a few outliers do not decide alone.
        let x = (difference * difference).sum() / variance
        sum -= log(1 + x) + 1.5 * log(variance)
      }
      return sum / Float(picture.count)
    }.max()!
  }

  /// The pixels of a picture, resized for comparison.
  fileprivate static func pixels(of picture: Image) -> [Pixel] {
    let small =
      picture.width == size ? picture : picture.resized(width: size, height: size, .area)
    return stride(from: 0, to: small.pixels.count, by: 3).map { i in
      Pixel(Float(small.pixels[i]), Float(small.pixels[i + 1]), Float(small.pixels[i + 2])) / 255
    }
  }
}

/// Red, green and blue, 0 … 1.
private typealias Pixel = SIMD3<Float>

/// The stickers of a scene without their background.
private struct Drawing {
  /// The stickers' contribution to every pixel.
  var stickers: [Pixel] = []
  /// The share of the background that shows at every pixel, 0 … 1.
  var openness: [Float] = []

  /// Draws the scene on two known backgrounds, one dark and one bright: where the two pictures
  /// differ as much as the backgrounds, there is no sticker.
  init(_ scene: Scene, _ layout: Layout) {
    let dark = Backdrop.draw(scene, layout, .night)
    let bright = Backdrop.draw(scene, layout, .snow)
    for i in dark.indices {
      let contrast = Backdrop.bright[i] - Backdrop.dark[i]
      let seen = ((bright[i] - dark[i]) * contrast).sum() / (contrast * contrast).sum()
      openness.append(max(0, min(1, seen)))
      stickers.append(dark[i] - openness[i] * Backdrop.dark[i])
    }
  }
}

/// A background without its details: the mean and variance of every pixel.
private struct Backdrop {
  var mean: [Pixel]
  var variance: [Float]

  static let all = Background.allCases.map(Backdrop.init)
  static let dark = empty(.night, details: 0)
  static let bright = empty(.snow, details: 0)

  init(_ background: Background) {
    let pictures = (1...32).map { Self.empty(background, details: $0) }
    let count = Float(pictures.count)
    let mean = pictures[0].indices.map { i in
      pictures.reduce(Pixel.zero) { $0 + $1[i] } / count
    }
    variance = mean.indices.map { i in
      pictures.reduce(0) { $0 + (($1[i] - mean[i]) * ($1[i] - mean[i])).sum() } / (3 * count)
    }
    self.mean = mean
  }

  /// An empty background: its one sticker is far outside.
  private static func empty(_ background: Background, details: UInt64) -> [Pixel] {
    let scene = Scene(
      .single(Sticker(.red, .ball), size: .small, position: nil, wearing: nil), background: nil)
    var layout = Layout(for: scene, seed: 0)
    layout.placements[0].x = -1000
    return draw(scene, layout, background, details: details)
  }

  /// The pixels of a scene on the given background.
  static func draw(
    _ scene: Scene, _ layout: Layout, _ background: Background, details: UInt64 = 0
  ) -> [Pixel] {
    var layout = layout
    layout.background = background
    layout.details = details
    return Synthesis.pixels(of: scene.render(layout, size: Synthesis.size))
  }
}

extension Layout {
  /// A copy in which random numbers are moved by a `share` of the way to those of `other`.
  fileprivate func mixed(with other: Layout, _ share: Float, _ random: inout Random) -> Layout {
    var result = self
    for i in placements.indices {
      for number in [\Placement.x, \.y, \.radius, \.tilt] where random.integer(below: 2) == 0 {
        let way = other.placements[i][keyPath: number] - placements[i][keyPath: number]
        result.placements[i][keyPath: number] += share * way
      }
    }
    return result
  }
}

extension Scene {
  /// Whether layouts of one scene are also layouts of the other.
  fileprivate func liesLike(_ other: Scene) -> Bool {
    switch (arrangement, other.arrangement) {
    case (.single(_, let size, let position, let a), .single(_, let size2, let position2, let b)):
      size == size2 && position == position2 && (a == nil) == (b == nil)
    case (.pair(_, let relation, _), .pair(_, let relation2, _)): relation == relation2
    default: false
    }
  }
}
