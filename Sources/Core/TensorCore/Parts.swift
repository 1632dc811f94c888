// Large sets in parts, so that memory is needed for one part only.

extension Range<Int> {
  /// This range cut into consecutive parts of `size`; the last may be shorter.
  ///
  ///     (0..<150).parts(of: 64)  // [0..<64, 64..<128, 128..<150]
  public func parts(of size: Int) -> [Range<Int>] {
    precondition(size > 0, "a part has 1 or more places, not \(size)")
    return stride(from: lowerBound, to: upperBound, by: size).map { start in
      start..<Swift.min(start + size, upperBound)
    }
  }
}

/// Runs a model over `count` examples, `size` at a time and without gradient. Called with the
/// places of a part, `body` returns its results [part, ...]; together they are [count, ...].
///
///     let features = inParts(of: 64, count: images.shape[0]) { part in
///       model(images.sliced(axis: 0, part))  // [b, D]
///     }  // [B, D]
///
/// Throws what `body` throws.
public func inParts(
  of size: Int, count: Int, _ body: (Range<Int>) throws -> Tensor
) rethrows -> Tensor {
  precondition(count > 0, "a model needs 1 or more examples to run over, not \(count)")
  return try withoutGradient {
    concatenate(try (0..<count).parts(of: size).map(body), axis: 0)
  }
}
