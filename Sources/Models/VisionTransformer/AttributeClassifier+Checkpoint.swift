import Checkpoints
import TensorCore

extension AttributeClassifier {
  /// The classifier in a checkpoint.
  ///
  /// Throws a `CheckpointError` if the file holds something else.
  public init(_ checkpoint: Checkpoint) throws(CheckpointError) {
    var values: [Int] = []
    while checkpoint.file.names.contains("heads.\(values.count).bias") {
      values.append(try checkpoint.file.info("heads.\(values.count).bias").shape.reduce(1, *))
    }
    self = try checkpoint.model { (configuration: ViTConfiguration, random) in
      AttributeClassifier(configuration, values: values, &random)
    }
  }
}
