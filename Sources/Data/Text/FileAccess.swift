import Foundation

/// The bytes of a file of reasonable size: the largest vocabularies in use take some 20 MB.
func contents(of file: String) throws(TextError) -> Data {
  let limit = 64 << 20
  let data: Data
  do {
    let handle = try FileHandle(forReadingFrom: URL(filePath: file))
    defer { try? handle.close() }
    data = try handle.read(upToCount: limit + 1) ?? Data()
  } catch {
    throw .inaccessible(file: file, reason: reason(error))
  }
  if data.count > limit { throw .malformed(file: file, reason: "it is larger than 64 MB") }
  return data
}

/// Replaces the contents of `file` by `data`, or leaves it as it is.
func replace(_ file: String, with data: Data) throws(TextError) {
  let partial = "\(file).\(ProcessInfo.processInfo.processIdentifier).partial"
  do {
    try Data().write(to: URL(filePath: partial))
    let handle = try FileHandle(forWritingTo: URL(filePath: partial))
    defer { try? handle.close() }
    try handle.write(contentsOf: data)
    try handle.synchronize()
    if rename(partial, file) != 0 { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  } catch {
    unlink(partial)
    throw .inaccessible(file: file, reason: reason(error))
  }
}

/// The operating system's own words, where Foundation hides them.
private func reason(_ error: any Error) -> String {
  let outer = error as NSError
  let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError ?? outer
  let isSystems = inner.domain == NSPOSIXErrorDomain
  return isSystems ? String(cString: strerror(Int32(inner.code))) : inner.localizedDescription
}
