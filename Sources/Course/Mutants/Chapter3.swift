import CourseKit
import Foundation
import Solutions
import TensorCore

let chapter3: [any Mutant3.Type] = [
  DivergenceAdded.self, BetaOnLikelihood.self, DivergenceTurned.self, ZeroTimesLogarithm.self,
  EntropyOnly.self, DivergenceReversed.self, SummedOverPlaces.self, LogarithmOfSoftmax.self,
  NoiseForgotten.self, OneLogarithm.self, NoiseOnProbabilities.self, NoiseSubtracted.self,
  Multiplied.self, NoiseNotDivided.self, LinearSchedule.self, NeverStops.self, HardCode.self,
  LogScaleAsScale.self, JacobianForgotten.self, LogTwoForgotten.self, SquaredDistance.self,
  MultipliedByScale.self, MapsToOne.self, NotCutOff.self, InverseOrder.self, MapsTwice.self,
  BitsForNats.self, DeadCodesCount.self, UsedCodes.self, EntropyNotPerplexity.self, TwoMeans.self,
  SumsOnly.self, SumOverPictures.self, BoundNotLoss.self,
]

enum DivergenceAdded: Mutant3 {
  static let note = Note(
    "3.1", caughtBy: "random tables, β from 0 to 6.6",
    "the divergence is added; it is a cost, so it should be subtracted")
  static func bound(prior: [Double], likelihood: [Double], guess: [Double], beta: Double) throws
    -> Double
  {
    try Reference3.bound(prior: prior, likelihood: likelihood, guess: guess, beta: -beta)
  }
}

enum BetaOnLikelihood: Mutant3 {
  static let note = Note(
    "3.1", caughtBy: "random tables, β from 0 to 6.6",
    "β weighs the likelihood; it should weigh the divergence")
  static func bound(prior: [Double], likelihood: [Double], guess: [Double], beta: Double) throws
    -> Double
  {
    let right = try Reference3.bound(prior: prior, likelihood: likelihood, guess: guess, beta: 1)
    let fit = zip(guess, likelihood).reduce(0) { $0 + $1.0 * log($1.1) }
    return right + (beta - 1) * fit
  }
}

enum DivergenceTurned: Mutant3 {
  static let note = Note(
    "3.1", caughtBy: "what is missing is KL(q ‖ p(z | x))",
    "this is KL(p ‖ q), weighted by the prior; the expectation is taken under q")
  static func bound(prior: [Double], likelihood: [Double], guess: [Double], beta: Double) throws
    -> Double
  {
    let fit = zip(guess, likelihood).reduce(0) { $0 + $1.0 * log($1.1) }
    return fit - beta * zip(guess, prior).reduce(0) { $0 + $1.1 * log($1.1 / max($1.0, 1e-12)) }
  }
}

enum ZeroTimesLogarithm: Mutant3 {
  static let note = Note(
    "3.1", caughtBy: "a guess that is sure",
    "0 · ln 0 is NaN for a computer and 0 for us: leave out codes with q = 0")
  static func bound(prior: [Double], likelihood: [Double], guess: [Double], beta: Double) throws
    -> Double
  {
    zip(guess, zip(prior, likelihood)).reduce(0) {
      $0 + $1.0 * (log($1.1.1) - beta * log($1.0 / $1.1.0))
    }
  }
}

enum EntropyOnly: Mutant3 {
  static let note = Note(
    "3.2", caughtBy: "chance, and three to one",
    "ln K is missing: this is the negative entropy, which is 0 for certainty and not for chance")
  static func divergence(_ logits: Tensor) throws -> Tensor {
    try Reference3.divergence(logits) - log(Float(logits.shape[logits.rank - 1]))
  }
}

enum DivergenceReversed: Mutant3 {
  static let note = Note(
    "3.2", caughtBy: "chance, and three to one",
    "this is KL(uniform ‖ q); the roles of q and the uniform distribution are exchanged")
  static func divergence(_ logits: Tensor) throws -> Tensor {
    -(logits.logSoftmax().mean(axis: -1) + log(Float(logits.shape[logits.rank - 1])))
  }
}

enum SummedOverPlaces: Mutant3 {
  static let note = Note(
    "3.2", caughtBy: "shape [2, 3, 3]",
    "everything is added up to one number; each place has a divergence of its own")
  static func divergence(_ logits: Tensor) throws -> Tensor {
    try Reference3.divergence(logits).sum()
  }
}

enum LogarithmOfSoftmax: Mutant3 {
  static let note = Note(
    "3.2", caughtBy: "certainty costs ln K",
    "softmax first and the logarithm after gives 0 · ln 0 = NaN: use logSoftmax")
  static func divergence(_ logits: Tensor) throws -> Tensor {
    let q = logits.softmax()
    return (q * (q.log() + log(Float(logits.shape[logits.rank - 1])))).sum(axis: -1)
  }
}

enum NoiseForgotten: Mutant3 {
  static let note = Note(
    "3.3", caughtBy: "equal noise, and noise that decides",
    "the largest logit always wins: the noise is missing")
  static func gumbelMax(_ logits: Tensor, uniform: Tensor) throws -> IndexTensor {
    logits.argmax(axis: 1)
  }
}

enum OneLogarithm: Mutant3 {
  static let note = Note(
    "3.3", caughtBy: "codes come as often as softmax says",
    "the noise has one logarithm: -ln u is exponential noise; Gumbel noise is -ln(-ln u)")
  static func gumbelMax(_ logits: Tensor, uniform: Tensor) throws -> IndexTensor {
    (logits - uniform.log()).argmax(axis: 1)
  }
}

enum NoiseOnProbabilities: Mutant3 {
  static let note = Note(
    "3.3", caughtBy: "codes come as often as softmax says",
    "the noise is added to the probabilities; it belongs on the logits")
  static func gumbelMax(_ logits: Tensor, uniform: Tensor) throws -> IndexTensor {
    try Reference3.gumbelMax(logits.softmax(), uniform: uniform)
  }
}

enum NoiseSubtracted: Mutant3 {
  static let note = Note(
    "3.3", caughtBy: "codes come as often as softmax says",
    "the noise has the wrong sign: Gumbel noise is -ln(-ln u), and it is added")
  static func gumbelMax(_ logits: Tensor, uniform: Tensor) throws -> IndexTensor {
    (logits + (-uniform.log()).log()).argmax(axis: 1)
  }
}

enum Multiplied: Mutant3 {
  static let note = Note(
    "3.4", caughtBy: "equal noise at temperature ½",
    "the logits are multiplied by the temperature; a low temperature must make them larger")
  static func gumbelSoftmax(_ logits: Tensor, uniform: Tensor, temperature: Float) throws -> Tensor
  {
    try Reference3.gumbelSoftmax(logits, uniform: uniform, temperature: 1 / temperature)
  }
}

enum NoiseNotDivided: Mutant3 {
  static let note = Note(
    "3.4", caughtBy: "random logits and noise",
    "only the logits are divided by the temperature; the noise should be, too")
  static func gumbelSoftmax(_ logits: Tensor, uniform: Tensor, temperature: Float) throws -> Tensor
  {
    (logits / temperature - (-uniform.log()).log()).softmax(axis: 1)
  }
}

enum HardCode: Mutant3 {
  static let note = Note(
    "3.4", caughtBy: "random logits and noise",
    "the result is a hard code of zeros and a one; DALL·E trains with the soft one")
  static func gumbelSoftmax(_ logits: Tensor, uniform: Tensor, temperature: Float) throws -> Tensor
  {
    try Reference3.gumbelSoftmax(logits, uniform: uniform, temperature: 1e-4)
  }
}

enum LinearSchedule: Mutant3 {
  static let note = Note(
    "3.4", caughtBy: "the schedule: start, quarter, half, end, and after",
    "the temperature falls linearly; it should follow half a cosine")
  static func temperature(at step: Int, of steps: Int, from start: Double, to end: Double) throws
    -> Double
  {
    start + (end - start) * min(1, Double(step) / Double(steps))
  }
}

enum NeverStops: Mutant3 {
  static let note = Note(
    "3.4", caughtBy: "the schedule: start, quarter, half, end, and after",
    "after the last step the cosine rises again: progress must stay at 1")
  static func temperature(at step: Int, of steps: Int, from start: Double, to end: Double) throws
    -> Double
  {
    end + (start - end) * (1 + cos(.pi * Double(step) / Double(steps))) / 2
  }
}

enum LogScaleAsScale: Mutant3 {
  static let note = Note(
    "3.5", caughtBy: "in the middle",
    "logScale is ln b; here it is taken for b itself")
  static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor {
    try Reference3.logitLaplace(x, mean: mean, logScale: logScale.abs().clamped(1e-6, 1e6).log())
  }
}

enum JacobianForgotten: Mutant3 {
  static let note = Note(
    "3.5", caughtBy: "the density has the integral 1",
    "-ln x - ln(1 - x) is missing: the logit stretches the axis, and densities change with it")
  static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor {
    try Reference3.logitLaplace(x, mean: mean, logScale: logScale) + x.log() + (1 - x).log()
  }
}

enum LogTwoForgotten: Mutant3 {
  static let note = Note(
    "3.5", caughtBy: "the density has the integral 1",
    "-ln 2 is missing: the density has two sides, so its integral would be 2")
  static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor {
    try Reference3.logitLaplace(x, mean: mean, logScale: logScale) + log(Float(2))
  }
}

enum SquaredDistance: Mutant3 {
  static let note = Note(
    "3.5", caughtBy: "random pixels",
    "the distance is squared as in a normal distribution; Laplace's has the absolute value")
  static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor {
    let right = try Reference3.logitLaplace(x, mean: mean, logScale: logScale)
    let distance = x.logit() - mean
    return right + (distance.abs() - distance.square()) / logScale.exp()
  }
}

enum MultipliedByScale: Mutant3 {
  static let note = Note(
    "3.5", caughtBy: "random pixels",
    "the distance is multiplied by b; a broad distribution penalises distance less, so divide")
  static func logitLaplace(_ x: Tensor, mean: Tensor, logScale: Tensor) throws -> Tensor {
    try Reference3.logitLaplace(x, mean: mean, logScale: -logScale) - logScale * 2
  }
}

enum MapsToOne: Mutant3 {
  static let note = Note(
    "3.6", caughtBy: "black, a quarter, white",
    "white becomes 1 and not 0.9: the line is 0.8 steep")
  static func mapPixels(_ x: Tensor) throws -> Tensor { x * 0.9 + 0.1 }
}

enum NotCutOff: Mutant3 {
  static let note = Note(
    "3.6", caughtBy: "what lies outside is cut off",
    "values below 0 and above 1 come out: a decoder's 0.95 must become 1")
  static func unmapPixels(_ x: Tensor) throws -> Tensor { (x - 0.1) / 0.8 }
}

enum InverseOrder: Mutant3 {
  static let note = Note(
    "3.6", caughtBy: "and back",
    "the inverse undoes the last step first: subtract 0.1, then divide by 0.8")
  static func unmapPixels(_ x: Tensor) throws -> Tensor { (x / 0.8 - 0.1).clamped(0, 1) }
}

enum MapsTwice: Mutant3 {
  static let note = Note(
    "3.6", caughtBy: "random pictures",
    "pixels are taken for bytes: they are in 0 … 1 already")
  static func mapPixels(_ x: Tensor) throws -> Tensor { x * (0.8 / 255) + 0.1 }
}

enum BitsForNats: Mutant3 {
  static let note = Note(
    "3.7", caughtBy: "two codes used alike",
    "the entropy is in bits, but the base of the power is e: use the same base in both")
  static func perplexity(_ codes: [Int], vocabulary: Int) throws -> Double {
    exp(log2(try Reference3.perplexity(codes, vocabulary: vocabulary)))
  }
}

enum DeadCodesCount: Mutant3 {
  static let note = Note(
    "3.7", caughtBy: "two codes used alike",
    "unused codes count as if they had occurred once; they should add nothing")
  static func perplexity(_ codes: [Int], vocabulary: Int) throws -> Double {
    let missing = Set(0..<vocabulary).subtracting(codes)
    return try Reference3.perplexity(codes + missing, vocabulary: vocabulary)
  }
}

enum UsedCodes: Mutant3 {
  static let note = Note(
    "3.7", caughtBy: "half, and two quarters",
    "this counts the codes that occur; perplexity also depends on how often each one does")
  static func perplexity(_ codes: [Int], vocabulary: Int) throws -> Double {
    Double(Set(codes).count)
  }
}

enum EntropyNotPerplexity: Mutant3 {
  static let note = Note(
    "3.7", caughtBy: "two codes used alike",
    "this is the entropy; the perplexity is e to its power")
  static func perplexity(_ codes: [Int], vocabulary: Int) throws -> Double {
    log(try Reference3.perplexity(codes, vocabulary: vocabulary))
  }
}
