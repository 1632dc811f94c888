import Checkpoints
import Files
import Foundation
import Optimization

/// The measurements of one training step.
public struct Metrics {
  /// The loss, which must be finite.
  public let loss: Float
  /// Other measurements, by name, for the log.
  public private(set) var others: [(name: String, value: Float)] = []

  /// The loss and other measurements. Names consist of letters, digits, `_`, `-`, `/` and `.`.
  public init(loss: Float, _ others: KeyValuePairs<String, Float> = [:]) {
    self.loss = loss
    for (name, value) in others { add(name, value) }
  }

  /// Adds a measurement that is not made in every step.
  public mutating func add(_ name: String, _ value: Float) {
    precondition(
      name.wholeMatch(of: #/[\p{L}\p{N}_\/.-]+/#) != nil
        && !["step", "loss", "rate", "gradient_norm", "seconds"].contains(name),
      "a metric cannot be called \"\(name)\"")
    others.append((name, value))
  }
}

/// The measurements of every step, one line of JSON each:
///
///     {"step":41,"loss":2.314,"rate":0.001,"gradient_norm":0.87,"seconds":0.031,"accuracy":0.25}
///
/// Lines are only appended, so that they survive when the program is killed. A resumed run first
/// cuts off the lines of the steps that it is about to repeat.
final class MetricsLog {
  private let path: String
  private let file: Int32

  /// Opens or makes the log in `folder`, and keeps other programs from training there.
  ///
  /// Throws a `CheckpointError` if the log cannot be opened, or a `TrainingError` if another
  /// program is training there.
  ///
  /// - Parameter lock: Locks a file and returns 0 or the number of the system's error.
  init(
    in folder: String, lock: (Int32) -> Int32 = { flock($0, LOCK_EX | LOCK_NB) == 0 ? 0 : errno }
  ) throws {
    path = "\(folder)/log.jsonl"
    file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw failure() }
    // The system releases the lock when the program ends, however it ends. A program that is just
    // ending, or starting another one, may hold it a moment longer.
    var tries = 0
    while case let number = lock(file), number != 0 {
      // Some network folders have no locks.
      guard number == EWOULDBLOCK || number == EINTR else {
        throw failure("it cannot be locked: ", number: number)
      }
      tries += 1
      if tries > 40 { throw TrainingError.inUse(folder: folder) }
      usleep(50_000)
    }
  }

  deinit { if file >= 0 { close(file) } }

  /// Cuts off the lines of step `step` and later, and a last line that was not finished.
  func cut(from step: Int) throws {
    struct Line: Decodable { let step: Int }
    let newline = UInt8(ascii: "\n")
    var kept = Data()
    if step > 0 {
      do throws(FileError) { kept = Data(try readFile(path, limit: 1 << 40)) } catch {
        throw CheckpointError.unwritable(file: path, reason: error.reason)
      }
    }
    while !kept.isEmpty {
      let start = kept.dropLast().lastIndex(of: newline).map { $0 + 1 } ?? 0
      if kept.last == newline,
        let line = try? JSONDecoder().decode(Line.self, from: kept[start...]), line.step < step
      {
        break
      }
      kept = kept[..<start]
    }
    guard ftruncate(file, off_t(kept.count)) == 0 else { throw failure() }
  }

  /// Appends a line.
  func append(
    step: Int, _ metrics: Metrics, rate: Float, gradientNorm: Float, seconds: Double
  ) throws {
    var line = "{\"step\":\(step),\"loss\":\(metrics.loss),\"rate\":\(rate)"
    line += ",\"gradient_norm\":\(gradientNorm),\"seconds\":\((seconds * 1e4).rounded() / 1e4)"
    for (name, value) in metrics.others {
      line += ",\"\(name)\":\(value.isFinite ? "\(value)" : "null")"
    }
    var rest = Array((line + "}\n").utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      // A disk that is almost full takes a part, and gives the reason when asked for the rest.
      if written < 0 && errno != EINTR { throw failure() }
      rest = rest.dropFirst(max(0, written))
    }
  }

  /// Waits until all lines are on the disk.
  func synchronize() throws {
    guard fsync(file) == 0 else { throw failure() }
  }

  /// The failure of the system's call that was the last one.
  private func failure(_ what: String = "", number: Int32 = errno) -> CheckpointError {
    .unwritable(file: path, reason: what + String(cString: strerror(number)))
  }
}
