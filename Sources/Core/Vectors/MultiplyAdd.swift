extension SIMD where Scalar == Float {
  /// self + a · b in one rounding.
  @inlinable @inline(__always)
  public func adding(_ a: Self, times b: Self) -> Self { self.addingProduct(a, b) }
}
