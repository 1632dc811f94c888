// Mutants of the transformer block, exercise 1.7.

import CourseKit
import Solutions
import TensorCore

private typealias Norm = (gain: Tensor, bias: Tensor)

private func normalised(_ x: Tensor, _ norm: Norm) -> Tensor { layerNorm(x, norm.gain, norm.bias) }

/// What the heads make of normalised tokens.
private func context(_ x: Tensor, _ w: BlockWeights, _ heads: Int) -> Tensor {
  attention(linear(x, w.query), linear(x, w.key), linear(x, w.value), heads: heads)
}

/// What attention adds, of normalised tokens.
private func attended(_ x: Tensor, _ w: BlockWeights, _ heads: Int) -> Tensor {
  linear(context(x, w, heads), w.output)
}

/// What the MLP adds, of normalised tokens.
private func treated(_ x: Tensor, _ w: BlockWeights) -> Tensor {
  linear(linear(x, w.first).gelu(), w.second)
}

enum AttentionReplaces: Mutant1 {
  static let note = Note(
    "1.7", caughtBy: "parts that give zeros change nothing",
    "what attention gives takes the place of the tokens; it should be added to them")
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    let y = attended(normalised(x, weights.norm1), weights, heads)
    return y + treated(normalised(y, weights.norm2), weights)
  }
}

enum MLPReplaces: Mutant1 {
  static let note = Note(
    "1.7", caughtBy: "parts that give zeros change nothing",
    "what the MLP gives takes the place of the tokens; it should be added to them")
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    let y = x + attended(normalised(x, weights.norm1), weights, heads)
    return treated(normalised(y, weights.norm2), weights)
  }
}

enum NothingNormalised: Mutant1 {
  static let note = Note(
    "1.7", caughtBy: "two tokens of two numbers",
    "attention and MLP read the tokens as they are; each reads a normalised copy")
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    let y = x + attended(x, weights, heads)
    return y + treated(y, weights)
  }
}

enum SumsNormalised: Mutant1 {
  static let note = Note(
    "1.7", caughtBy: "parts that give zeros change nothing",
    "the sums are normalised, as in the first transformers; here the norms stand before attention "
      + "and MLP, and nothing normalises what is added up")
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    let y = normalised(x + attended(x, weights, heads), weights.norm1)
    return normalised(y + treated(y, weights), weights.norm2)
  }
}

enum CopyAddedTo: Mutant1 {
  static let note = Note(
    "1.7", caughtBy: "parts that give zeros change nothing",
    "the results are added to the normalised copies; add them to the tokens themselves")
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    let copy = normalised(x, weights.norm1)
    let copyAgain = normalised(copy + attended(copy, weights, heads), weights.norm2)
    return copyAgain + treated(copyAgain, weights)
  }
}

enum SideBySide: Mutant1 {
  static let note = Note(
    "1.7", caughtBy: "random tokens and weights",
    "the MLP reads the tokens from before attention; it should read what attention was added to")
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    x + attended(normalised(x, weights.norm1), weights, heads)
      + treated(normalised(x, weights.norm2), weights)
  }
}

enum FirstNormTwice: Mutant1 {
  static let note = Note(
    "1.7", caughtBy: "two tokens of two numbers",
    "both norms have the gain and bias of the first one; the MLP has a norm of its own, norm2")
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    let y = x + attended(normalised(x, weights.norm1), weights, heads)
    return y + treated(normalised(y, weights.norm1), weights)
  }
}

enum MLPWithoutGELU: Mutant1 {
  static let note = Note(
    "1.7", caughtBy: "two tokens of two numbers",
    "nothing stands between the two layers of the MLP, so that they are one matrix: GELU belongs "
      + "there")
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    let y = x + attended(normalised(x, weights.norm1), weights, heads)
    return y + linear(linear(normalised(y, weights.norm2), weights.first), weights.second)
  }
}

enum HeadsAsOne: Mutant1 {
  static let note = Note(
    "1.7", caughtBy: "random tokens and weights",
    "all numbers of a token are one head; there are h of them, each with a slice of the width")
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    try Reference1.block(x, weights, heads: 1)
  }
}

enum HeadsNotMixed: Mutant1 {
  static let note = Note(
    "1.7", caughtBy: "two tokens of two numbers",
    "what comes out of the heads is added as it is; the matrix output mixes it first")
  static func block(_ x: Tensor, _ weights: BlockWeights, heads: Int) throws -> Tensor {
    let y = x + context(normalised(x, weights.norm1), weights, heads)
    return y + treated(normalised(y, weights.norm2), weights)
  }
}
