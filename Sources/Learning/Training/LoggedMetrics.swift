import Files
import Foundation

extension TrainingFolder {
  /// The values of the metric `name`, for instance "loss", in the log of the run: of all steps so
  /// far, those before the run was resumed included. Steps without a finite value are left out.
  ///
  /// Throws a `FileError` if there is no log, or if it cannot be read.
  public func logged(_ name: String) throws(FileError) -> [(step: Int, value: Float)] {
    let bytes = try readFile("\(path)/log.jsonl", limit: 1_000_000_000)
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let values = try? JSONDecoder().decode([String: Double?].self, from: Data(line))
      guard let step = values?["step"] ?? nil, let value = values?[name] ?? nil else { return nil }
      return (Int(step), Float(value))
    }
  }
}
