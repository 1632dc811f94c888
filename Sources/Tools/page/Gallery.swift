// Pictures of sticker world, and what the models of chapters 1 and 2 see in them.

import CLIP
import Images
import NeuralNetwork
import StickerWorld
import TensorCore
import Text
import VisionTransformer

/// Draws stickers and looks at them.
struct Gallery {
  /// Chapter 1's classifier.
  var classifier: AttributeClassifier?
  /// Chapter 2's CLIP.
  var matcher: CaptionMatcher?

  /// Sticker world's picture of a caption; 1 if there is one, else the answer is why not.
  func sticker(_ caption: String, layout: UInt64, _ rgba: UnsafeMutablePointer<UInt8>) -> Int32 {
    do throws(CaptionError) {
      let scene = try Scene(caption: caption)
      scene.render(Layout(for: scene, seed: layout)).write(rgba)
      return 1
    } catch {
      reply(error.description)
      return 0
    }
  }

  /// The words of sticker world, in lines: things, those of them that wear something, colours, and
  /// the plainest phrase of each background, with commas between them.
  static var words: String {
    [
      Thing.allCases.map { $0.name }, Thing.wearers.map { $0.name },
      Colour.allCases.map { $0.name }, Background.allCases.map { $0.phrases[0] },
    ].map { $0.joined(separator: ",") }.joined(separator: "\n")
  }

  /// What the classifier reads off a picture, in lines "thing", "star 9800", "heart 100", …, in ten-thousandths, with an
  /// empty line after each question. Writes the attention of all heads, [L, h, 1 + N, 1 + N].
  func look(_ rgba: UnsafePointer<UInt8>, _ attention: UnsafeMutablePointer<Float>) -> String {
    guard let classifier else { return "" }
    let (c, trace) = (classifier.encoder.configuration, Trace())
    let picture = Image(width: c.imageSize.columns, height: c.imageSize.rows, rgba: rgba)
    let logits = withoutGradient { classifier(Tensor([picture]), trace: trace) }
    var written = 0
    for layer in 0..<c.layers {
      let weights = trace["layer.\(layer).attn_probs"]!.scalars  // [1, h, 1 + N, 1 + N]
      for (i, weight) in weights.enumerated() { attention[written + i] = weight }
      written += weights.count
    }
    let questions = [
      ("thing", Thing.allCases.map { $0.name }), ("colour", Colour.allCases.map { $0.name }),
      ("background", Background.allCases.map { $0.name }),
    ]
    return zip(questions, logits).map { question, logits in
      let shares = logits.softmax(axis: 1).scalars  // [values]
      let lines = zip(question.1, shares).map { "\($0) \(Int(($1 * 10_000).rounded()))" }
      return ([question.0] + lines).joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  /// The cosines of pictures with captions in lines, [pictures, captions]; the factor of the logits.
  func compare(
    _ rgba: UnsafePointer<UInt8>, _ count: Int, _ captions: String,
    _ cosines: UnsafeMutablePointer<Float>
  ) -> Float {
    guard let matcher else { return 0 }
    let size = matcher.clip.configuration.vision.imageSize
    let pictures = (0..<count).map {
      Image(
        width: size.columns, height: size.rows, rgba: rgba + $0 * 4 * size.columns * size.rows)
    }
    let texts = captions.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    // Encoding throws only if captions must not be cut.
    guard let found = try? matcher.similarities(pictures, texts, truncate: true) else { return 0 }
    for (i, cosine) in found.scalars.enumerated() { cosines[i] = cosine }
    return matcher.clip.logitScale.exp().scalars[0]
  }
}

extension Image {
  /// A picture from RGBA.
  init(width: Int, height: Int, rgba: UnsafePointer<UInt8>) {
    var pixels: [UInt8] = []
    for pixel in 0..<width * height { for c in 0..<3 { pixels.append(rgba[4 * pixel + c]) } }
    self.init(width: width, height: height, pixels: pixels)
  }

  /// Writes the picture as RGBA.
  func write(_ rgba: UnsafeMutablePointer<UInt8>) {
    for pixel in 0..<width * height {
      for c in 0..<3 { rgba[4 * pixel + c] = pixels[3 * pixel + c] }
      rgba[4 * pixel + 3] = 255
    }
  }
}
