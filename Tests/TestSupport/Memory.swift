import Foundation

/// Limits this process to `bytes` more of address space; allocations beyond that fail. Peak memory
/// alone would not show memory that was allocated and never touched.
///
/// Throws an error of Foundation's if the present size cannot be read.
public func limitMemory(toFurther bytes: Int) throws {
  #if os(Linux)
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).prefix { $0 != " " }
    let limit = rlim_t((Int(pages) ?? 0) * Int(getpagesize()) + bytes)
    var limits = rlimit(rlim_cur: limit, rlim_max: limit)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits)
  #endif
}
