import Files
import Foundation

/// What full runs have kept: JSON by name, in memory if this run made it, else in a file beside the
/// record.
final class KeptData {
  private let files: ChapterFiles
  private var fresh: [String: [UInt8]] = [:]

  init(_ files: ChapterFiles) { self.files = files }

  func keep(_ name: String, _ value: some Encodable) throws {
    precondition(
      name.wholeMatch(of: #/[a-z0-9_-]+/#) != nil,
      "a name for kept data has small letters, digits, dashes and underscores, got \"\(name)\"")
    fresh[name] = try encoded(value, isReadable: false)
  }

  func value<Value: Decodable>(_ name: String) throws -> Value {
    let path = files.kept(name)
    let bytes: [UInt8]
    if let fresh = fresh[name] {
      bytes = fresh
    } else {
      do throws(FileError) { bytes = try readFile(path, limit: 100_000_000) } catch {
        throw NotebookError(
          "\(error); it is made by a full run: `swift run \(files.name) --train --record`")
      }
    }
    do {
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch {
      throw NotebookError(
        "\(path): does not hold \(Value.self); make it again with "
          + "`swift run \(files.name) --train --record`")
    }
  }

  /// Writes what this run has kept into files beside the record.
  func write() throws {
    for (name, bytes) in fresh.sorted(by: { $0.key < $1.key }) {
      try Notebook.write(bytes, to: files.kept(name))
    }
  }
}
