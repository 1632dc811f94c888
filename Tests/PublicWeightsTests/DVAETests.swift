import Checkpoints
import DiscreteVAE
import NeuralNetwork
import PublicWeights
import TensorCore
import TestSupport
import Testing

@Suite struct DVAEPublicWeightsTests {
  private let small = DVAEConfiguration(
    hidden: 8, initial: 12, blocks: 2, groups: 3, vocabulary: 20)

  private func stored(_ module: some Module, prefix: String = "") -> [(String, StoredTensor)] {
    module.tensors.map { (prefix + $0.name, .floats($0.tensor)) }
  }

  @Test func `two files or one give the model, with sizes from the shapes`() throws {
    var random = Random(seed: 1)
    let dvae = DiscreteVAE(small, &random)
    let folder = try TemporaryFolder()
    let (encoder, decoder, both) = (
      folder.file("encoder.safetensors"), folder.file("decoder.safetensors"),
      folder.file("both.safetensors")
    )
    try writeSafetensors(stored(dvae.encoder), metadata: [:], to: encoder)
    try writeSafetensors(stored(dvae.decoder), metadata: [:], to: decoder)
    try writeSafetensors(
      stored(dvae.encoder, prefix: "encoder.") + stored(dvae.decoder, prefix: "decoder."),
      metadata: [:], to: both)
    for loaded in [
      try DiscreteVAE(publicWeights: encoder, decoder), try DiscreteVAE(publicWeights: both),
    ] {
      #expect(loaded.configuration == small)
      #expect(loaded.tensors.map(\.tensor.scalars) == dvae.tensors.map(\.tensor.scalars))
    }
    // Swapped, and one half alone.
    #expect(throws: CheckpointError.self) { try DiscreteVAE(publicWeights: decoder, encoder) }
    #expect(throws: CheckpointError.self) { try DiscreteVAE(publicWeights: encoder) }
  }

  @Test func `a missing tensor or a wrong shape is an error with the tensor's name`() throws {
    var random = Random(seed: 2)
    let dvae = DiscreteVAE(small, &random)
    let folder = try TemporaryFolder()
    func refusal(_ name: String, _ shape: [Int]?) throws -> String {
      let path = folder.file("both.safetensors")
      var tensors =
        stored(dvae.encoder, prefix: "encoder.") + stored(dvae.decoder, prefix: "decoder.")
      tensors.removeAll { $0.0 == name }
      if let shape { tensors.append((name, .floats(.zeros(shape)))) }
      try writeSafetensors(tensors, metadata: [:], to: path)
      return
        "\(#expect(throws: CheckpointError.self) { try DiscreteVAE(publicWeights: path) } as Any)"
    }
    let block = "encoder.blocks.group_2.block_2.res_path.conv_3.w"
    #expect(try refusal(block, nil).contains("conv_3.w"))
    #expect(try refusal(block, [4, 4, 5, 5]).contains("[4, 4, 5, 5] in the file"))
    #expect(try refusal("decoder.blocks.input.w", nil).contains("blocks.input.w"))
    #expect(try refusal("encoder.blocks.input.w", [8]).contains("[8]"))
    #expect(try refusal("encoder.blocks.input.w", [0, 3, 7, 7]).contains("[0, 3, 7, 7]"))
  }
}
