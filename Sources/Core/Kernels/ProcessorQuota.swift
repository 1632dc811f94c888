// How many processors a container may use: the quota of its control groups, version 2.

import Foundation

/// The processors that the control groups of this process allow it, rounded up; nil without a quota.
///
/// A container with `--cpus=2` on a machine of 64 processors sees all 64 and gets the time of two:
/// more threads than that only take turns. The quota of a group is also that of the groups in it,
/// so the least one on the way to the root counts (Linux, Documentation/admin-guide/cgroup-v2).
///
/// - Parameters:
///   - root: Where control groups are mounted.
///   - membership: The file that names the group of the process.
public func processorQuota(
  root: String = "/sys/fs/cgroup", membership: String = "/proc/self/cgroup"
) -> Int? {
  guard let groups = try? String(contentsOfFile: membership, encoding: .utf8),
    let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })
  else { return nil }
  var group = String(line.dropFirst(3))  // "/" or "/a/b"
  var least: Double?
  while true {
    let path = "\(root)\(group == "/" ? "" : group)/cpu.max"  // "max 100000" or "150000 100000"
    let numbers = (try? String(contentsOfFile: path, encoding: .utf8))?
      .split(whereSeparator: \.isWhitespace).map { Double($0) }
    if let numbers, numbers.count == 2, let quota = numbers[0], let period = numbers[1], period > 0
    {
      least = min(least ?? .infinity, quota / period)
    }
    guard group != "/", let slash = group.lastIndex(of: "/") else { break }
    group = slash == group.startIndex ? "/" : String(group[..<slash])
  }
  return least.flatMap { $0.isFinite ? max(1, Int($0.rounded(.up))) : nil }
}
