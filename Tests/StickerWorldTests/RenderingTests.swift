import Images
import TensorCore
import Testing

@testable import StickerWorld

@Suite struct RenderingTests {
  private let samples = {
    var random = Random(seed: 64)
    return (0..<64).map { _ in StickerWorld.sample(.train, using: &random) }
  }()

  /// FNV-1a over the bytes of pictures.
  private func fingerprint(_ pictures: [Image]) -> UInt64 {
    pictures.flatMap(\.pixels).reduce(0xcbf2_9ce4_8422_2325) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
  }

  /// The mean difference of two pictures of one size, in steps of 8-bit values.
  private func difference(_ a: Image, _ b: Image) -> Double {
    let sum = zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    return Double(sum) / Double(a.pixels.count)
  }

  private func plain(
    _ colour: Colour, _ thing: Thing, _ size: Scene.Size = .big, _ background: Background = .sky
  ) -> Scene {
    Scene(
      .single(Sticker(colour, thing), size: size, position: nil, wearing: nil),
      background: background)
  }

  @Test func `64 pictures are the same bytes on every machine`() {
    // Change these numbers only with a deliberate change of the drawings: models trained on
    // the old pictures, and every figure that shows some, are then out of date.
    let small = samples.map { $0.scene.render($0.layout) }
    let odd = samples.prefix(8).map { $0.scene.render($0.layout, size: 100) }
    #expect(fingerprint(small) == 9_832_481_503_174_463_553)
    #expect(fingerprint(odd) == 7_714_839_965_769_025_300)
  }

  @Test func `rendering is a pure function, from many threads as from one`() async {
    let once = samples.map { $0.scene.render($0.layout, size: 32) }
    await withTaskGroup { group in
      for (i, sample) in samples.enumerated() {
        group.addTask { (i, sample.scene.render(sample.layout, size: 32)) }
      }
      for await (i, picture) in group { #expect(picture == once[i]) }
    }
  }

  @Test func `a large picture shrunk is the small one`() {
    for sample in samples.prefix(12) {
      let small = sample.scene.render(sample.layout, size: 64)
      let large = sample.scene.render(sample.layout, size: 256)
      var shrunk = Image(width: 64, height: 64)
      for i in 0..<shrunk.pixels.count {
        let (x, y, c) = (i / 3 % 64, i / 192, i % 3)
        var sum = 0
        for j in 0..<16 {
          sum += Int(large.pixels[((4 * y + j / 4) * 256 + 4 * x + j % 4) * 3 + c])
        }
        shrunk.pixels[i] = UInt8((sum + 8) / 16)
      }
      #expect(difference(small, shrunk) < 2.5, "\(sample.caption)")
    }
  }

  @Test func `sizes from 8 to 256 pixels can be rendered`() {
    for size in [8, 9, 33, 255, 256] {
      let picture = samples[0].scene.render(samples[0].layout, size: size)
      #expect(picture.width == size && picture.height == size)
    }
  }

  /// The distances of a point of the picture from the scene's stickers, in points.
  private func distances(_ scene: Scene, _ layout: Layout) -> [(Float, Float) -> Float] {
    zip(scene.stickers, layout.placements).map { sticker, place in
      var layers = sticker.thing.layers
      if case .single(_, _, _, let accessory?) = scene.arrangement {
        layers += accessory.kind.layers(on: sticker.thing)
      }
      let shapes = layers.filter { $0.style == .part }.map(\.shape)
      let (s, c) = (sine(place.tilt), sine(place.tilt + 90))
      return { x, y in
        let (dx, dy) = ((x - place.x) / place.radius, (y - place.y) / place.radius)
        let local = shapes.map { $0.distance(c * dx + s * dy, c * dy - s * dx) }
        return local.min()! * place.radius
      }
    }
  }

  @Test func `no sticker leaves the picture, and no two overlap`() {
    var random = Random(seed: 5)
    for round in 0..<400 {
      var scene = StickerWorld.sample(.train, using: &random).scene
      if round % 4 == 0 {
        // In the data set nothing in a corner wears an accessory, but a caption may ask for it.
        scene.arrangement = .single(
          Sticker(.red, random.element(of: Thing.wearers)),
          size: random.element(of: Scene.Size.allCases),
          position: random.element(of: Scene.Position.allCases), wearing: Accessory(.blue, .hat))
      }
      let distances = distances(scene, Layout(for: scene, using: &random))
      for distance in distances {
        for t in stride(from: Float(0), through: 64, by: 2) {
          let edge = min(distance(t, 0), distance(t, 64), distance(0, t), distance(64, t))
          #expect(edge > 1.5, "the border of \(scene) is cut off")
        }
      }
      if distances.count == 2 {
        let overlap = (0..<32 * 32).contains { p in
          let (x, y) = (Float(p % 32) * 2 + 1, Float(p / 32) * 2 + 1)
          return max(distances[0](x, y), distances[1](x, y)) < 0
        }
        #expect(!overlap, "\(scene)")
      }
    }
  }

  @Test func `things lie where the caption says`() {
    var random = Random(seed: 6)
    for _ in 0..<3000 {
      let (scene, layout, _) = StickerWorld.sample(.train, using: &random)
      let places = layout.placements
      switch scene.arrangement {
      case .pair(_, .above, _): #expect(places[0].y + 20 < places[1].y)
      case .pair(_, .leftOf, _): #expect(places[0].x + 20 < places[1].x)
      case .single(_, _, let position?, nil):
        let isLeft = position == .topLeft || position == .bottomLeft
        let isTop = position == .topLeft || position == .topRight
        #expect((places[0].x < 30) == isLeft && (places[0].x > 34) == !isLeft)
        #expect((places[0].y < 30) == isTop && (places[0].y > 34) == !isTop)
      case .single(_, let size?, nil, _):
        #expect(places[0].radius < 13.5 ? size == .small : size == .big && places[0].radius > 16)
      default: break
      }
      #expect(scene.background == nil || scene.background == layout.background)
    }
  }

  @Test func `every thing in every colour shows on every background`() {
    for background in Background.allCases {
      for thing in Thing.allCases {
        for colour in Colour.allCases {
          let scene = plain(colour, thing, .small, background)
          let layout = Layout(for: scene, seed: 3)
          let picture = scene.render(layout, size: 32)
          var canvas = Canvas(size: 32)
          canvas.paint(background, details: layout.details)
          let empty = canvas.image
          let changed = zip(picture.pixels, empty.pixels).count { abs(Int($0) - Int($1)) > 40 }
          // A white moon in the snow is the hardest, with 83 values.
          #expect(changed > 80, "\(scene): only \(changed) values stand out")
        }
      }
    }
  }

  @Test func `no two stickers look alike`() {
    let layout = Layout(for: plain(.red, .star), seed: 9)
    let pictures = Thing.allCases.map { thing in
      Colour.allCases.map { plain($0, thing).render(layout, size: 32) }
    }
    for thing in Thing.allCases {
      for colour in Colour.allCases {
        let picture = pictures[thing.index][colour.index]
        for other in Colour.allCases.prefix(colour.index) {
          let apart = difference(picture, pictures[thing.index][other.index])
          #expect(apart > 3, "\(thing) in \(colour) and \(other)")
        }
        for other in Thing.allCases.prefix(thing.index) {
          let apart = difference(picture, pictures[other.index][colour.index])
          #expect(apart > 8, "\(thing) and \(other) in \(colour)")
        }
      }
    }
  }

  @Test func `an accessory and its colour are seen`() {
    for wearer in Thing.wearers {
      let accessories: [Accessory?] =
        [nil]
        + Accessory.Kind.allCases.flatMap { kind in
          Colour.allCases.map { colour -> Accessory? in Accessory(colour, kind) }
        }
      let layout = Layout(for: plain(.red, wearer), seed: 2)
      let pictures = accessories.map { accessory in
        Scene(
          .single(Sticker(.green, wearer), size: .big, position: nil, wearing: accessory),
          background: .snow
        ).render(layout, size: 32)
      }
      for (i, a) in pictures.enumerated() {
        for b in pictures[..<i] { #expect(difference(a, b) > 0.8) }
      }
    }
  }
}
