import Files
import Testing

@Suite struct PeakMemoryTests {
  @Test func `peak memory counts what was used, also after it was given back`() async {
    await #expect(processExitsWith: .success) {
      let before = peakMemory()
      precondition(before > 1 << 20, "a running process has more than \(before) bytes")
      let size = 64 << 20
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
      bytes.initializeMemory(as: UInt8.self, repeating: 1, count: size)
      bytes.deallocate()
      // Linux counts pages for each processor and adds them up now and then.
      let growth = peakMemory() - before
      precondition(growth > size / 2, "\(size) bytes in use count as \(growth)")
    }
  }
}
