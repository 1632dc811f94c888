// All things at one size, held against all places of a picture at once: a matrix product.

import EmojiWorld
import TensorCore

/// A thing and where it may be.
struct Candidate {
  /// Its number.
  let thing: Int
  let place: EmojiLayout.Place
  /// What it explains of the coarse picture.
  let gain: Float
}

/// The things of a world at one size, in pictures of half the resolution.
struct GlyphTemplates: Sendable {
  /// Half of the longer side, in points.
  private let half: Double
  /// The pixels of a window that holds a thing, to a side.
  private let side: Int
  /// For each thing t, as one row of 3 side² numbers, then α, side²; [things, 4 side²].
  private let rows: Tensor
  /// The energy |t - αg|² of each thing, by ground.
  private let energies: [EmojiScene.Ground: [Float]]

  /// Pixels of the coarse picture, to a side, and points to a pixel.
  private static let (size, step) = (32, 2.0)

  init(_ world: EmojiWorld, half: Double) {
    self.half = half
    let side = Int((2 * half / Self.step).rounded(.up))
    self.side = side
    let middle = EmojiLayout.Place(x: Double(side), y: Double(side), half: half)  // of the window
    let layers = world.things.map { world.layer($0.number, at: middle, size: Self.size) }
    // t, α of every pixel of the window: [thing][4 side²]
    let windows = layers.map { layer in
      var window = [Float](repeating: 0, count: 4 * side * side)
      for row in 0..<min(layer.height, side - layer.top) {
        for column in 0..<min(layer.width, side - layer.left) {
          let at = (layer.top + row) * side + layer.left + column
          for channel in 0..<4 {
            window[channel * side * side + at] =
              layer.pixels[4 * (row * layer.width + column) + channel]
          }
        }
      }
      return window
    }
    rows = Tensor(shape: [windows.count, 4 * side * side], windows.flatMap { $0 })
    energies = Dictionary(
      uniqueKeysWithValues: EmojiScene.Ground.allCases.map { ground in
        let (n, colour) = (side * side, ground.vector)
        return (
          ground,
          windows.map { window in
            (0..<n).reduce(0) { energy, i in
              let own = SIMD3(window[i], window[n + i], window[2 * n + i])
              let adds = own - window[3 * n + i] * colour
              return energy + (adds * adds).sum()
            }
          }
        )
      })
  }

  /// For each place the two things that explain most, if they explain anything.
  func candidates(
    _ picture: Difference, _ ground: EmojiScene.Ground
  ) -> [Candidate] {
    let n = side * side
    let places = Self.size - side + 1
    // J·t for the three channels, and -J·g for α, of all windows: [places², 4 side²]
    var windows = [Float](repeating: 0, count: places * places * 4 * n)
    for top in 0..<places {
      for left in 0..<places {
        let start = (top * places + left) * 4 * n
        for i in 0..<n {
          let (x, y) = (left + i % side, top + i / side)
          let difference = picture[x, y]
          windows[start + i] = difference.x
          windows[start + n + i] = difference.y
          windows[start + 2 * n + i] = difference.z
          windows[start + 3 * n + i] = -(difference * picture.ground).sum()
        }
      }
    }
    let flat = Tensor(shape: [places * places, 4 * n], windows)
    let products = matmul(flat, rows, transposeB: true).scalars  // [places², things]
    let things = rows.shape[0]
    guard let energy = energies[ground] else { return [] }
    var found: [Candidate] = []
    for place in 0..<places * places {
      // The two that explain most.
      var best: [(thing: Int, gain: Float)] = [(0, 0), (0, 0)]
      for thing in 0..<things {
        let gain = 2 * products[place * things + thing] - energy[thing]
        if gain > best[0].gain {
          best = [(thing, gain), best[0]]
        } else if gain > best[1].gain {
          best[1] = (thing, gain)
        }
      }
      let middle = Double(side) / 2
      for (thing, gain) in best where gain > 0 {
        found.append(
          Candidate(
            thing: thing,
            place: EmojiLayout.Place(
              x: Self.step * (Double(place % places) + middle),
              y: Self.step * (Double(place / places) + middle), half: half),
            gain: gain))
      }
    }
    return found
  }
}
