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

/// Samples for the same captions at several times of a training, a row of pictures each time.
struct SampleSheet {
  private let folder: String
  private let dvae: DiscreteVAE
  private let captions: [String]

  /// Six captions, spread over all.
  init(folder: String, _ dvae: DiscreteVAE, captions: [String]) {
    self.folder = "\(folder)/samples"
    self.dvae = dvae
    let n = min(6, captions.count)
    self.captions = (0..<n).map { captions[$0 * captions.count / n] }
  }

  /// Draws the row for a model after some steps. The file of each row stays, so that a resumed
  /// run has them all.
  func add(_ steps: Int, _ transformer: CaptionedDALLE) throws {
    try OutputCheck.folder(folder)
    let decoder = DALLEDecoder(transformer.model)
    let c = transformer.model.configuration
    let pictures = try captions.map { caption in
      let codes = try transformer.draw(
        caption, candidates: 0..<1, seed: 1, .cautious, truncate: true, decoder: decoder)
      let grid = IndexTensor(shape: [1, c.rows, c.columns], codes.values)
      return Image(dvae.decode(grid).at(0, axis: 0)).enlarged(by: 2)
    }
    let row = Image.grid(
      pictures, columns: pictures.count, labels: captions.map { "\(steps): \($0)" })
    try row.writePNG(to: "\(folder)/\(String(format: "%07d", steps)).png")
  }

  /// All rows, one below the other.
  static func sheet(in folder: String) throws -> Image? {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/samples"))?.sorted() ?? []
    let rows = try names.filter { $0.hasSuffix(".png") }.map {
      try Image(contentsOf: "\(folder)/samples/\($0)")
    }
    return rows.isEmpty ? nil : Image.grid(rows, columns: 1, gutter: 0)
  }
}

/// `report.json`, `reconstructions.png` and `samples.png` of a training.
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
    let transformerText, transformerImage, clip, captioner: Float?

    enum CodingKeys: String, CodingKey {
      case psnr, perplexity, clip, captioner
      case codesUsed = "codes_used"
      case transformerText = "transformer_text"
      case transformerImage = "transformer_image"
    }
  }

  /// Measures the models on up to 64 pictures, writes the files, and prints a summary.
  func write(_ pairs: any PairSource) throws {
    let batches = Batches(pairs, batchSize: min(64, max(8, pairs.count ?? 8)), seed: 99)
    let pictures = try batches.batch(0).pictures
    var random = Random(seed: 1)
    let report = dvae.report(pictures, using: &random)
    let some = pictures.sliced(axis: 0, 0..<min(8, pictures.shape[0]))
    let both = concatenate([some, dvae.decode(dvae.encode(some))], axis: 0)
    let images = (0..<both.shape[0]).map { Image(both.at($0, axis: 0)).enlarged(by: 2) }
    let (first, second) = ("\(folder)/reconstructions.png", "\(folder)/samples.png")
    try Image.grid(images, columns: some.shape[0]).writePNG(to: first)
    try SampleSheet.sheet(in: folder)?.writePNG(to: second)

    let summary = Summary(
      psnr: report.psnr, perplexity: report.perplexity, codesUsed: report.used,
      transformerText: try last("text", "transformer"),
      transformerImage: try last("image", "transformer"), clip: try last("loss", "clip"),
      captioner: try last("loss", "captioner"))
    try AtomicFile.write(Array(try jsonText(summary).utf8), to: "\(folder)/report.json")
    print(
      String(
        format: "dVAE: %.1f dB, %d of %d codes in use, perplexity %.0f", report.psnr, report.used,
        dvae.configuration.vocabulary, report.perplexity))
    for (name, loss) in [
      ("transformer, text", summary.transformerText),
      ("transformer, image", summary.transformerImage), ("CLIP", summary.clip),
      ("captioner", summary.captioner),
    ] {
      if let loss { print(String(format: "\(name): loss %.3f nats", loss)) }
    }
    print("\(first), \(second), \(folder)/report.json")
    print("try: dalle \"…\" --models \(folder)")
  }

  /// The mean of the last hundred values that a stage's log has under a name.
  private func last(_ name: String, _ stage: String) throws -> Float? {
    let card = ModelCard(kind: "", config: [String: String]())
    let folder = TrainingFolder("\(folder)/\(stage)", card, every: 1, resume: true)
    guard TrainingFolder.hasBegun(folder.path) else { return nil }  // another reranker learnt
    let values = try folder.logged(name).suffix(100).map(\.value)
    return values.isEmpty ? nil : values.reduce(0, +) / Float(values.count)
  }
}
