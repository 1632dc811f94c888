// The one way in which a model comes out of its checkpoint.

import NeuralNetwork
import TensorCore

extension Checkpoint {
  /// The model that this checkpoint describes, with its weights.
  ///
  /// - Parameter make: Makes an untrained model of some sizes.
  /// - Throws: A `CheckpointError` if the sizes are impossible, more than the file holds, or not
  ///   those of its tensors.
  public func model<Configuration: ModelConfiguration, Model: Module>(
    _ make: (Configuration, inout Random) -> Model
  ) throws(CheckpointError) -> Model {
    let configuration = try config(Configuration.self)
    if let flaw = configuration.flaw {
      throw .mismatch(file: file.path, reason: "its config cannot be: \(flaw)")
    }
    // Sizes are counted before memory is asked for.
    try file.check(parameters: configuration.parameterCount)
    var random = Random(seed: 0)
    let model = make(configuration, &random)
    try load(into: model)
    return model
  }

  /// The note `name`, without which the model is of no use.
  ///
  /// Throws a `CheckpointError` if the checkpoint has none.
  public func note(_ name: String) throws(CheckpointError) -> String {
    guard let note = card.notes[name] else {
      throw .mismatch(file: file.path, reason: "holds no \(name) beside its model")
    }
    return note
  }
}
