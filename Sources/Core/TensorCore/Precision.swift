import CSupport
import Kernels

/// The numbers that matrix products, linear layers and convolutions multiply: f32 or bf16.
public typealias Precision = Kernels.Precision

extension Precision {
  /// The precision of matrix products, linear layers and convolutions that this thread computes; f32 unless
  /// `withPrecision` says otherwise.
  public static var current: Precision { support_precision().pointee == 0 ? .f32 : .bf16 }
}

/// Runs `body` with the factors of matrix products, linear layers and convolutions rounded to `precision`, in their
/// backward passes too, whenever these run. Sums, and all other operations, are in f32.
public func withPrecision<Result>(
  _ precision: Precision, _ body: () throws -> Result
) rethrows -> Result {
  let before = support_precision().pointee
  support_precision().pointee = precision == .f32 ? 0 : 1
  defer { support_precision().pointee = before }
  return try body()
}
