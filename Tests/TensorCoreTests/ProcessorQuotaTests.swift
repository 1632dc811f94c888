import Foundation
import Kernels
import Testing

@Suite struct ProcessorQuotaTests {
  /// The quota when the process is in `group` and the groups have these `cpu.max`.
  private func quota(_ group: String, _ limits: [String: String]) throws -> Int? {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (path, limit) in limits {
      let place = folder.appending(path: "cgroup\(path)")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try limit.write(to: place.appending(path: "cpu.max"), atomically: true, encoding: .utf8)
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let membership = folder.appending(path: "membership")
    try group.write(to: membership, atomically: true, encoding: .utf8)
    return processorQuota(
      root: folder.appending(path: "cgroup").path, membership: membership.path)
  }

  @Test func `the least quota on the way to the root counts, rounded up`() throws {
    #expect(try quota("0::/\n", ["/": "200000 100000\n"]) == 2)
    #expect(try quota("0::/a/b\n", ["/a": "150000 100000\n", "/a/b": "max 100000\n"]) == 2)
    #expect(try quota("0::/a/b\n", ["/a": "800000 100000\n", "/a/b": "50000 100000\n"]) == 1)
    #expect(try quota("3:cpu:/x\n0::/a\n", ["/a": "300000 100000\n"]) == 3)
  }

  @Test func `without a quota there is no limit`() throws {
    #expect(try quota("0::/\n", [:]) == nil)
    #expect(try quota("0::/a\n", ["/a": "max 100000\n"]) == nil)
    #expect(try quota("0::/a\n", ["/a": "nonsense\n"]) == nil)
    #expect(try quota("0::/a\n", ["/a": "100000 0\n"]) == nil)
    #expect(try quota("7:cpu:/docker\n", ["/": "100000 100000\n"]) == nil)  // version 1
    #expect(processorQuota(membership: "/nowhere") == nil)
  }
}
