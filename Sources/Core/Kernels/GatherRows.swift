// Rows of a table by their number: the forward pass of an embedding, and its gradient. Rows are
// copied and added whole; look-ups share the threads, additions run in order.

/// y[i, :] = table[ids[i], :]
public func gatherRows(
  _ count: Int, width: Int, _ table: UnsafePointer<Float>, _ ids: UnsafePointer<Int32>,
  _ y: UnsafeMutablePointer<Float>
) {
  parallelFor(count, grain: max(1, elementGrain / max(width, 1))) { range in
    for i in range { (y + i * width).update(from: table + Int(ids[i]) * width, count: width) }
  }
}

/// table[ids[i], :] += x[i, :], in order, so that repeated ids add up the same way each time.
public func scatterRows(
  _ count: Int, width: Int, _ x: UnsafePointer<Float>, _ ids: UnsafePointer<Int32>,
  _ table: UnsafeMutablePointer<Float>
) {
  for i in 0..<count { accumulate(width, x + i * width, into: table + Int(ids[i]) * width) }
}
