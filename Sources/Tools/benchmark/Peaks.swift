// What the machine can do at most, measured by short loops when the program starts.

import CPeaks
import CSupport
import Kernels
import TensorCore

/// The limits that the rows are compared with, on all threads together.
struct Peaks: Encodable {
  /// Operations a second in fused multiply-adds of floats.
  let f32: Double
  /// The same with bf16 factors and sums in f32; nil where no instruction does it.
  let bf16: Double?
  /// The instruction for it.
  let bf16Instruction: String?
  /// Bytes a second of a triad a = b + s · c: two numbers read and one written.
  let bandwidth: Double?

  /// The peak for products in a precision.
  subscript(_ precision: Precision) -> Double? { precision == .f32 ? f32 : bf16 }

  static func measure() -> Peaks {
    let instruction = Precision.instruction
    return Peaks(
      f32: fastest(peaks_f32), bf16: instruction == nil ? nil : fastest(peaks_bf16),
      bf16Instruction: instruction, bandwidth: triad())
  }

  /// Operations a second: the fastest of ten runs, since nothing but a disturbance makes one slower.
  /// Each is cut into many short chunks, so that no thread waits long for another.
  private static func fastest(_ loop: (Int) -> Double) -> Double {
    let (rounds, chunks) = (40_000, 128 * Threads.count)
    let operations = loop(rounds) * Double(chunks)
    let times = (0..<10).map { _ in
      seconds { parallelFor(chunks) { _ in _ = loop(rounds) } }
    }
    return operations / (times.min() ?? .infinity)
  }

  /// Bytes a second over three arrays that together are larger than the caches of most machines; nil
  /// if there is no memory for them.
  private static func triad() -> Double? {
    let (count, part) = (1 << 26, 1 << 18)  // 256 MB each, in pieces of 1 MB
    let arrays = (0..<3).map { _ in support_allocate_large(count * 4) }
    defer { arrays.forEach { free($0) } }
    let pointers = arrays.compactMap { $0?.assumingMemoryBound(to: Float.self) }
    guard pointers.count == 3 else { return nil }
    let (a, b, c) = (pointers[0], pointers[1], pointers[2])
    parallelFor(count, grain: part) { range in
      for pointer in pointers { (pointer + range.lowerBound).update(repeating: 1, count: part) }
    }
    let times = (0..<7).map { _ in
      seconds {
        parallelFor(count, grain: part) { range in
          let i = range.lowerBound
          peaks_triad(a + i, b + i, c + i, 0.5, range.count)
        }
      }
    }
    return times.min().map { 12 * Double(count) / $0 }
  }
}

/// How long `body` takes.
func seconds(_ body: () -> Void) -> Double {
  let duration = ContinuousClock().measure(body).components
  return Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
}
