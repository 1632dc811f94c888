/// A split is written as its name.
extension StickerWorld.Split: Codable {}
