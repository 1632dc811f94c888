// Single stickers and their labels: the data of chapter 1.

import StickerWorld
import TensorCore

/// An attribute that chapter 1's classifier reads off a picture of a single sticker.
public enum StickerAttribute: String, CaseIterable, Codable, Sendable {
  case thing, colour, background

  /// The names of its values, in the order of labels.
  public var values: [String] {
    switch self {
    case .thing: Thing.allCases.map(\.name)
    case .colour: Colour.allCases.map(\.name)
    case .background: Background.allCases.map(\.name)
    }
  }
}

/// Pictures of single stickers, bare or wearing something, with labels.
public struct LabelledStickers {
  /// The pictures [B, 3, size, size] in 0 … 1
  public let images: Tensor
  /// Labels [B] for each attribute, in order. The colour is the sticker's, not the accessory's.
  public let labels: [IndexTensor]
  /// The scene that each picture shows.
  public let scenes: [Scene]

  /// Draws `count` single stickers of a split. Precondition: the split has single stickers, so it
  /// is not the unseen pairs.
  public init(
    _ split: StickerWorld.Split, count: Int, size: Int = 64, using random: inout Random
  ) {
    precondition(split != .unseenPairs, "there are no single stickers among the unseen pairs")
    var samples: [(scene: Scene, layout: Layout)] = []
    while samples.count < count {
      let (scene, layout, _) = StickerWorld.sample(split, using: &random)
      if case .single = scene.arrangement { samples.append((scene, layout)) }
    }
    self.init(samples, size: size)
  }

  /// The same scenes and labels with other pictures of the scenes, [B, 3, H, W].
  public func withImages(_ images: Tensor) -> LabelledStickers {
    LabelledStickers(images: images, labels: labels, scenes: scenes)
  }

  private init(images: Tensor, labels: [IndexTensor], scenes: [Scene]) {
    (self.images, self.labels, self.scenes) = (images, labels, scenes)
  }

  /// Draws scenes with a single sticker each, as pictures of size × size pixels.
  public init(_ samples: [(scene: Scene, layout: Layout)], size: Int = 64) {
    images = Tensor(StickerWorld.render(samples, size: size))
    scenes = samples.map(\.scene)
    labels = StickerAttribute.allCases.map { attribute in
      IndexTensor(samples.map { Int32(attribute.label(of: $0.scene, $0.layout)) })
    }
  }
}

extension StickerAttribute {
  /// The index of the value that a picture shows. A scene may leave its background open, so it is
  /// taken from the layout.
  fileprivate func label(of scene: Scene, _ layout: Layout) -> Int {
    let sticker = scene.stickers[0]
    return switch self {
    case .thing: sticker.thing.index
    case .colour: sticker.colour.index
    case .background: Background.allCases.firstIndex(of: layout.background) ?? 0
    }
  }
}
