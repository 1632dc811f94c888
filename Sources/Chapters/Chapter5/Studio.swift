// The models that draw, choose and judge.

import ClassifierTraining
import DALLE
import DiscreteVAE
import Evaluation
import Images
import Pretrained
import StickerJudge
import StickerWorld
import TensorCore
import TextToImage
import VisionTransformer

/// The complete DALL·E, and two independent networks that judge what it draws.
package struct Studio {
  /// Draws and chooses.
  package let dalle: TextToImage
  /// Reads from a picture everything that captions of sticker world can say.
  package let judge: JudgeNet
  /// Chapter 1's vision transformer.
  package let classifier: AttributeClassifier

  /// The bundled models. Throws a `CheckpointError` if one cannot be read.
  package init() throws {
    dalle = try Pretrained.dalle()
    judge = try JudgeNet(Pretrained.judge())
    classifier = try Pretrained.classifier()
  }

  /// Draws candidates for sample number `index` of a split, and has them judged.
  package func draw(
    _ split: StickerWorld.Split, _ index: Int, count: Int, seed: UInt64,
    _ options: SamplingOptions = .usual
  ) throws -> (drawn: Candidates, judged: JudgedCaption) {
    let (scene, _, caption) = StickerWorld.sample(split, seed: seed, index: index)
    var random = Random(seed: seed).split("chapter5/\(split.name)").split(index)
    let drawn = try dalle.draw(caption, count: count, seed: random.next(), options)
    return (drawn, try judged(drawn.pictures, caption, scene))
  }

  /// What CLIP and the judge say about pictures [n, 3, 64, 64] of one caption.
  func judged(_ pictures: Tensor, _ caption: String, _ scene: Scene) throws -> JudgedCaption {
    let scenes = Array(repeating: scene, count: pictures.shape[0])
    return JudgedCaption(
      caption, scores: try dalle.scores(pictures, caption), try judge.matches(pictures, scenes))
  }

  /// Pictures [n, 3, H, W] through the dVAE and back, 32 at a time.
  package func reconstructed(_ pictures: Tensor) -> Tensor {
    inParts(of: 32, count: pictures.shape[0]) { part in
      dalle.dvae.decode(dalle.dvae.encode(pictures.sliced(axis: 0, part)))
    }
  }

  /// Codes of some pictures, N each → pictures [n, 3, H, W] in 0 … 1.
  func decode(_ codes: [[Int32]]) -> Tensor {
    let c = dalle.transformer.model.configuration
    return dalle.dvae.decode(
      IndexTensor(shape: [codes.count, c.rows, c.columns], codes.flatMap { $0 }))
  }

  /// Real pictures of a split, [count, 3, 64, 64] in 0 … 1, with their scenes and captions.
  func real(
    _ split: StickerWorld.Split, _ numbers: Range<Int>, seed: UInt64
  ) -> (pictures: Tensor, scenes: [Scene], captions: [String]) {
    let samples = numbers.map { StickerWorld.sample(split, seed: seed, index: $0) }
    let pictures = StickerWorld.render(samples.map { ($0.scene, $0.layout) })
    return (Tensor(pictures), samples.map(\.scene), samples.map(\.caption))
  }
}

extension Candidates {
  /// The codes of one candidate, N of them.
  func codes(of candidate: Int) -> [Int32] {
    let n = codes.shape[1]
    return Array(codes.values[candidate * n..<(candidate + 1) * n])
  }
}
