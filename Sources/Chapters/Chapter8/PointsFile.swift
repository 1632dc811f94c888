// What was measured during a training.

import Files
import Foundation

/// Measurements beside the state of a training, where one that was stopped finds them again.
struct PointsFile<Point: Codable> {
  private let path: String

  /// The file in a training's folder.
  init(_ folder: String) { path = "\(folder)/points.json" }

  /// What is there so far; nothing before the first measurement.
  func read() throws -> [Point] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return try JSONDecoder().decode([Point].self, from: Data(readFile(path, limit: .max)))
  }

  func write(_ points: [Point]) throws {
    try AtomicFile.write(Array(JSONEncoder().encode(points)), to: path)
  }
}
