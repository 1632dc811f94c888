// How a training of everything went.

import CaptionedImages
import Checkpoints
import DALLE
import DALLETraining
import DVAETraining
import DiscreteVAE
import Files
import Foundation
import Images
import PictureFiles
import Sheets
import TensorCore
import TextToImage
import Training

/// `report.json`, `reconstructions.png`, `samples.png` and `nearest.png` of a training.
struct TrainingReport {
  private let folder: String
  private let dvae: DiscreteVAE
  private let transformer: CaptionedDALLE

  init(folder: String, _ dvae: DiscreteVAE, _ transformer: CaptionedDALLE) {
    self.folder = folder
    self.dvae = dvae
    self.transformer = transformer
  }

  private struct Summary: Encodable {
    let psnr, perplexity: Double
    let codesUsed: Int
    let transformerText, transformerImage, heldOutImage, clip, captioner: Float?

    enum CodingKeys: String, CodingKey {
      case psnr, perplexity, clip, captioner
      case codesUsed = "codes_used"
      case transformerText = "transformer_text"
      case transformerImage = "transformer_image"
      case heldOutImage = "held_out_image"
    }
  }

  /// Measures the models on up to 64 pictures, held-out ones if there are such, writes the files, and
  /// prints a summary.
  func write(_ source: TrainingSource) throws {
    let pairs = source.heldOut ?? source.pairs
    let batches = Batches(pairs, batchSize: min(64, pairs.count ?? 64), seed: 99)
    let pictures = try batches.batch(0).pictures
    let kind = source.heldOut == nil ? "learnt" : "held-out"
    var random = Random(seed: 1)
    let report = dvae.report(pictures, using: &random)
    let some = pictures.sliced(axis: 0, 0..<min(8, pictures.shape[0]))
    let both = concatenate([some, dvae.decode(dvae.encode(some))], axis: 0)
    let images = (0..<both.shape[0]).map { Image(both.at($0, axis: 0)).enlarged(by: 2) }
    let (first, second) = ("\(folder)/reconstructions.png", "\(folder)/samples.png")
    try Image.grid(images, columns: some.shape[0]).writePNG(to: first)
    let captions = source.heldOutCaptions.isEmpty ? Array(source.captions) : source.heldOutCaptions
    try SampleSheet.sheet(in: folder)?.writePNG(to: second)
    let third = "\(folder)/nearest.png"
    let sheet = SampleSheet(folder: folder, dvae, captions: captions)
    try sheet.nearest(of: transformer, in: TokenSet("\(folder)/transformer/tokens.safetensors"))
      .writePNG(to: third)

    let summary = Summary(
      psnr: report.psnr, perplexity: report.perplexity, codesUsed: report.used,
      transformerText: try last("text", "transformer"),
      transformerImage: try last("image", "transformer"),
      heldOutImage: try last("validation_image", "transformer", of: 1),
      clip: try last("loss", "clip"),
      captioner: try last("loss", "captioner"))
    try AtomicFile.write(Array(try jsonText(summary).utf8), to: "\(folder)/report.json")
    print(
      String(
        format: "dVAE: %.1f dB, %d of %d codes in use, perplexity %.0f, on %d \(kind) pictures",
        report.psnr, report.used, dvae.configuration.vocabulary, report.perplexity,
        pictures.shape[0]))
    for (name, loss) in [
      ("transformer, text", summary.transformerText),
      ("transformer, image", summary.transformerImage),
      ("transformer, image, held out", summary.heldOutImage), ("CLIP", summary.clip),
      ("captioner", summary.captioner),
    ] {
      if let loss { print(String(format: "\(name): loss %.3f nats", loss)) }
    }
    print("\(first), \(second), \(third), \(folder)/report.json")
    print("try: dalle \"…\" --models \(folder)")
  }

  /// The mean of the last values that a stage's log has under a name.
  private func last(_ name: String, _ stage: String, of count: Int = 100) throws -> Float? {
    let card = ModelCard(kind: "", config: [String: String]())
    let folder = TrainingFolder("\(folder)/\(stage)", card, every: 1, resume: true)
    guard TrainingFolder.hasBegun(folder.path) else { return nil }  // another reranker learnt
    let values = try folder.logged(name).suffix(count).map(\.value)
    return values.isEmpty ? nil : values.reduce(0, +) / Float(values.count)
  }
}
