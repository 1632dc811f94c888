// What a training of everything has made: times, losses, files.

import Checkpoints
import Files
import Foundation
import Training

/// The report of a run, for people and as JSON.
public struct BookReport: Codable, Sendable {
  /// A model of the run.
  public struct Model: Codable, Sendable {
    /// The name of its file, without a folder.
    public let file: String
    /// The bytes of the file.
    public let bytes: Int
    /// SHA-256 of the file.
    public let sha256: String
    /// The steps of all of its parts.
    public let steps: Int
    /// The time of its stage, in seconds.
    public let seconds: Double
    /// The last values that its parts logged, by name: losses, and what was measured on validation pictures.
    public let measures: [String: Double]
  }

  /// The models, in the order of the run.
  public var models: [Model] = []
  /// The most memory of the process that ended the run, in bytes.
  public let peakMemory: Int

  /// Reads what a run has left in its folder. `times` are the seconds of stages.
  ///
  /// Throws a `FileError` or a `CheckpointError` if files are missing.
  public init(_ training: BookTraining, times: [BookStage: Double]) throws {
    for stage in BookStage.allCases {
      var measures: [String: Double] = [:]
      for place in stage.folders {
        let name = place.split(separator: "/").last.map(String.init) ?? place
        // Of the loss the mean of a hundred steps, of what is measured now and then the last.
        for key in Self.measured {
          let values = try training.logged(key, in: place).suffix(key == "loss" ? 100 : 1)
          if values.isEmpty { continue }
          let mean = values.reduce(0) { $0 + Double($1.value) } / Double(values.count)
          measures[stage.folders.count > 1 ? "\(name) \(key)" : key] = mean
        }
      }
      let path = training.path(stage)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      models.append(
        Model(
          file: "\(stage.file).safetensors", bytes: size ?? 0,
          sha256: try SHA256.hex(ofFile: path),
          steps: training.recipes.steps(of: stage).reduce(0, +), seconds: times[stage] ?? 0,
          measures: measures))
    }
    peakMemory = Files.peakMemory()
  }

  private static let measured = [
    "loss", "validation", "validation_text", "validation_image", "psnr", "hard_bound",
    "perplexity", "used",
  ]
}

extension BookReport: CustomStringConvertible {
  /// A table of the models.
  public var description: String {
    var lines = [
      "file".left(24) + "steps".right(7) + "time".right(9) + "kB".right(7)
        + "  SHA-256        last losses and measures"
    ]
    for model in models {
      let values = model.measures.sorted { $0.key < $1.key }
        .map { "\($0) \(String(format: "%.4g", $1))" }.joined(separator: ", ")
      lines.append(
        model.file.left(24) + "\(model.steps)".right(7) + clock(model.seconds).right(9)
          + "\((model.bytes + 999) / 1000)".right(7) + "  \(model.sha256.prefix(12))…  \(values)")
    }
    let (seconds, bytes) = models.reduce((0.0, 0)) { ($0.0 + $1.seconds, $0.1 + $1.bytes) }
    lines.append(
      "together \(clock(seconds)), \((bytes + 999_999) / 1_000_000) MB, "
        + "at most \(peakMemory >> 20) MB of memory")
    return lines.joined(separator: "\n")
  }
}

/// Seconds as text: "48 s", "12 min", "1 h 05 min".
public func clock(_ seconds: Double) -> String {
  if seconds < 100 { return String(format: "%.0f s", seconds) }
  let minutes = Int((seconds / 60).rounded(.up))
  return minutes < 60
    ? "\(minutes) min" : "\(minutes / 60) h \(String(format: "%02d", minutes % 60)) min"
}

extension String {
  /// With spaces after it up to a width; what is longer stays.
  public func left(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  /// With spaces before it.
  public func right(_ width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}

extension BookTraining {
  /// The seconds of all steps of a stage, from its logs.
  public func secondsLogged(_ stage: BookStage) -> Double {
    stage.folders.reduce(0.0) { sum, place in
      let steps = (try? logged("seconds", in: place)) ?? []
      return sum + steps.reduce(0.0) { $0 + Double($1.value) }
    }
  }
}
