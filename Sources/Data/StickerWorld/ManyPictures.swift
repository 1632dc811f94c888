import Images
import Kernels

extension StickerWorld {
  /// Renders pictures on all cores.
  public static func render(
    _ samples: [(scene: Scene, layout: Layout)], size: Int = 64
  ) -> [Image] {
    var pictures = samples.map { _ in Image(width: 1, height: 1) }
    pictures.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let places = buffer
      parallelFor(samples.count) { i in
        places[i] = samples[i].scene.render(samples[i].layout, size: size)
      }
    }
    return pictures
  }
}
