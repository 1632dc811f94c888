import Images
import Sheets
import Testing

@testable import StickerWorld

@Suite struct ContactSheetTests {
  @Test func `sheets show everything once`() {
    let things = ContactSheet.things(seed: 1)
    #expect(Set(things.cells.flatMap(\.scene.stickers)).count == 14 * 8)
    #expect(things.count == 14 * 8)
    #expect(Set(things.cells.map(\.layout.background)).count == 6)

    let backgrounds = ContactSheet.backgrounds(seed: 1)
    #expect(backgrounds.count == 6 * 8)
    let places = backgrounds.cells.map { "\($0.layout.background) \($0.scene.stickers[0].colour)" }
    #expect(Set(places).count == 6 * 8)
    #expect(Set(backgrounds.cells.map(\.scene.stickers[0].thing)).count == 14)

    let accessories = ContactSheet.accessories(seed: 1)
    #expect(Set(accessories.cells.map(\.label)).count == 3 * 2 * 8)
    #expect(accessories.cells[0].label == "a green cat wearing a red hat")
  }

  @Test func `samples are those of the list, and their labels its captions`() {
    let sheet = ContactSheet.samples(.unseenPairs, count: 9, seed: 4)
    for (index, cell) in sheet.cells.enumerated() {
      let (scene, layout, caption) = StickerWorld.sample(.unseenPairs, seed: 4, index: index)
      #expect(cell.scene == scene && cell.layout == layout && cell.label == caption)
      #expect(scene.split == .unseenPairs)
    }
    #expect(Set(sheet.cells.map(\.layout)).count == 9)
  }

  @Test func `a sheet is as large as its pictures, gutters and labels`() {
    let sheet = ContactSheet.things(seed: 1).image(size: 32, scale: 3, columns: 7)
    // 7 columns and 16 rows of 96 pixels; labels of one line take 3 pixels and a line's height
    // without the two blank rows below it.
    #expect(sheet.width == 7 * (96 + 6) + 6)
    #expect(sheet.height == 16 * (96 + 3 + PixelFont.lineHeight - 2 + 6) + 6)
    let first = ContactSheet.things(seed: 1).cells[0]
    #expect(
      sheet.cropped(x: 6, y: 6, width: 96, height: 96)
        == first.scene.render(first.layout, size: 32).enlarged(by: 3))
  }
}
