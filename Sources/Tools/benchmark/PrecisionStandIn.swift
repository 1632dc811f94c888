// STANDS IN until TensorCore has precisions: delete this file then.

enum Precision: String, Codable, Sendable {
  case f32, bf16
  static var fastest: Precision { .f32 }
}

func withPrecision<Result>(
  _ precision: Precision, _ body: () throws -> Result
) rethrows -> Result { try body() }
