// PowerSGD (Vogels, Karimireddy and Jaggi, 2019): the mean of gradients over ranks, of which only a
// low-rank approximation travels. It also has the form in which DALL·E used it (Ramesh et al., 2021,
// section 2.5 and appendix E).
//
// Each rank sees a gradient as a matrix [m, n], adds what earlier steps left out, and all ranks do
//
//     P = mean of M Q              [m, r]   sent
//     P̂ = orthonormal basis of P   [m, r]
//     Q = mean of Mᵀ P̂             [n, r]   sent
//
// The mean gradient is taken to be P̂ Qᵀ, and each rank keeps the error M - P̂ Qᵀ for its next step. All
// is linear in M up to P̂, so the result depends only on the sum of M over the ranks.
//
// | | Vogels et al. | DALL·E |
// |---|---|---|
// | Q of the next step | this step's, made orthonormal | random, always the same |
// | basis | Gram and Schmidt's | Householder's, after adding 10⁻⁶ to P's diagonal |
// | matrices | as they are | transposed to m ≤ n, which makes the basis cheaper |
// | sent whole | vectors | also embeddings: `keepingWhole` names them |
//
// For DALL·E, a gradient stayed in the error buffer if that of another machine was not finite. Here a
// step that is skipped leaves no trace.

import Collectives
import NumberFormats
import TensorCore

/// Averages the gradients of a model over ranks by low-rank approximations. Every rank has one of
/// its own, made with the same arguments.
///
///     let compressor = GradientCompressor(model.parameters, rank: 4, seed: 7)
///     if let means = compressor.average(gradients, over: ranks) { … }
public final class GradientCompressor {
  /// Which of the two published forms is computed.
  public enum Variant: String, CaseIterable, Sendable {
    /// Vogels et al., algorithm 1: Q starts from that of the step before.
    case warmStarted = "warm-started"
    /// DALL·E, appendix E: Q is drawn once and never changes.
    case fixed
  }

  /// The bytes that this rank has handed to sums for gradients, four for each number.
  public private(set) var bytesSent = 0
  /// The bytes that it would have handed over without compression.
  public private(set) var bytesUncompressed = 0

  private let variant: Variant
  private let keepsErrors: Bool
  private let format: FloatFormat?
  private let shapes: [[Int]]
  private let matrices: [CompressedMatrix]
  /// The places of the parameters whose gradients travel whole.
  private let whole: [Int]
  /// Q of each matrix, [n, r].
  package private(set) var queries: [Tensor]
  /// What this rank's gradients have had that the means have not, [m, n] for each matrix.
  package private(set) var errors: [Tensor]

  /// A compressor for gradients of `parameters`, in this order.
  ///
  /// - Parameters:
  ///   - rank: r, the number of columns of P and Q; for smaller matrices the smaller of their sizes.
  ///   - seed: What Q is drawn from, for each parameter by its name.
  ///   - leastSaving: A matrix travels whole unless it has more than this many times the numbers of
  ///     P and Q.
  ///   - keepsErrors: Whether errors are kept for the next step. Without them training is worse.
  ///   - format: The format that errors, P and Q are rounded to, 1-6-9 for DALL·E. Numbers beyond its
  ///     largest become the largest.
  ///   - keepingWhole: Whether the gradient of the parameter of a name travels whole although it is a
  ///     matrix.
  public init(
    _ parameters: [(name: String, tensor: Tensor)], rank: Int, variant: Variant = .warmStarted,
    seed: UInt64, leastSaving: Float = 1, keepsErrors: Bool = true, format: FloatFormat? = nil,
    keepingWhole: (String) -> Bool = { _ in false }
  ) {
    precondition(rank > 0, "an approximation has rank 1 or more, not \(rank)")
    self.variant = variant
    self.keepsErrors = keepsErrors
    self.format = format
    shapes = parameters.map(\.tensor.shape)
    matrices = parameters.enumerated().compactMap { index, parameter in
      keepingWhole(parameter.name)
        ? nil
        : CompressedMatrix(
          parameter.name, parameter.tensor, at: index, rank: rank, leastSaving: leastSaving,
          isWide: variant == .fixed)
    }
    whole = Set(parameters.indices).subtracting(matrices.map(\.index)).sorted()
    let random = Random(seed: seed).split("PowerSGD")
    queries = matrices.map { matrix in
      var random = random.split(matrix.name)
      return .normal([matrix.columns, matrix.rank], &random)  // [n, r]
    }
    errors = matrices.map { .zeros([$0.rows, $0.columns]) }  // [m, n]
  }

  /// Whether the gradient of the parameter of this name is compressed.
  public func compresses(_ name: String) -> Bool { matrices.contains { $0.name == name } }

  /// The means over the ranks of gradients, one for each parameter, approximately. All ranks call
  /// this together, and receive the same bits.
  ///
  /// Nil if a gradient of any rank, or a sum, is NaN or infinite. Then no rank may take the step, and
  /// all is kept as it was before it: it is as if the step had not been.
  public func average(_ gradients: [Tensor], over ranks: any Collective) -> [Tensor]? {
    precondition(
      gradients.map(\.shape) == shapes,
      "gradients of shapes \(gradients.map(\.shape)) do not belong to parameters of \(shapes)")
    bytesUncompressed += 4 * gradients.reduce(0) { $0 + $1.count }
    return withoutGradient { withPrecision(.f32) { approximateMeans(gradients, ranks) } }
  }

  private func approximateMeans(_ gradients: [Tensor], _ ranks: any Collective) -> [Tensor]? {
    let sums = zip(matrices, errors).map { matrix, error in
      stored(matrix.matrix(of: gradients[matrix.index]) + error)  // M, [m, n]
    }
    let isFinite = (gradients + sums).allSatisfy { $0.firstNonFiniteIndex == nil }
    // Warm-started columns shrink and turn towards one another.
    let queries = variant == .warmStarted ? queries.map { gramSchmidt($0) } : queries
    var first = Message()
    first.append(Tensor(isFinite ? 0 : 1))
    for (sum, query) in zip(sums, queries) { first.append(stored(matmul(sum, query))) }  // [m, r]
    for index in whole { first.append(gradients[index]) }
    guard exchange(&first, ranks), first.next([]).item == 0 else { return nil }
    let bases = matrices.map { basis(of: stored(first.next([$0.rows, $0.rank]))) }  // [m, r]

    var second = Message()
    for (sum, basis) in zip(sums, bases) {
      second.append(stored(matmul(sum, basis, transposeA: true)))  // [n, r]
    }
    guard exchange(&second, ranks) else { return nil }

    var means = [Tensor](repeating: Tensor(0), count: shapes.count)
    for index in whole { means[index] = first.next(shapes[index]) }
    for (i, matrix) in matrices.enumerated() {
      let query = stored(second.next([matrix.columns, matrix.rank]))  // [n, r]
      let mean = matmul(bases[i], query, transposeB: true)  // [m, n]
      means[matrix.index] = matrix.gradient(of: mean)
      if keepsErrors { errors[i] = stored(sums[i] - mean) }  // [m, n]
      if variant == .warmStarted { self.queries[i] = query }
    }
    return means
  }

  /// Replaces the numbers of a message by their means over the ranks. Returns whether all are finite.
  private func exchange(_ message: inout Message, _ ranks: any Collective) -> Bool {
    bytesSent += 4 * message.values.count
    message.sum(over: ranks, times: 1 / Float(ranks.count))
    return message.values.allSatisfy(\.isFinite)
  }

  /// P̂ of P, [m, r].
  private func basis(of p: Tensor) -> Tensor {
    if variant == .warmStarted { return gramSchmidt(p) }
    let r = p.shape[1]
    p.update { for i in 0..<r { $0[i * r + i] += 1e-6 } }
    return householder(p)
  }

  /// A tensor as it is kept and sent.
  private func stored(_ x: Tensor) -> Tensor {
    format.map { x.rounded(to: $0).clamped(-$0.largest, $0.largest) } ?? x
  }
}

// MARK: - Checkpoints

extension GradientCompressor {
  /// What a checkpoint needs: `error.NAME`, the sum of the errors over the ranks, [m, n], and for the
  /// warm-started form `query.NAME`, Q, [n, r]. All ranks call this together, and receive the same.
  ///
  /// Since only the sum matters, each rank goes on with an equal share of it. So a run that goes on
  /// and one that is resumed have the same bits.
  public func state(over ranks: any Collective) -> [(name: String, tensor: Tensor)] {
    var message = Message()
    for error in errors { message.append(error) }
    message.sum(over: ranks)
    let totals = errors.map { message.next($0.shape) }  // [m, n]
    share(totals, among: ranks)
    return names.indices.map { i in
      (names[i], i < totals.count ? totals[i] : queries[i - totals.count] * 1)
    }
  }

  /// Goes on from a state, of any number of ranks. It must have the names and shapes of this one's.
  public func restore(_ state: [(name: String, tensor: Tensor)], over ranks: any Collective) {
    let own = errors + (variant == .warmStarted ? queries : [])
    precondition(
      state.map(\.name) == names && state.map(\.tensor.shape) == own.map(\.shape),
      "a state of \(state.map { "\($0.name) \($0.tensor.shape)" }) does not fit a compressor of "
        + "\(zip(names, own).map { "\($0) \($1.shape)" })")
    share(state.prefix(errors.count).map(\.tensor), among: ranks)
    if variant == .warmStarted {
      queries = state.dropFirst(errors.count).map { $0.tensor.detached * 1 }
    }
  }

  private var names: [String] {
    let names = matrices.map(\.name)
    return names.map { "error.\($0)" }
      + (variant == .warmStarted ? names.map { "query.\($0)" } : [])
  }

  private func share(_ totals: [Tensor], among ranks: any Collective) {
    errors = totals.map { stored($0.detached * (1 / Float(ranks.count))) }  // [m, n]
  }
}
