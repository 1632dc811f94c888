import Foundation

/// From here on this process may ask for `bytes` more of address space; what asks for more
/// fails. Peak memory alone would not show memory that was asked for and never touched.
public func limitMemory(toFurther bytes: Int) throws {
  #if os(Linux)
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).prefix { $0 != " " }
    let limit = rlim_t((Int(pages) ?? 0) * Int(getpagesize()) + bytes)
    var limits = rlimit(rlim_cur: limit, rlim_max: limit)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits)
  #endif
}
