// The sizes of a dVAE in a checkpoint.

extension DVAEConfiguration {
  enum CodingKeys: String, CodingKey {
    case hidden = "n_hid"
    case initial = "n_init"
    case blocks = "n_blk_per_group"
    case decoderBlocks = "n_blk_per_group_decoder"
    case groups = "group_count"
    case vocabulary = "vocab_size"
    case channels = "output_channels"
    case stem, bottleneck
    case encoderKernel = "encoder_kernel"
    case postGain = "post_gain"
    case logScaleFloor = "log_scale_floor"
  }

  /// Reads what `encode(to:)` writes. Missing entries default to OpenAI's, but at least one entry
  /// must be present.
  ///
  /// Throws a `DecodingError` if none is, or if a value has the wrong type or is out of range.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    guard !values.allKeys.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .hidden, in: values, debugDescription: "it names none of a dVAE's sizes")
    }
    func given(_ key: CodingKeys) throws -> Int? {
      let value = try values.decodeIfPresent(Int.self, forKey: key)
      let most = key == .groups ? 16 : key == .stem ? 256 : 1 << 20
      guard (1...most).contains(value ?? 1) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values, debugDescription: "\(key.rawValue) must be 1 to \(most)")
      }
      return value
    }
    func kernel() throws -> Int {
      let kernel = try whole(.encoderKernel, 3)
      guard kernel == 1 || kernel == 3 else {
        throw DecodingError.dataCorruptedError(
          forKey: .encoderKernel, in: values,
          debugDescription: "\(CodingKeys.encoderKernel.rawValue) must be 1 or 3")
      }
      return kernel
    }
    func whole(_ key: CodingKeys, _ usual: Int) throws -> Int { try given(key) ?? usual }
    self.init(
      hidden: try whole(.hidden, 256), initial: try whole(.initial, 128),
      blocks: try whole(.blocks, 2), decoderBlocks: try given(.decoderBlocks),
      groups: try whole(.groups, 4),
      vocabulary: try whole(.vocabulary, 8192), channels: try whole(.channels, 3),
      stem: try whole(.stem, 1), encoderKernel: try kernel(), bottleneck: try whole(.bottleneck, 4),
      postGain: try values.decodeIfPresent(Float.self, forKey: .postGain),
      logScaleFloor: try values.decodeIfPresent(Float.self, forKey: .logScaleFloor) ?? -7)
  }
}
