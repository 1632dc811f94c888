// The discrete VAE of DALL·E (Ramesh et al., 2021, §2.1 and appendix A): pictures become grids
// of codes, and codes become pictures.

import Checkpoints
import NeuralNetwork
import TensorCore

/// Pictures → logits over the codebook for every place of the grid.
public struct DVAEEncoder: Module {
  /// The sizes of the whole dVAE.
  public let configuration: DVAEConfiguration
  /// To the width of group 1, 7×7; after a stem 3×3, or 1×1 if the blocks are.
  public let input: DVAEConvolution
  /// The groups, from the finest resolution to the coarsest.
  public let groups: [DVAEGroup]
  /// To K channels, 1×1.
  public let output: DVAEConvolution

  init(_ c: DVAEConfiguration, _ random: inout Random) {
    configuration = c
    input = DVAEConvolution(
      c.channels * c.stem * c.stem, c.hidden, kernel: c.inputKernel, &random)
    groups = (1...c.groups).map {
      DVAEGroup(
        c.width(max(1, $0 - 1)), c.width($0), blocks: c.blocks,
        kernels: [c.encoderKernel, c.encoderKernel, c.encoderKernel, 1], c, &random)
    }
    output = DVAEConvolution(c.width(c.groups), c.vocabulary, kernel: 1, &random)
  }

  /// `blocks.input`, `blocks.group_1`, … and `blocks.output.conv`, OpenAI's names.
  public var members: Members {
    ("blocks.input", input)
    ("blocks", NumberedFromOne(name: "group", modules: groups))
    ("blocks.output.conv", output)
  }

  /// Mapped pictures [B, H, W, C] → features [B, h, w, D], the input of the last convolution.
  ///
  /// Notes `enc_act.input`, `enc_act.group_g.block_b` and `enc_act.group_g`, the last
  /// after halving the picture, all as [B, C, H, W].
  public func features(_ images: Tensor, trace: Trace? = nil) -> Tensor {
    var x = input(images.spaceToDepth(configuration.stem))  // [B, H/s, W/s, hidden]
    trace?.note("enc_act.input", x.channelsFirst)
    for (i, group) in groups.enumerated() {
      x = group(x, trace: trace?.scope("enc_act.group_\(i + 1)"))
      if i + 1 < groups.count { x = x.maxPooled(kernel: 2, stride: 2) }
      trace?.note("enc_act.group_\(i + 1)", x.channelsFirst)
    }
    return x.relu()
  }

  /// Mapped pictures [B, H, W, C] → logits [B, h, w, K].
  public func callAsFunction(_ images: Tensor, trace: Trace? = nil) -> Tensor {
    output(features(images, trace: trace))
  }
}

/// Codes, hard or soft → the parameters of a distribution for every pixel.
public struct DVAEDecoder: Module {
  /// The sizes of the whole dVAE.
  public let configuration: DVAEConfiguration
  /// From K channels, 1×1: its weights are the codebook.
  public let input: DVAEConvolution
  /// The groups, from the coarsest resolution to the finest.
  public let groups: [DVAEGroup]
  /// To μ and ln b for each channel, 1×1.
  public let output: DVAEConvolution

  init(_ c: DVAEConfiguration, _ random: inout Random) {
    configuration = c
    input = DVAEConvolution(c.vocabulary, c.initial, kernel: 1, &random)
    groups = (1...c.groups).reversed().map {
      DVAEGroup(
        $0 == c.groups ? c.initial : c.width($0 + 1), c.width($0),
        blocks: c.decoderBlocks ?? c.blocks, kernels: [1, 3, 3, 3], c, &random)
    }
    output = DVAEConvolution(c.hidden, 2 * c.channels * c.stem * c.stem, kernel: 1, &random)
  }

  /// `blocks.input`, `blocks.group_1`, … and `blocks.output.conv`, OpenAI's names.
  public var members: Members {
    ("blocks.input", input)
    ("blocks", NumberedFromOne(name: "group", modules: groups))
    ("blocks.output.conv", output)
  }

  /// Embedded codes [B, h, w, initial] → μ and ln b of each channel, [B, H, W, 2·C].
  ///
  /// Notes `dec_act.input`, `dec_act.group_g.block_b` and `dec_act.group_g`, the last
  /// after doubling the picture, all as [B, C, H, W].
  public func statistics(embedded: Tensor, trace: Trace? = nil) -> Tensor {
    var x = embedded
    trace?.note("dec_act.input", x.channelsFirst)
    for (i, group) in groups.enumerated() {
      x = group(x, trace: trace?.scope("dec_act.group_\(i + 1)"))
      if i + 1 < groups.count { x = x.upsampledNearest(2) }
      trace?.note("dec_act.group_\(i + 1)", x.channelsFirst)
    }
    return output(x.relu()).depthToSpace(configuration.stem)
  }

  /// Soft or one-hot codes [B, h, w, K] → μ and ln b of each channel, [B, H, W, 2·C].
  public func callAsFunction(_ codes: Tensor, trace: Trace? = nil) -> Tensor {
    statistics(embedded: input(codes), trace: trace)
  }

  /// Codes [B, h, w] → μ and ln b of each channel, [B, H, W, 2·C]: the same as for one-hot codes,
  /// by a look-up.
  public func callAsFunction(_ codes: IndexTensor, trace: Trace? = nil) -> Tensor {
    let codebook = input.w.reshaped(configuration.initial, -1).transposed(0, 1)  // [K, initial]
    return statistics(embedded: embedding(codebook, codes) + input.b, trace: trace)
  }
}

/// An encoder from pictures to codes, and a decoder from codes to pictures.
public struct DiscreteVAE: Module {
  /// The sizes of encoder and decoder.
  public let configuration: DVAEConfiguration
  /// Mapped pictures [B, H, W, C] → logits [B, h, w, K]
  public let encoder: DVAEEncoder
  /// Codes [B, h, w] → μ and ln b of each channel, [B, H, W, 2·C]
  public let decoder: DVAEDecoder

  /// The kind that its checkpoints state.
  public static let kind = "dvae"

  /// An untrained dVAE.
  public init(_ configuration: DVAEConfiguration, _ random: inout Random) {
    self.configuration = configuration
    encoder = DVAEEncoder(configuration, &random)
    decoder = DVAEDecoder(configuration, &random)
  }

  /// Both networks, under `encoder` and `decoder`.
  public var members: Members {
    ("encoder", encoder)
    ("decoder", decoder)
  }

  /// Pictures [B, C, H, W] in 0 … 1 → codes [B, h, w], the most probable one at each place.
  /// Height and width must be multiples of `configuration.factor`.
  public func encode(_ images: Tensor) -> IndexTensor {
    codes(images) { $0.argmax(axis: 3) }
  }

  /// Pictures [B, C, H, W] in 0 … 1 → codes [B, h, w] drawn from the posterior. Height and width
  /// must be multiples of `configuration.factor`.
  public func sample(_ images: Tensor, using random: inout Random) -> IndexTensor {
    codes(images) { ($0 + .gumbel($0.shape, &random)).argmax(axis: 3) }
  }

  /// 256 MB.
  private static let mostNumbers = 1 << 26

  /// Codes [B, h, w] for pictures [B, C, H, W] in 0 … 1: what `choose` takes from the encoder's
  /// logits, without gradient. Large pictures are encoded some at a time, and the logits of a large
  /// codebook are computed for some places at a time, [1, 1, n, K]: those of a whole tile can take
  /// gigabytes.
  private func codes(
    _ images: Tensor, _ choose: (Tensor) -> IndexTensor
  ) -> IndexTensor {
    let f = configuration.factor
    precondition(
      images.rank == 4 && images.shape[2] % f == 0 && images.shape[3] % f == 0,
      "pictures \(images.shape) do not divide into squares of \(f)×\(f) pixels")
    // The first group has the most numbers.
    let c = configuration
    let numbers = images.shape[2] * images.shape[3] / (c.stem * c.stem) * c.hidden
    let part = max(1, Self.mostNumbers / numbers)
    return withoutGradient {
      let features = inParts(of: part, count: images.shape[0]) {
        encoder.features(mapPixels(images.sliced(axis: 0, $0)).channelsLast)
      }  // [B, h, w, D]
      let grid = Array(features.shape.dropLast())
      let places = grid.reduce(1, *)
      let size = max(1, Self.mostNumbers / c.vocabulary)
      if places <= size { return choose(encoder.output(features)) }
      let flat = features.reshaped(1, 1, places, features.shape[3])
      let parts = (0..<places).parts(of: size).map { part in
        choose(encoder.output(flat.sliced(axis: 2, part))).values
      }
      return IndexTensor(shape: grid, parts.flatMap { $0 })
    }
  }

  /// Codes [B, h, w] → pictures [B, C, H, W] in 0 … 1.
  public func decode(_ codes: IndexTensor) -> Tensor {
    withoutGradient { Self.picture(decoder(codes)).channelsFirst }
  }

  /// The bound's terms for mapped pictures [B, H, W, C], where the decoder's input `codes`
  /// [B, h, w, K] was drawn from the posterior with these logits [B, h, w, K].
  public func bound(_ images: Tensor, _ codes: Tensor, logits: Tensor) -> EvidenceBound {
    EvidenceBound(images, decoder(codes), logits: logits, floor: configuration.logScaleFloor)
  }

  /// Statistics [B, H, W, 2·C] → the most likely picture [B, H, W, C] in 0 … 1, which does not
  /// depend on ln b.
  public static func picture(_ statistics: Tensor) -> Tensor {
    let c = statistics.shape[3] / 2
    return unmapPixels(statistics.sliced(axis: 3, 0..<c).sigmoid())
  }
}
