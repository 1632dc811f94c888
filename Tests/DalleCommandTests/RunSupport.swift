import CLIP
import CLIPTraining
import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import Foundation
import Images
import PictureFiles
import StickerTraining
import TensorCore
import TestSupport
import Text

@testable import DalleCommand

/// Runs `dalle` and returns its status and what it says on standard error.
func dalle(_ arguments: [String]) -> (status: Int32, complaint: String) {
  var complaint = ""
  let status = Dalle.execute(arguments) { complaint += $0 }
  return (status, complaint)
}

extension TemporaryFolder {
  /// Writes `count` different pictures of 8×8 pixels with captions into a new folder.
  func addPictures(_ count: Int, to name: String = "data") throws -> String {
    let folder = file(name)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for i in 0..<count {
      let fill = (UInt8(40 * i % 256), UInt8(90), UInt8(200 - 20 * i % 200))
      try Image(width: 8, height: 8, fill: fill).writePNG(to: "\(folder)/\(i).png")
      try Data("a picture of thing number \(i)\n".utf8).write(
        to: URL(filePath: "\(folder)/\(i).txt"))
    }
    return folder
  }

  /// Writes the sizes of a small dVAE and of a small transformer, and an untrained dVAE.
  func addSizes() throws -> (dvae: String, transformer: String, model: String) {
    let dvae = DVAEConfiguration(
      hidden: 8, initial: 8, blocks: 1, groups: 3, vocabulary: 16, stem: 4)
    var transformer = DALLEConfiguration.stickers(vocabulary: 1)
    (transformer.width, transformer.layers, transformer.heads) = (16, 1, 2)
    let paths = (file("dvae.json"), file("transformer.json"), file("small.safetensors"))
    try JSONEncoder().encode(dvae).write(to: URL(filePath: paths.0))
    try JSONEncoder().encode(transformer).write(to: URL(filePath: paths.1))
    var random = Random(seed: 1)
    try Checkpoint.save(
      DiscreteVAE(dvae, &random), ModelCard(kind: DiscreteVAE.kind, config: dvae), to: paths.2)
    return paths
  }
}
