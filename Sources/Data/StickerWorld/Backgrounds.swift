// The backgrounds behind the stickers: six of them, each a gradient or two with its own details,
// which a seed scatters. Lengths are in points, of which a picture is 64 wide.

import TensorCore

extension Canvas {
  /// Paints the whole picture with `background`, its details scattered by the seed `details`.
  mutating func paint(_ background: Background, details: UInt64) {
    var random = Random(seed: details)
    switch background {
    case .sky: paintSky(&random)
    case .night: paintNight(&random)
    case .grass: paintGrass(&random)
    case .beach: paintBeach(&random)
    case .snow: paintSnow(&random)
    case .sunset: paintSunset(&random)
    }
  }

  // MARK: - The six

  private mutating func paintSky(_ random: inout Random) {
    fill(from: 0, 0x3FA2F0, to: 64, 0xC4ECFF)
    bank(at: 57, 0xDDF3FF, &random)
    bank(at: 61, 0xF4FBFF, &random)
    // One cloud for each part of the sky, so that no sticker hides them all.
    for (x, y) in [(12, 12), (50, 20), (20, 42)] as [(Float, Float)] {
      cloud(
        x + random.uniform(-7, 7), y + random.uniform(-6, 6), random.uniform(0.8, 1.2), 0xD4EAFB)
    }
  }

  private mutating func paintNight(_ random: inout Random) {
    fill(from: 0, 0x0B0D33, to: 50, 0x42378E)
    for _ in 0..<26 {
      dot(
        random.uniform(1, 63), random.uniform(1, 48), random.uniform(0.4, 0.75), 0xFFF6D8,
        random.uniform(0.5, 1))
    }
    for _ in 0..<4 { sparkle(random.uniform(4, 60), random.uniform(4, 40), 0xFFF6D8) }
    hills(at: 52, height: 3.5, length: 55, &random, 0x2C2A74, 0x211F5E)
    hills(at: 57, height: 2.5, length: 38, &random, 0x191A4C, 0x10113A)
  }

  private mutating func paintGrass(_ random: inout Random) {
    fill(from: 0, 0x6FC6FF, to: 40, 0xDDF6FF)
    cloud(random.uniform(8, 56), random.uniform(7, 12), 0.8, 0xDDF1FD)
    hills(at: 34, height: 3.5, length: 48, &random, 0xA8E07A, 0x86CC66)
    hills(at: 41, height: 2.5, length: 70, &random, 0x86D35A, 0x48A648)
    for row in 0..<3 {
      for _ in 0..<4 {
        let x = random.uniform(2, 62)
        let y = 48 + 6 * Float(row) + random.uniform(-2, 2)
        tuft(x, y, 0x348E40)
      }
    }
    for i in 0..<7 {
      let x = random.uniform(2, 62)
      let y = random.uniform(46, 62)
      dot(x, y, 1.1, [0xFFFFFF, 0xFFE27A, 0xFFB8D8][i % 3], 1)
      dot(x, y, 0.4, 0xF0A030, 1)
    }
  }

  private mutating func paintBeach(_ random: inout Random) {
    fill(from: 0, 0x86D6FF, to: 16, 0xDFF6FF)
    cloud(random.uniform(8, 56), random.uniform(5, 8), 0.6, 0xE4F4FD)
    fill(from: 16, 0x1F8FD0, to: 40, 0x4FD0D8)
    for i in 0..<7 {
      let y = 18.5 + 2.4 * Float(i) + random.uniform(-0.5, 0.5)
      dash(random.uniform(4, 60), y, 2 + 0.4 * Float(i), 0xC4F4F4, 0.55)
    }
    let shore = 37 + random.uniform(-1.5, 1.5)
    let phase = random.uniform(0, 360)
    let line: (Float) -> Float = { shore + 1.2 * sine($0 * 13 + phase) }
    fill(below: { line($0) - 1 }, from: shore, 0xFFFFFF, to: 64, 0xFFFFFF)
    fill(below: { line($0) + 1.2 }, from: shore, 0xD9B878, to: 64, 0xD9B878)
    fill(below: { line($0) + 3 }, from: shore, 0xFBE3AC, to: 64, 0xEDC684)
    for _ in 0..<20 {
      dot(random.uniform(1, 63), random.uniform(shore + 6, 63), 0.5, 0xC89A58, 0.6)
    }
    shell(random.uniform(5, 59), random.uniform(52, 60))
  }

  private mutating func paintSnow(_ random: inout Random) {
    fill(from: 0, 0x6CA2DE, to: 44, 0xC2DCF6)
    for (x, y) in [(16, 22), (46, 26)] as [(Float, Float)] {
      mountain(x + random.uniform(-6, 6), y + random.uniform(-3, 3))
    }
    hills(at: 41, height: 3, length: 50, &random, 0xD6E5F8, 0xAECAEE)
    hills(at: 49, height: 2.5, length: 64, &random, 0xE8F1FD, 0xBCD4F2)
    for _ in 0..<28 {
      dot(
        random.uniform(1, 63), random.uniform(1, 63), random.uniform(0.5, 1.1), 0xFFFFFF,
        random.uniform(0.7, 1))
    }
  }

  private mutating func paintSunset(_ random: inout Random) {
    let horizon = 45 + random.uniform(-1.5, 1.5)
    fill(from: 0, 0x55359A, to: horizon * 0.55, 0xE0609A)
    fill(from: horizon * 0.55, 0xE0609A, to: horizon, 0xFFC06A)
    let sun = random.uniform(16, 48)
    for ring in 0..<3 {
      dot(sun, horizon - 1, 16 - 2.5 * Float(ring), 0xFFE08A, 0.2)
    }
    dot(sun, horizon - 1, 8.5, 0xFFF0B0, 1)
    for i in 0..<4 {
      dash(random.uniform(4, 60), 8 + 7.5 * Float(i) + random.uniform(-2, 2), 7, 0xFFB0A8, 0.5)
    }
    fill(from: horizon, 0xC8588C, to: 64, 0x4A2E84)
    for i in 0..<6 {
      let y = horizon + 1.5 + 2.6 * Float(i)
      dash(sun + random.uniform(-2, 2), y, 6.5 - 0.7 * Float(i), 0xFFD488, 0.75)
      dash(random.uniform(4, 60), y + 1.2, 2.5, 0xE88AA8, 0.5)
    }
  }

  // MARK: - Details

  /// Rolling hills around height `y`.
  private mutating func hills(
    at y: Float, height: Float, length: Float, _ random: inout Random, _ upper: Int, _ lower: Int
  ) {
    let phase = random.uniform(0, 360)
    let second = random.uniform(0, 360)
    let base = y + random.uniform(-1.5, 1.5)
    fill(
      below: { x in
        let wave = sine(360 * x / length + phase) + 0.4 * sine(800 * x / length + second)
        return base + height * 0.7 * wave
      }, from: base - height, upper, to: 64, lower)
  }

  /// A bank of clouds along the lower edge.
  private mutating func bank(at y: Float, _ colour: Int, _ random: inout Random) {
    for i in 0..<8 {
      blend(circle(Float(i) * 9.5 - 1, y + 6, random.uniform(6, 9)), colour)
    }
  }

  private mutating func cloud(_ x: Float, _ y: Float, _ scale: Float, _ shade: Int) {
    let puffs = circle(-5, 0, 3).union(circle(-1, -2.4, 4), circle(4, -0.6, 3.2))
    let shape = puffs.union(rectangle(0, 1.2, 8, 1.9, corner: 1.9)).scaled(scale).moved(x, y)
    blend(shape, shade)
    blend(shape.moved(0, -1).within(shape), 0xFFFFFF)
  }

  private mutating func mountain(_ x: Float, _ y: Float) {
    let peak = polygon([(x, y), (x + 19, y + 28), (x - 19, y + 28)])
    blend(peak, 0x84AADC)
    let zigzag = polygon([
      (x, y - 2), (x + 9, y + 9), (x + 4, y + 8), (x + 1.5, y + 11), (x - 2, y + 7.5),
      (x - 5, y + 10), (x - 9, y + 9),
    ])
    blend(zigzag.within(peak), 0xF6FAFF)
  }

  private mutating func dot(_ x: Float, _ y: Float, _ r: Float, _ colour: Int, _ opacity: Float) {
    blend(circle(x, y, r), colour, opacity)
  }

  /// A horizontal line, `length` to either side of (x, y).
  private mutating func dash(
    _ x: Float, _ y: Float, _ length: Float, _ colour: Int, _ opacity: Float
  ) {
    blend(capsule(x - length, y, x + length, y, 0.5), colour, opacity)
  }

  private mutating func sparkle(_ x: Float, _ y: Float, _ colour: Int) {
    blend(pointedStar(x, y, points: 4, outer: 2.6, inner: 0.6), colour)
  }

  private mutating func tuft(_ x: Float, _ y: Float, _ colour: Int) {
    for lean in [-1.1, 0, 1.1] as [Float] {
      blend(capsule(x, y, x + lean, y - 2.4 + 0.5 * abs(lean), 0.35), colour, 0.8)
    }
  }

  private mutating func shell(_ x: Float, _ y: Float) {
    blend(ellipse(x, y, 2.2, 1.8), 0xE88A80)
    blend(ellipse(x, y - 0.2, 1.6, 1.3), 0xFFC4B4)
  }
}
