// What a transformer draws while it learns, and what in its training set is most like that.

import DALLE
import DALLETraining
import DiscreteVAE
import Files
import Foundation
import Images
import PictureFiles
import Sheets
import TensorCore

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
    let pictures = try draw(transformer).map { picture(of: $0, transformer) }
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

  /// What a model draws, and below each picture the one of its training set that has most codes in common with
  /// it: a copy has nearly all.
  func nearest(of transformer: CaptionedDALLE, in tokens: TokenSet) throws -> Image {
    let drawn = try draw(transformer)
    let found = try drawn.map { try tokens.nearest(to: $0) }
    let learnt = try found.map { try tokens.codes(at: $0.index) }
    let labels =
      try captions
      + found.map {
        "\($0.equal) of \(tokens.rows * tokens.columns) codes: \(try tokens.caption(at: $0.index))"
      }
    return Image.grid(
      (drawn + learnt).map { picture(of: $0, transformer) }, columns: drawn.count, labels: labels)
  }

  /// The codes that a model draws for each caption, [N].
  private func draw(_ transformer: CaptionedDALLE) throws -> [[Int32]] {
    let decoder = DALLEDecoder(transformer.model)
    return try captions.map {
      try transformer.draw(
        $0, candidates: 0..<1, seed: 1, .cautious, truncate: true, decoder: decoder
      ).values
    }
  }

  private func picture(of codes: [Int32], _ transformer: CaptionedDALLE) -> Image {
    let c = transformer.model.configuration
    let grid = IndexTensor(shape: [1, c.rows, c.columns], codes)
    return Image(dvae.decode(grid).at(0, axis: 0)).enlarged(by: 2)
  }
}
