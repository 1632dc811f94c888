/// Memory of one task.
struct Scratch {
  /// What the memory holds at first.
  enum Contents { case garbage, zeros }

  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  private var taken = 0

  /// Room for `count` floats.
  init(_ count: Int, _ contents: Contents) {
    self.count = count
    pointer = Memory.allocate(count)
    if contents == .zeros { pointer.update(repeating: 0, count: count) }
  }

  /// The next `count` floats.
  mutating func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    defer { taken += count }
    return pointer + taken
  }

  func free() { Memory.free(pointer, count) }
}
