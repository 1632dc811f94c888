import Foundation

/// The bytes that this user may still write on the disk of the folder at `path`, or of the first
/// folder above it that exists; nil if the system does not say. Quotas are not counted.
public func freeSpace(at path: String) -> Int? {
  var status = statvfs()
  var url = URL(fileURLWithPath: path)
  while statvfs(url.path, &status) != 0 {
    if url.path == "/" { return nil }
    url.deleteLastPathComponent()
  }
  // Some file systems have no size.
  return status.f_blocks == 0 ? nil : Int(status.f_bavail) * Int(status.f_frsize)
}

/// Checks that the disk of a folder has room for what a run will write there, so that a small disk
/// is found out before hours are spent.
///
/// - Parameters:
///   - needed: The bytes that will be written.
///   - free: The bytes that are free; nil if that is not known, which is no error.
/// - Throws: A `TrainingError` that says both numbers if the disk is too small.
public func checkRoom(for needed: Int, in folder: String, free: Int?) throws(TrainingError) {
  if let free, free < needed { throw .diskTooSmall(folder: folder, needed: needed, free: free) }
}
