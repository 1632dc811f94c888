// A judge of the emoji world without training: analysis by synthesis. Every thing is tried at nine sizes
// and at places all over a coarse picture; the best are looked at closely.
//
// A picture is its ground, and things on it. If J is what the picture differs from its ground by, a
// thing t with opacity α on the ground g adds d = t - αg, and explains what
// |J|² - |J - d|² = 2 J·d - |d|² measures. Things do not overlap, so what they explain adds up. Both
// sides are softened a little, or stripes that a model draws well but softly would count as missing.

import EmojiWorld
import Images
import TensorCore

/// Reads what pictures of the emoji world show. It needs the font, takes some hundredths of a second for
/// a picture, and has learnt nothing.
///
///     let judge = EmojiJudge(world)
///     let reading = judge.read(picture)
///     reading.shows(scene).isRight
public struct EmojiJudge: EmojiReader, Sendable {
  private let world: EmojiWorld
  private let templates: [GlyphTemplates]

  /// A judge of the things of a world.
  public init(_ world: EmojiWorld) {
    self.world = world
    // Sizes from the smallest to the largest thing of a layout, each a tenth larger.
    let sizes = sequence(first: 10.5) { 1.1 * $0 }.prefix(9)
    templates = sizes.map { GlyphTemplates(world, half: $0) }
  }

  /// What a picture of any square size shows.
  public func read(_ picture: Image) -> EmojiReading {
    precondition(
      picture.width == picture.height, "a square picture, not \(picture.width)×\(picture.height)")
    let whole =
      picture.width == 64 ? picture : picture.resized(width: 64, height: 64, .area)
    let ground = Difference.ground(of: whole)
    let coarse = Difference(whole.resized(width: 32, height: 32, .area), ground)
    var candidates = templates.flatMap { $0.candidates(coarse, ground) }
    candidates.sort { $0.gain > $1.gain }
    var left = Difference(whole, ground)
    var found: [EmojiReading.Found] = []
    while found.count < 4, let best = best(of: candidates, beside: found, left.softened) {
      found.append(best)
      left.remove(world.layer(best.thing.number, at: best.place, size: 64))
    }
    return EmojiReading(ground: ground, found: found)
  }

  /// What each picture shows, read on all processors.
  public func read(_ pictures: [Image]) -> [EmojiReading] {
    parallelMap(pictures.indices) { read(pictures[$0]) }
  }

  /// What explains most beside all that was found. Of several things that stand together, large wrong
  /// ones may explain more than any single right one, but do not fit: then the next are tried.
  private func best(
    of candidates: [Candidate], beside found: [EmojiReading.Found], _ picture: Difference
  ) -> EmojiReading.Found? {
    let free = candidates.filter { c in found.allSatisfy { !$0.overlaps(c.place) } }
    for start in stride(from: 0, to: min(free.count, 20 * 24), by: 24) {
      let seen = free[start..<min(start + 24, free.count)]
        .map { self.found($0.thing, $0.place, picture) }.sorted { $0.gain > $1.gain }
      let best = seen.prefix(5).map { refined($0, beside: found, picture) }
        .filter { $0.fit > EmojiReading.leastFit }.max { $0.gain < $1.gain }
      if let best { return best }
    }
    return nil
  }

  /// The best place near one: steps of a pixel, a half and a quarter, and of sizes with them.
  private func refined(
    _ start: EmojiReading.Found, beside others: [EmojiReading.Found], _ picture: Difference
  ) -> EmojiReading.Found {
    func isFree(_ place: EmojiLayout.Place) -> Bool {
      EmojiReading.sizes.contains(place.half) && place.isInside
        && others.allSatisfy { !$0.overlaps(place) }
    }
    var best = start
    for step in [1, 0.5, 0.25] {
      var isBetter = true
      while isBetter {
        isBetter = false
        let here = best.place
        for (dx, dy, dh) in [
          (step, 0, 0), (-step, 0, 0), (0, step, 0), (0, -step, 0), (0, 0, step / 2),
          (0, 0, -step / 2),
        ] {
          let place = EmojiLayout.Place(x: here.x + dx, y: here.y + dy, half: here.half + dh)
          guard isFree(place) else { continue }
          let other = found(best.thing.number, place, picture)
          if other.gain > best.gain { (best, isBetter) = (other, true) }
        }
      }
    }
    return best
  }

  /// What a thing at a place explains.
  private func found(
    _ thing: Int, _ place: EmojiLayout.Place, _ picture: Difference
  ) -> EmojiReading.Found {
    let layer = world.layer(thing, at: place, size: 64)
    var (product, energy): (Float, Float) = (0, 0)
    // The same, weighted by opacity.
    var (rest, whole): (Float, Float) = (0, 0)
    picture.forEach(in: layer) { adds, seen, alpha in
      product += (adds * seen).sum()
      energy += (adds * adds).sum()
      rest += alpha * ((seen - adds) * (seen - adds)).sum()
      whole += alpha * (adds * adds).sum()
    }
    return EmojiReading.Found(
      thing: world.things[thing], place: place, gain: 2 * product - energy,
      fit: whole > 0 ? 1 - rest / whole : 0)
  }
}
