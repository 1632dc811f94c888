import Foundation

/// The most memory that this process has had so far, in bytes; 0 where the system does not say.
public func peakMemory() -> Int {
  #if os(Linux)
    // Not `getrusage`: on Linux it also counts what the parent had when it started this process.
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
    return (kilobytes.flatMap { Int($0) } ?? 0) << 10
  #else
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #endif
}
