import Images
import TensorCore

extension StickerWorld {
  /// The pictures of some scenes, drawn on all processors.
  public static func render(
    _ samples: [(scene: Scene, layout: Layout)], size: Int = 64
  ) -> [Image] {
    parallelMap(samples.indices) { i in
      samples[i].scene.render(samples[i].layout, size: size)
    }
  }
}
