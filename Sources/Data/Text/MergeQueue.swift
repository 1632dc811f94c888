/// A priority queue of whole numbers, smallest first (a binary heap in an array).
///
/// Both users pack the sort key into the high bits of one number, which makes comparing cheap and
/// the order total: equal entries are identical, so the order of insertion does not matter.
package struct MergeQueue {
  private var heap: [UInt64] = []

  package init() {}

  package mutating func push(_ entry: UInt64) {
    var index = heap.count
    heap.append(entry)
    while index > 0 {
      let parent = (index - 1) / 2
      if heap[parent] <= entry { break }
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = entry
  }

  /// Removes the smallest entry and returns it; nil if there is none.
  package mutating func pop() -> UInt64? {
    guard let smallest = heap.first, let moved = heap.popLast() else { return nil }
    if heap.isEmpty { return smallest }
    // The last entry sinks from the top to its place.
    var index = 0
    while 2 * index + 1 < heap.count {
      var child = 2 * index + 1
      if child + 1 < heap.count && heap[child + 1] < heap[child] { child += 1 }
      if moved <= heap[child] { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = moved
    return smallest
  }
}
