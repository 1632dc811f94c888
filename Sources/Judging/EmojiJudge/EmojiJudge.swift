// A judge of the emoji world without training: analysis by synthesis. Every thing is tried at every size
// and place, and what explains the picture best is what is on it.
//
// A picture is its ground, and things on it. If J is what the picture differs from its ground by, a thing
// t with opacity α on the ground g adds d = t - αg, and explains what |J|² - |J - d|² = 2 J·d - |d|²
// measures. Things do not overlap, so what they explain adds up.

import EmojiWorld
import Images
import TensorCore

/// Reads what pictures of the emoji world show. It needs the font, takes some hundredths of a second for
/// a picture, and has learnt nothing.
///
///     let judge = EmojiJudge(world)
///     let reading = judge.read(picture)
///     reading.shows(scene).isRight
public struct EmojiJudge: Sendable {
  private let world: EmojiWorld
  private let templates: [GlyphTemplates]

  /// A judge of the things of a world.
  public init(_ world: EmojiWorld) {
    self.world = world
    // Sizes from the smallest to the largest thing of a layout, each a tenth larger.
    let sizes = sequence(first: 10.5) { 1.1 * $0 }.prefix(11)
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
    var fine = Difference(whole, ground)
    var found: [EmojiReading.Found] = []
    while found.count < 4 {
      // Of what lies beside all that was found, the best are looked at closely, the very best more so.
      let free = candidates.filter { c in found.allSatisfy { !$0.overlaps(c.place) } }.prefix(24)
      let seen = free.map { self.found($0.thing, $0.place, fine) }.sorted { $0.gain > $1.gain }
      let best = seen.prefix(5).map { refined($0, fine) }
        .filter { $0.fit > EmojiReading.leastFit }.max { $0.gain < $1.gain }
      guard let best else { break }
      found.append(best)
      fine.remove(world.layer(best.thing.number, at: best.place, size: 64))
    }
    return EmojiReading(ground: ground, found: found)
  }

  /// The best place near one: steps of a pixel, a half and a quarter, and of sizes with them.
  private func refined(
    _ start: EmojiReading.Found, _ picture: Difference
  ) -> EmojiReading.Found {
    var best = start
    for step in [1, 0.5, 0.25] {
      var isBetter = true
      while isBetter {
        isBetter = false
        let here = best.place
        for (dx, dy, dh) in [
          (step, 0, 0), (-step, 0, 0), (0, step, 0), (0, -step, 0), (0, 0, step / 2),
          (0, 0, -step / 2),
        ] where EmojiReading.sizes.contains(here.half + dh) {
          let place = EmojiLayout.Place(x: here.x + dx, y: here.y + dy, half: here.half + dh)
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
    var (product, energy, rest): (Float, Float, Float) = (0, 0, 0)
    picture.forEach(in: layer) { adds, seen, alpha in
      product += (adds * seen).sum()
      energy += (adds * adds).sum()
      rest += alpha * ((seen - adds) * (seen - adds)).sum()
    }
    return EmojiReading.Found(
      thing: world.things[thing], place: place, gain: 2 * product - energy,
      fit: energy > 0 ? 1 - rest / energy : 0)
  }
}

/// What a picture differs from its ground by.
struct Difference: Sendable {
  let size: Int
  /// The ground's colour of each row.
  let grounds: [SIMD3<Float>]
  private var pixels: [SIMD3<Float>]

  init(_ picture: Image, _ ground: EmojiScene.Ground) {
    let size = picture.width
    self.size = size
    let grounds = Self.colours(ground, size: size)
    self.grounds = grounds
    pixels = (0..<size * size).map { picture.colour($0 % size, $0 / size) - grounds[$0 / size] }
  }

  subscript(x: Int, y: Int) -> SIMD3<Float> { pixels[y * size + x] }

  /// For each pixel of a layer what it adds to the ground, what is seen there, and its opacity.
  func forEach(
    in layer: EmojiLayer,
    _ body: (_ adds: SIMD3<Float>, _ seen: SIMD3<Float>, _ alpha: Float) -> Void
  ) {
    for row in 0..<layer.height {
      let colour = grounds[layer.top + row]
      for column in 0..<layer.width {
        let at = 4 * (row * layer.width + column)
        let own = SIMD3(layer.pixels[at], layer.pixels[at + 1], layer.pixels[at + 2])
        let alpha = layer.pixels[at + 3]
        body(own - alpha * colour, self[layer.left + column, layer.top + row], alpha)
      }
    }
  }

  /// Takes a layer away, so that the bare ground is left where it was.
  mutating func remove(_ layer: EmojiLayer) {
    for row in 0..<layer.height {
      for column in 0..<layer.width {
        let alpha = layer.pixels[4 * (row * layer.width + column) + 3]
        pixels[(layer.top + row) * size + layer.left + column] *= 1 - alpha
      }
    }
  }

  /// The ground that most pixels are like.
  static func ground(of picture: Image) -> EmojiScene.Ground {
    func distance(_ ground: EmojiScene.Ground) -> Float {
      let colours = colours(ground, size: picture.height)
      return (0..<picture.width * picture.height).reduce(0) { sum, i in
        let difference =
          picture.colour(i % picture.width, i / picture.width) - colours[i / picture.width]
        // Whatever is far from it is a thing, or another ground.
        return sum + min((difference * difference).sum(), 0.03)
      }
    }
    return EmojiScene.Ground.allCases.min { distance($0) < distance($1) } ?? .white
  }

  /// A ground's colour of each row, 0 … 1.
  static func colours(_ ground: EmojiScene.Ground, size: Int) -> [SIMD3<Float>] {
    let (a, b) = ground.colours
    let (above, below) = (
      SIMD3(Float(a.0), Float(a.1), Float(a.2)) / 255,
      SIMD3(Float(b.0), Float(b.1), Float(b.2)) / 255
    )
    return (0..<size).map { above + (Float($0) + 0.5) / Float(size) * (below - above) }
  }
}

extension Image {
  /// Red, green and blue, 0 … 1.
  fileprivate func colour(_ x: Int, _ y: Int) -> SIMD3<Float> {
    let colour = self[x, y]
    return SIMD3(Float(colour.0), Float(colour.1), Float(colour.2)) / 255
  }
}
