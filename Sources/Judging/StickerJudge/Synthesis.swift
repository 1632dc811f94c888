// A judge that has learnt nothing: analysis by synthesis. It draws what the caption says in
// many layouts, keeps the one that looks most like the picture, and asks whether a caption
// that differs in one claim could be drawn to look more like it.
//
// Clouds, stars and waves are left open by every caption. So backgrounds are not drawn but
// known by their means and variances: where a background varies, differences count less.

import Foundation
import Images
import StickerWorld
import TensorCore

/// Judges pictures by drawing them anew. Slower than `JudgeNet`, and independent of it.
public enum Synthesis {
  /// Everything is compared at this size, which leaves faces recognisable.
  fileprivate static let size = 32
  /// How far a drawing may be off, of 1: its layout is never quite the picture's.
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
    // Only the closest ones are worth a thorough search.
    let rivals = others.sorted { $0.found.score > $1.found.score }.prefix(4)
    let best = search(pixels, scene, from: claim.layout, draws: 80)
    return rivals.allSatisfy { other, found in
      let rival = search(pixels, other, from: found.layout, draws: 80)
      // The rival may have been luckier with its layout: then the claim may have it too.
      let shared = other.liesLike(scene) ? likelihood(pixels, scene, rival.layout) : best.score
      return rival.score < max(best.score, shared)
    }
  }

  /// Draws layouts by chance, then nearer and nearer to the best one so far. The layouts of a
  /// scene lie in a box, so a mixture of two of them is always one that could be drawn.
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

  /// The score of one layout, before the scene's background or the one that fits best.
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
        // The density of a t distribution: a few pixels far off do not decide alone.
        let x = (difference * difference).sum() / variance
        sum -= log(1 + x) + 1.5 * log(variance)
      }
      return sum / Float(picture.count)
    }.max()!
  }

  /// The picture at the size of comparison.
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
  /// What they add to every pixel.
  var stickers: [Pixel] = []
  /// How much of the background every pixel lets through, 0 … 1.
  var openness: [Float] = []

  /// Drawn before two known backgrounds, one dark and one bright: where the two pictures
  /// differ as much as the backgrounds do, there is no sticker.
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

/// What is known of a background whatever its details: mean and variance of every pixel.
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

  /// A background with nothing on it: its one sticker lies far outside.
  private static func empty(_ background: Background, details: UInt64) -> [Pixel] {
    let scene = Scene(
      .single(Sticker(.red, .ball), size: .small, position: nil, wearing: nil), background: nil)
    var layout = Layout(for: scene, seed: 0)
    layout.placements[0].x = -1000
    return draw(scene, layout, background, details: details)
  }

  /// The pixels of a scene before any background.
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
  /// Some of the numbers, by chance, moved by a `share` of the way to those of `other`.
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
  /// Whether layouts of one scene are layouts of the other.
  fileprivate func liesLike(_ other: Scene) -> Bool {
    switch (arrangement, other.arrangement) {
    case (.single(_, let size, let position, let a), .single(_, let size2, let position2, let b)):
      size == size2 && position == position2 && (a == nil) == (b == nil)
    case (.pair(_, let relation, _), .pair(_, let relation2, _)): relation == relation2
    default: false
    }
  }
}
