import Kernels

/// Rows of a table [V, D] by their ids in 0 ..< V: ids [...] → [..., D].
///
/// The gradients of a row that occurs several times add up.
public func embedding(_ table: Tensor, _ ids: IndexTensor) -> Tensor {
  precondition(table.rank == 2, "embedding: a table is [V, D], got shape \(table.shape)")
  ids.check(below: table.shape[0], "id")
  let width = table.shape[1]
  let y = Tensor(uninitialized: ids.shape + [width])
  gatherRows(ids.values.count, width: width, table.pointer, ids.values, y.pointer)
  return y.recorded(from: table) { dy in
    let dTable = Tensor.zeros(table.shape)
    scatterRows(ids.values.count, width: width, dy.pointer, ids.values, dTable.pointer)
    table.receive(dTable)
  }
}
