extension SIMD where Scalar == Float {
  /// self + a · b in two roundings: WebAssembly has no instruction that does it in one.
  @inlinable @inline(__always)
  public func adding(_ a: Self, times b: Self) -> Self { self + a * b }
}
