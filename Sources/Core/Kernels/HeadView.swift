/// Rows of one head inside a bigger array: row t of head h of sequence b starts at
/// `pointer[b · batchStride + h · headStride + t · rowStride]`.
public struct HeadView {
  /// Row 0 of head 0 of sequence 0.
  public var pointer: UnsafeMutablePointer<Float>
  /// Distance between sequences.
  public var batchStride: Int
  /// Distance between heads.
  public var headStride: Int
  /// Distance between rows.
  public var rowStride: Int

  /// Wraps existing memory; nothing is copied.
  public init(
    _ pointer: UnsafeMutablePointer<Float>, batchStride: Int, headStride: Int, rowStride: Int
  ) {
    self.pointer = pointer
    self.batchStride = batchStride
    self.headStride = headStride
    self.rowStride = rowStride
  }

  func head(_ batch: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
    pointer + batch * batchStride + head * headStride
  }
}
