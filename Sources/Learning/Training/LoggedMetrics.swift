import Files
import Foundation

extension TrainingFolder {
  /// What the log of the run holds under `name`, "loss" for instance, of all steps so far: also of
  /// those before the run was resumed. Steps without a finite number under this name are left out.
  /// Throws when there is no log.
  public func logged(_ name: String) throws(FileError) -> [(step: Int, value: Float)] {
    let bytes = try readFile("\(path)/log.jsonl", limit: 1_000_000_000)
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let values = try? JSONDecoder().decode([String: Double?].self, from: Data(line))
      guard let step = values?["step"] ?? nil, let value = values?[name] ?? nil else { return nil }
      return (Int(step), Float(value))
    }
  }
}
