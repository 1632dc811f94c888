// Sheets of many labelled pictures, which show the data set at a glance.

import Images
import Sheets
import TensorCore

/// Scenes with labels, drawn side by side.
///
///     let sheet = ContactSheet.samples(.train, count: 64, seed: 1)
///     try sheet.image().writePNG(to: "sheet.png")
public struct ContactSheet: Sendable {
  let cells: [(scene: Scene, layout: Layout, label: String)]

  /// Random samples with their captions: the first `count` pairs of an endless list.
  public static func samples(
    _ split: StickerWorld.Split, count: Int, seed: UInt64
  ) -> ContactSheet {
    precondition(count > 0, "a sheet shows 1 or more pictures, not \(count)")
    return ContactSheet(
      cells: (0..<count).map { index in
        let (scene, layout, caption) = StickerWorld.sample(split, seed: seed, index: index)
        return (scene, layout, caption)
      })
  }

  /// Every thing, in every colour, the backgrounds taking turns.
  public static func things(seed: UInt64) -> ContactSheet {
    let stickers = Thing.allCases.flatMap { thing in Colour.allCases.map { Sticker($0, thing) } }
    return ContactSheet(
      seed: seed,
      stickers.map { sticker in
        let turn = sticker.thing.index + sticker.colour.index
        let background = Background.allCases[turn % Background.allCases.count]
        let scene = Scene(
          .single(sticker, size: .big, position: nil, wearing: nil), background: background)
        return (scene, sticker.name)
      })
  }

  /// Every background, with a small thing in every colour, the things taking turns.
  public static func backgrounds(seed: UInt64) -> ContactSheet {
    let places = Background.allCases.flatMap { background in
      Colour.allCases.map { (background, $0) }
    }
    return ContactSheet(
      seed: seed,
      places.enumerated().map { number, place in
        let thing = Thing.allCases[number % Thing.allCases.count]
        let scene = Scene(
          .single(Sticker(place.1, thing), size: .small, position: nil, wearing: nil),
          background: place.0)
        return (scene, scene.description)
      })
  }

  /// Every thing that wears accessories, with each of them in every colour.
  public static func accessories(seed: UInt64) -> ContactSheet {
    let scenes = Thing.wearers.flatMap { wearer in
      Accessory.Kind.allCases.flatMap { kind in
        Colour.allCases.map { colour in
          let own = Colour.allCases[(colour.index + 3) % Colour.allCases.count]
          return Scene(
            .single(
              Sticker(own, wearer), size: nil, position: nil, wearing: Accessory(colour, kind)),
            background: Background.allCases[colour.index % Background.allCases.count])
        }
      }
    }
    return ContactSheet(
      seed: seed,
      scenes.map { scene in
        (scene, Scene(scene.arrangement, background: nil).description)
      })
  }

  private init(cells: [(scene: Scene, layout: Layout, label: String)]) {
    self.cells = cells
  }

  /// Labelled scenes, each with a layout of its own.
  private init(seed: UInt64, _ scenes: [(scene: Scene, label: String)]) {
    cells = scenes.enumerated().map { number, cell in
      (cell.scene, Layout(for: cell.scene, seed: seed &+ UInt64(number)), cell.label)
    }
  }

  /// The number of pictures.
  public var count: Int { cells.count }

  /// The sheet: pictures of `size` pixels, each pixel a square of `scale`, `columns` to a row.
  public func image(size: Int = 64, scale: Int = 2, columns: Int = 8) -> Image {
    let pictures = cells.map { $0.scene.render($0.layout, size: size).enlarged(by: scale) }
    return Image.grid(pictures, columns: columns, gutter: 6, labels: cells.map(\.label))
  }
}
