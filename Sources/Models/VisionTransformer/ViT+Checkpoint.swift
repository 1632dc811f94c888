// A classifier that fits the weights in a file.

import Checkpoints
import TensorCore

extension ViT {
  /// An untrained classifier with as many classes as the one in `file`, where names begin with
  /// `prefix`.
  ///
  /// Throws a `CheckpointError` if the file has no such classifier.
  public init(
    _ configuration: ViTConfiguration, fitting file: SafetensorsFile, prefix: String = ""
  ) throws(CheckpointError) {
    try file.check(parameters: configuration.parameterCount)
    let name = "\(prefix)classifier.weight"
    let classes = try Self.classes(
      file.info(name).shape, name, configuration, in: file.path)
    var random = Random(seed: 0)
    self.init(configuration, classes: classes, &random)
  }

  /// The number of classes of a head whose matrix has the shape [classes, D].
  package static func classes(
    _ shape: [Int], _ name: String, _ configuration: ViTConfiguration, in path: String
  ) throws(CheckpointError) -> Int {
    guard shape.count == 2, shape[0] > 0, shape[1] == configuration.width else {
      throw .mismatch(
        file: path,
        reason: "\"\(name)\" has the shape \(shape), expected [classes, \(configuration.width)]")
    }
    return shape[0]
  }
}
