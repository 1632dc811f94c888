import CourseKit
import Solutions
import TensorCore

let chapter1: [any Mutant1.Type] = [
  ColumnsFirst.self, ChannelsLast.self, NothingPermuted.self, PatchTransposed.self,
  GridTransposed.self, ChannelsLastBack.self, NothingPermutedBack.self, StrideOne.self,
  BiasForgotten.self, TokensByColumn.self, ClassTokenLast.self, Nearest.self, Bilinear.self,
  RowsForColumns.self, ScaleForgotten.self, ScaleTooLarge.self, SoftmaxOverQueries.self,
  ExpWithoutMaximum.self, OverTokens.self, VarianceForDeviation.self, SampleVariance.self,
  NothingAdded.self, AttentionReplaces.self, MLPReplaces.self, NothingNormalised.self,
  SumsNormalised.self, CopyAddedTo.self, SideBySide.self, FirstNormTwice.self, MLPWithoutGELU.self,
  HeadsAsOne.self, HeadsNotMixed.self, IdentityForgotten.self, LayersReversed.self,
  NotNormalised.self, LastLayerOnly.self, OneTooMany.self, AlwaysMasked.self, OtherMayBeOwn.self,
  FirstHalf.self, EveryPatch.self, LeftAloneOnly.self, HiddenOnly.self, KeptLeftOut.self,
  ColourOfSource.self, DividedByAll.self, NotDivided.self,
]

enum ColumnsFirst: Mutant1 {
  static let note = Note(
    "1.1", caughtBy: "random pictures",
    "the patches follow one another down the columns of the grid; they should follow the rows")
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    let (b, c) = (images.shape[0], images.shape[1])
    let (rows, columns) = (images.shape[2] / patch, images.shape[3] / patch)
    return images.reshaped(b, c, rows, patch, columns, patch).permuted(0, 4, 2, 1, 3, 5)
      .reshaped(b, rows * columns, c * patch * patch)
  }
}

enum ChannelsLast: Mutant1 {
  static let note = Note(
    "1.1", caughtBy: "two channels of 2×4 pixels",
    "within a patch the channel comes last; it should come first, before row and column")
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    let right = try Reference1.patchify(images, patch: patch)
    let (b, n) = (right.shape[0], right.shape[1])
    return right.reshaped(b, n, images.shape[1], patch * patch).transposed(2, 3).reshaped(b, n, -1)
  }
}

enum NothingPermuted: Mutant1 {
  static let note = Note(
    "1.1", caughtBy: "two channels of 2×4 pixels",
    "the picture was only reshaped: a patch needs numbers that lie far apart, so axes must move")
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    let right = try Reference1.patchify(images, patch: patch)
    return images.reshaped(right.shape)
  }
}

enum PatchTransposed: Mutant1 {
  static let note = Note(
    "1.1", caughtBy: "two channels of 2×4 pixels",
    "rows and columns within a patch are exchanged")
  static func patchify(_ images: Tensor, patch: Int) throws -> Tensor {
    let right = try Reference1.patchify(images, patch: patch)
    let (b, n) = (right.shape[0], right.shape[1])
    return right.reshaped(b, n, -1, patch, patch).transposed(3, 4).reshaped(b, n, -1)
  }
}

enum GridTransposed: Mutant1 {
  static let note = Note(
    "1.2", caughtBy: "random patches",
    "the patches are laid down column by column; they should be laid down row by row")
  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    let (b, n, d) = (patches.shape[0], patches.shape[1], patches.shape[2])
    let turned = patches.reshaped(b, columns, rows, d).transposed(1, 2).reshaped(b, n, d)
    return try Reference1.unpatchify(turned, patch: patch, rows: rows, columns: columns)
  }
}

enum ChannelsLastBack: Mutant1 {
  static let note = Note(
    "1.2", caughtBy: "two patches of two channels",
    "the numbers of a patch were read as row, column, channel; they are channel, row, column")
  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    let (b, n) = (patches.shape[0], patches.shape[1])
    let turned = patches.reshaped(b, n, patch * patch, -1).transposed(2, 3).reshaped(b, n, -1)
    return try Reference1.unpatchify(turned, patch: patch, rows: rows, columns: columns)
  }
}

enum NothingPermutedBack: Mutant1 {
  static let note = Note(
    "1.2", caughtBy: "two patches of two channels",
    "the patches were only reshaped: their rows must be woven into the rows of the picture")
  static func unpatchify(_ patches: Tensor, patch: Int, rows: Int, columns: Int) throws -> Tensor {
    patches.reshaped(patches.shape[0], -1, rows * patch, columns * patch)
  }
}

enum StrideOne: Mutant1 {
  static let note = Note(
    "1.3", caughtBy: "shape [2, 6, 5]",
    "the window moves by one pixel; patches do not overlap, so the stride is the size of a patch")
  static func embed(_ images: Tensor, weight: Tensor, bias: Tensor) throws -> Tensor {
    let map = convolution2D(images.channelsLast, weight, bias, stride: 1, padding: 0)
    return map.reshaped(map.shape[0], -1, map.shape[3])
  }
}

enum BiasForgotten: Mutant1 {
  static let note = Note(
    "1.3", caughtBy: "black pictures give the bias", "the bias is not added")
  static func embed(_ images: Tensor, weight: Tensor, bias: Tensor) throws -> Tensor {
    try Reference1.embed(images, weight: weight, bias: .zeros(bias.shape))
  }
}

enum TokensByColumn: Mutant1 {
  static let note = Note(
    "1.3", caughtBy: "sums of patches, and a bias",
    "the tokens follow one another down the columns of the grid; they should follow the rows")
  static func embed(_ images: Tensor, weight: Tensor, bias: Tensor) throws -> Tensor {
    let p = weight.shape[2]
    let map = convolution2D(images.channelsLast, weight, bias, stride: p, padding: 0)
    return map.transposed(1, 2).reshaped(map.shape[0], -1, map.shape[3])
  }
}

enum ScaleForgotten: Mutant1 {
  static let note = Note(
    "1.5", caughtBy: "two keys, three to one",
    "the scores are not divided by √Dh, so the softmax is too sure")
  static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    matmul(matmul(query, key, transposeB: true).softmax(), value)
  }
}

enum ScaleTooLarge: Mutant1 {
  static let note = Note(
    "1.5", caughtBy: "two keys, three to one",
    "the scores are divided by Dh; they should be divided by its square root")
  static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    let scores = matmul(query, key, transposeB: true) / Float(query.shape[2])
    return matmul(scores.softmax(), value)
  }
}

enum SoftmaxOverQueries: Mutant1 {
  static let note = Note(
    "1.5", caughtBy: "two keys, three to one",
    "the softmax runs over the queries; the shares of one query must add up to 1 over the keys")
  static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    let scores = matmul(query, key, transposeB: true) / Float(query.shape[2]).squareRoot()
    return matmul(scores.softmax(axis: 1), value)
  }
}

enum ExpWithoutMaximum: Mutant1 {
  static let note = Note(
    "1.5", caughtBy: "scores of 1,000",
    "exp of a large score is infinite: subtract the largest score of a row first, or use softmax")
  static func attention(_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor {
    let scores = matmul(query, key, transposeB: true) / Float(query.shape[2]).squareRoot()
    // exp(88.8) is the first that 32 bits cannot hold.
    let shares = Tensor(
      shape: scores.shape, scores.scalars.map { $0 > 88.7 ? .infinity : Tensor($0).exp().item })
    return matmul(shares / shares.sum(axis: 2, keepingAxis: true), value)
  }
}

enum ClassTokenLast: Mutant1 {
  static let note = Note(
    "1.4", caughtBy: "two places become one",
    "the class token's embedding was put after the others; it comes first")
  static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor {
    let right = try Reference1.interpolate(positions, from: from, to: to)
    return concatenate(
      [right.sliced(axis: 1, 1..<right.shape[1]), right.sliced(axis: 1, 0..<1)], axis: 1)
  }
}

enum Nearest: Mutant1 {
  static let note = Note(
    "1.4", caughtBy: "random embeddings, 3×4 to 5×2",
    "each place took the nearest embedding; between places they should be interpolated, bicubically"
  )
  static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor {
    let d = positions.shape[2]
    let places = (0..<to.rows * to.columns).map { place -> Int32 in
      let row = (2 * (place / to.columns) + 1) * from.rows / (2 * to.rows)
      let column = (2 * (place % to.columns) + 1) * from.columns / (2 * to.columns)
      return Int32(1 + row * from.columns + column)
    }
    let table = positions.reshaped(-1, d)
    return embedding(table, IndexTensor(shape: [1, places.count + 1], [0] + places))
  }
}

enum Bilinear: Mutant1 {
  static let note = Note(
    "1.4", caughtBy: "random embeddings, 3×4 to 5×2",
    "this is bilinear interpolation; it should be bicubic, as in the public packages")
  static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor {
    let (n, d) = (positions.shape[1], positions.shape[2])
    let map = positions.sliced(axis: 1, 1..<n).reshaped(1, from.rows, from.columns, d)
    let resized = map.resized(height: to.rows, width: to.columns, .bilinear).reshaped(1, -1, d)
    return concatenate([positions.sliced(axis: 1, 0..<1), resized], axis: 1)
  }
}

enum RowsForColumns: Mutant1 {
  static let note = Note(
    "1.4", caughtBy: "random embeddings, 3×4 to 5×2",
    "rows and columns of the grids are exchanged")
  static func interpolate(
    _ positions: Tensor, from: (rows: Int, columns: Int), to: (rows: Int, columns: Int)
  ) throws -> Tensor {
    try Reference1.interpolate(
      positions, from: (from.columns, from.rows), to: (to.columns, to.rows))
  }
}

enum IdentityForgotten: Mutant1 {
  static let note = Note(
    "1.8", caughtBy: "random attention of three layers",
    "a token also comes from itself, past the attention: mix each layer half and half with the "
      + "identity")
  static func rollout(_ probabilities: [Tensor]) throws -> Tensor {
    let t = probabilities[0].shape[3]
    let flows = probabilities.map { $0.mean(axis: 1) }
    let patches = flows.dropFirst().reduce(flows[0]) { matmul($1, $0) }.at(0, axis: 1)
      .sliced(axis: 1, 1..<t)
    return patches / patches.sum(axis: 1, keepingAxis: true)
  }
}

enum LayersReversed: Mutant1 {
  static let note = Note(
    "1.8", caughtBy: "two layers of three tokens",
    "the layers are multiplied in the wrong order: the last layer stands leftmost")
  static func rollout(_ probabilities: [Tensor]) throws -> Tensor {
    try Reference1.rollout(probabilities.reversed())
  }
}

enum NotNormalised: Mutant1 {
  static let note = Note(
    "1.8", caughtBy: "shares have the sum 1",
    "the shares of the patches are not scaled to sum 1 after the class token was left out")
  static func rollout(_ probabilities: [Tensor]) throws -> Tensor {
    let t = probabilities[0].shape[3]
    let identity = Tensor(shape: [t, t], (0..<t * t).map { $0 % (t + 1) == 0 ? 1 : 0 })
    let flows = probabilities.map { ($0.mean(axis: 1) + identity) * 0.5 }
    return flows.dropFirst().reduce(flows[0]) { matmul($1, $0) }.at(0, axis: 1)
      .sliced(axis: 1, 1..<t)
  }
}

enum LastLayerOnly: Mutant1 {
  static let note = Note(
    "1.8", caughtBy: "random attention of three layers",
    "only the last layer counts; what it attends to was mixed by the layers before")
  static func rollout(_ probabilities: [Tensor]) throws -> Tensor {
    try Reference1.rollout(Array(probabilities.suffix(1)))
  }
}

enum OneTooMany: Mutant1 {
  static let note = Note(
    "1.9", caughtBy: "N entries, N/2 of them corrupted",
    "one patch too many is corrupted when N is odd: N/2 is rounded down")
  static func corruption(patches: Int, using random: inout Random) throws -> [Int?] {
    var sources = try Reference1.corruption(patches: patches, using: &random)
    if patches % 2 == 1, let free = sources.firstIndex(of: nil) { sources[free] = patches }
    return sources
  }
}

enum AlwaysMasked: Mutant1 {
  static let note = Note(
    "1.9", caughtBy: "80 % hidden, 10 % exchanged, 10 % kept",
    "every corrupted patch is hidden; a tenth should be exchanged and a tenth stay as it is")
  static func corruption(patches: Int, using random: inout Random) throws -> [Int?] {
    try Reference1.corruption(patches: patches, using: &random).map { $0 == nil ? nil : patches }
  }
}

enum OtherMayBeOwn: Mutant1 {
  static let note = Note(
    "1.9", caughtBy: "another patch is never the patch itself",
    "another patch is drawn from all patches, so that it may be the patch's own")
  static func corruption(patches: Int, using random: inout Random) throws -> [Int?] {
    var sources = try Reference1.corruption(patches: patches, using: &random)
    for (place, source) in sources.enumerated() where source != patches && source != nil {
      if source != place { sources[place] = random.integer(below: patches) }
    }
    return sources
  }
}

enum FirstHalf: Mutant1 {
  static let note = Note(
    "1.9", caughtBy: "all places alike",
    "the first half is always corrupted: shuffle the places first")
  static func corruption(patches: Int, using random: inout Random) throws -> [Int?] {
    let drawn = try Reference1.corruption(patches: patches, using: &random)
    return drawn.enumerated().filter { $1 != nil }.enumerated().map { place, entry in
      entry.element == patches
        ? patches : entry.element == entry.offset ? place : (place + 1) % patches
    } + [Int?](repeating: nil, count: patches - patches / 2)
  }
}
