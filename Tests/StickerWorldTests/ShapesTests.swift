import Foundation
import Testing

@testable import StickerWorld

@Suite struct ShapesTests {
  /// The distance from (x, y) to the nearest point of a fine grid on the other side of the
  /// edge: slow, and blind to any formula.
  private func measured(_ shape: Shape, _ x: Float, _ y: Float, step: Float) -> Float {
    let inside = shape.distance(x, y) < 0
    var nearest = Float.infinity
    for gy in stride(from: Float(-1.5), through: 1.5, by: step) {
      for gx in stride(from: Float(-1.5), through: 1.5, by: step)
      where (shape.distance(gx, gy) < 0) != inside {
        nearest = min(nearest, length(gx - x, gy - y))
      }
    }
    return inside ? -nearest : nearest
  }

  @Test(arguments: [
    ("circle", circle(0.2, -0.1, 0.7)),
    ("rectangle", rectangle(-0.1, 0.2, 0.6, 0.4, corner: 0.15)),
    ("capsule", capsule(-0.6, -0.3, 0.5, 0.4, 0.2)),
    ("polygon", polygon([(0, -0.9), (0.8, 0.7), (0, 0.2), (-0.8, 0.7)])),
    ("crescent", crescent(outer: 0.98, inner: 0.8, shift: 0.5)),
    ("smile", smile(0.1, -0.2, radius: 0.6, angle: 60, 0.12)),
    ("turned and moved", rectangle(0, 0, 0.6, 0.3).turned(30).moved(0.2, 0.1)),
    ("mirrored", capsule(0.4, -0.5, 0.8, 0.5, 0.15).mirrored()),
    ("scaled", circle(0.4, 0, 1).scaled(0.7)),
    ("grown", polygon([(0, -0.5), (0.5, 0.4), (-0.5, 0.4)]).grown(0.2)),
  ])
  func `a distance is the way to the nearest point across the edge`(name: String, shape: Shape) {
    let step: Float = 0.03
    for (x, y) in [(0, 0), (0.3, 0.5), (-0.7, 0.2), (1.2, -0.4), (-1.1, -1.2), (0.4, 0.9)]
      as [(Float, Float)]
    {
      // Shapes of corners grown round are only exact outside; all of the above are.
      let expected = measured(shape, x, y, step: step)
      #expect(abs(shape.distance(x, y) - expected) < 1.5 * step, "\(name) at (\(x), \(y))")
    }
  }

  @Test func `an ellipse is exact on its edge and has slope one there`() {
    let shape = ellipse(0, 0, 0.9, 0.3)
    for degrees in stride(from: Float(0), to: 360, by: 15) {
      let (x, y) = (0.9 * sine(degrees + 90), 0.3 * sine(degrees))
      #expect(abs(shape.distance(x, y)) < 1e-5)
      let (nx, ny) = (x / 0.81, y / 0.09)
      let normal = length(nx, ny)
      let outside = shape.distance(x + 0.01 * nx / normal, y + 0.01 * ny / normal)
      #expect(abs(outside - 0.01) < 0.001)
    }
    #expect(shape.distance(0, 0) == -0.3)
  }

  @Test func `a crescent has no false edges beyond its horns`() {
    let shape = crescent(outer: 1, inner: 0.8, shift: 0.5)
    let (x, y): (Float, Float) = (0.61, 0.7924)  // the tip: where both circles meet
    #expect(abs(shape.distance(x, y)) < 1e-3)
    // On the outer circle's line, past the tip: a subtraction would find its edge there.
    #expect(abs(shape.distance(1, 0) - length(1 - x, y)) < 1e-3)
  }

  @Test func `a smooth union fills the crease and nothing else`() {
    let a = circle(-0.4, 0, 0.5)
    let b = circle(0.4, 0, 0.5)
    let both = a.melted(with: b, 0.2)
    #expect(both.distance(0, 0.4) < min(a.distance(0, 0.4), b.distance(0, 0.4)))
    #expect(both.distance(-0.9, 0) == a.distance(-0.9, 0))
  }

  @Test func `every box holds its shape`() {
    for thing in Thing.allCases {
      for layer in thing.layers + Accessory.Kind.allCases.flatMap({ $0.layers(on: thing) }) {
        let spilled = (0..<40 * 40).contains { i in
          let (x, y) = (Float(i % 40) * 0.09 - 1.8, Float(i / 40) * 0.09 - 1.8)
          return layer.shape.distance(x, y) < 0
            && !layer.shape.box.contains(x, y, margin: 1e-4)
        }
        #expect(!spilled, "\(thing)")
      }
    }
  }

  @Test func `our sine is the C library's to the last digits of a Float`() {
    for i in -2000...2000 {
      let degrees = Float(i) * 0.37
      let exact = sin(Double(degrees) * .pi / 180)
      #expect(abs(Double(sine(degrees)) - exact) < 1.2e-7)
    }
    #expect([0, 90, 180, 270].map { sine($0) } == [0, 1, 0, -1])
  }
}
