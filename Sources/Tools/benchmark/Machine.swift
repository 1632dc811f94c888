// Where and with what the figures were made.

import Files
import Foundation
import Kernels

/// The machine, its load, and the versions of what is compared.
struct Machine: Encodable {
  let processor: String
  let threads: Int
  /// Of the last minute when the program started; a quiet machine has less than 1.
  let load: Double
  let system: String
  let compiler: String
  /// PyTorch's version and what else the peer says of itself.
  var peer: String?

  static var current: Machine {
    var loads = [0.0]
    getloadavg(&loads, 1)
    return Machine(
      processor: processorName(), threads: Threads.count, load: loads[0],
      system: ProcessInfo.processInfo.operatingSystemVersionString, compiler: compilerVersion)
  }

  private static var compilerVersion: String {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift 6.2"
    #endif
  }
}
